"""Letting an organisation in: it, its first manager and their first communities, all or nothing, once; and taking it back."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from communities.actions import membership
from communities.models import Community, Membership
from members import rules
from members.actions import application as applications
from members.actions.application import TooLate
from members.actions.mandate import give_mandate, person_of
from members.actions.membership import end_membership
from members.actions.organisation import remove, take_in
from members.actions.participation import participation_changed
from members.emails import application as emails
from members.enums import ApplicationState
from members.models import Application, Representative, User
from munistem.commons import audit
from munistem.commons.audit.actions import history


@transaction.atomic
def admit(*, by: Any, application: Application, note: str = "") -> Application:
    """Approve an application and do everything that follows; a second click changes nothing.

    note: a few words of the admin, put into the letter. Raises TooLate when it is decided or taken back already,
    MemberAlready when the organisation is in the network, AccountClosed when the applicant's account was deactivated.
    """
    row = applications.lock(application)
    if not rules.can_decide_application(by, row):
        raise TooLate
    organisation, is_new = take_in(by=by, application=row)
    person = person_of(
        by=by,
        email=row.email,
        name=row.contact_name,
        language=row.language,
        role=row.role,
        phone=row.phone,
    )
    mandate = give_mandate(by=by, organisation=organisation, person=person, role=row.role, is_manager=True)
    joined = join_first_communities(by=by, person=person)
    applications.decide(row, ApplicationState.APPROVED, by=by, organisation=organisation)
    made = {"organisation": organisation.pk, "is_new": is_new, "mandate": mandate.pk, "memberships": joined}
    audit.record("approve_application", row, by=by, person=person.pk, note=note, **made)
    with emails.in_language_of(row):
        emails.send(emails.approval(row, note), row)
    emails.welcome(row, person, by=by)
    tell_joined(row)
    return row


def join_first_communities(*, by: Any, person: User) -> list[int]:
    """Make the person a member of the default communities; answers the keys of the memberships that are new."""
    joined = []
    for community in Community.objects.current().filter(is_default=True).order_by("pk"):
        known = Membership.objects.filter(community=community, person=person).first()
        if known is None:
            joined.append(membership.add_member(by=by, community=community, person=person).pk)
        elif not known.is_active:
            membership.add_member(by=by, community=community, person=person)
    return joined


def tell_joined(application: Application) -> None:
    """Those whose applications were joined to this one can ask to join the team now."""
    if application.organisation:
        for other in application.merged.select_related("authority", "cluster"):
            with emails.in_language_of(other):
                emails.send(emails.team_opened(other, application.organisation), other)


@transaction.atomic
def undo_admission(*, by: Any, application: Application) -> Application:
    """Take an approval back within a day: the application is in review again and the person is told.

    What the admission made is removed where nothing depends on it yet; else the mandate ends and the organisation
    leaves. Raises TooLate.
    """
    row = applications.lock(application)
    if not rules.can_undo_admission(by, row) or row.organisation is None:
        raise TooLate
    made = history(row).filter(deed="approve_application").values_list("details", flat=True)[0]
    organisation = row.organisation
    row.state, row.organisation = ApplicationState.IN_REVIEW, None
    row.decided_at = row.decided_by = None
    row.save(update_fields=["state", "organisation", "decided_at", "decided_by"])
    leave_first_communities(made["memberships"])
    mandate = Representative.objects.select_related("person").get(pk=made["mandate"])
    person = mandate.person
    if not end_all(by, mandate, organisation, is_new=made["is_new"]):
        mandate.until_on, mandate.ended_by = max(timezone.localdate(), mandate.from_on), by
        mandate.save(update_fields=["until_on", "ended_by"])
        end_membership(by=by, organisation=organisation)
    participation_changed(person)
    audit.record("undo_admission", row, by=by, organisation=organisation.pk)
    with emails.in_language_of(row):
        emails.send(emails.taking_back(row), row)
    return row


class Kept(Exception):
    """Something depends on the organisation already."""


def end_all(by: Any, mandate: Representative, organisation: Any, *, is_new: bool) -> bool:
    """Remove mandate and organisation together; answers False, and changes nothing, where something depends on them."""
    try:
        with transaction.atomic():
            Representative.objects.filter(pk=mandate.pk).delete()
            if not is_new or not remove(by=by, organisation=organisation):
                raise Kept
    except Kept:
        return False
    return True


def leave_first_communities(joined: list[int]) -> None:
    """Remove the memberships that the admission made, unless the person facilitates by now."""
    for row in Membership.objects.filter(pk__in=joined, is_facilitator=False).select_related("community"):
        community = membership.lock(row.community)
        row.delete()
        membership.count(community)
