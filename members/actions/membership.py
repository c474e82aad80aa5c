"""Member organisations kept by the admins: what they are called, and their leaving and coming back."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from members.actions.participation import participation_changed
from members.models import Invitation, Organisation
from munistem.commons import audit
from munistem.commons.search.actions import index
from munistem.commons.text.slugs import free_slug


@transaction.atomic
def save_organisation(*, by: Any, organisation: Organisation) -> Organisation:
    """Keep a new or changed organisation; its people are found by its names."""
    deed = "edit_organisation" if organisation.pk else "create_organisation"
    organisation.sort_name = organisation.name_he or organisation.name
    organisation.slug = organisation.slug or free_slug(Organisation, organisation.sort_name)
    organisation.save()
    audit.record(deed, organisation, by=by)
    index(organisation)
    for mandate in organisation.team:
        index(mandate.person)
    return organisation


def lock(organisation: Organisation) -> Organisation:
    return Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)


@transaction.atomic
def end_membership(*, by: Any, organisation: Organisation) -> Organisation:
    """The organisation leaves the network: its people no longer act for it, what they wrote stays. Harmless twice."""
    row = lock(organisation)
    if row.left_on is None:
        row.left_on = max(timezone.localdate(), row.joined_on)
        row.save(update_fields=["left_on"])
        Invitation.objects.waiting().filter(organisation=row).update(revoked_at=timezone.now())
        audit.record("end_membership", row, by=by)
        follow(row)
    return row


@transaction.atomic
def renew_membership(*, by: Any, organisation: Organisation) -> Organisation:
    """An organisation that left is a member again, with the mandates that had not been ended."""
    row = lock(organisation)
    if row.left_on is not None:
        row.left_on = None
        row.save(update_fields=["left_on"])
        audit.record("renew_membership", row, by=by)
        follow(row)
    return row


def follow(organisation: Organisation) -> None:
    for mandate in organisation.team:
        participation_changed(mandate.person)
