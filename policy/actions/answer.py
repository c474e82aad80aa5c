"""A municipality answers a recommendation, and takes its answer back."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from members.models import Organisation
from munistem.commons import audit
from munistem.commons.files.actions import store
from policy import emails, rules
from policy.enums import EndorsementState, Stance
from policy.models import Endorsement, Recommendation, RecommendationVersion


class NoMandate(Exception):
    """The person does not act for the organisation, or it is none that answers recommendations."""


class StillWaiting(Exception):
    """An answer of the organisation waits already; it stands in ``endorsement``."""

    def __init__(self, endorsement: Endorsement):
        super().__init__(endorsement)
        self.endorsement = endorsement


class DecidedTomorrow(Exception):
    """The date of the decision lies ahead."""


class NotInForce(Exception):
    """The network does not stand by the recommendation (yet, or any more)."""


class TooLate(Exception):
    """The answer is not (or no longer) in the state that the deed needs."""


def lock(organisation_id: int) -> Organisation:
    """The organisation's row, so that what becomes of its answers happens one after another."""
    rows = Organisation.objects.select_for_update(of=("self",), no_key=True).defer("search_vector")
    return rows.get(pk=organisation_id)


def lock_all(organisations: Any) -> None:
    """The rows of several, always in the same order, so that nobody waits for the other. organisations: their keys."""
    rows = Organisation.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=organisations)
    list(rows.order_by("pk").values_list("pk"))


@transaction.atomic
def endorse(
    *,
    by: Any,
    organisation: Organisation,
    recommendation: Recommendation,
    stance: str,
    mandate: str = "",
    decided_on: date | None = None,
    signed_page: Any = None,
    explanation: str = "",
    responsible: str = "",
    first_actions: str = "",
    target_on: date | None = None,
    nonce: UUID | None = None,
) -> Endorsement:
    """Answer for an organisation; the answer waits for an admin and replaces the one in force once confirmed.

    An endorsement names its mandate and the day it was decided, brings the signed page (an uploaded file) and says who does
    what first until when; any other answer explains itself. A form sent again answers with what it made first.
    It names the version that is in force. Raises NoMandate, StillWaiting (with the answer that waits), NotInForce,
    DecidedTomorrow.
    """
    organisation = lock(organisation.pk)
    answers = Endorsement.objects.filter(organisation=organisation, recommendation=recommendation)
    if nonce and (known := answers.filter(nonce=nonce).first()):
        return known
    if not rules.can_endorse(by, organisation):
        raise NoMandate
    if waiting := answers.waiting().first():
        raise StillWaiting(waiting)
    version = RecommendationVersion.objects.adopted().filter(recommendation=recommendation).first()
    if version is None:
        raise NotInForce
    is_endorsed = stance == Stance.ENDORSES
    if is_endorsed and decided_on and decided_on > timezone.localdate():
        raise DecidedTomorrow
    endorsement = Endorsement.objects.create(
        recommendation=recommendation,
        version=version,
        organisation=organisation,
        stance=stance,
        mandate=mandate if is_endorsed else "",
        decided_on=decided_on if is_endorsed else None,
        signed_page=store(signed_page, by=by) if is_endorsed and signed_page else None,
        explanation=explanation,
        responsible=responsible if is_endorsed else "",
        first_actions=first_actions if is_endorsed else "",
        target_on=target_on if is_endorsed else None,
        nonce=nonce,
        submitted_by=by,
    )
    audit.record("endorse", endorsement, by=by, stance=str(stance), mandate=endorsement.mandate)
    emails.tell_admins("endorsement_submitted", endorsement, by=by)
    return endorsement


@transaction.atomic
def revoke(*, by: Any, endorsement: Endorsement, reason: str) -> Endorsement:
    """Take back an answer that waits or is in force; what was said and reported stays on record.

    Raises TooLate when it is over already or the person may not.
    """
    row = take(endorsement)
    if not rules.can_revoke(by, row):
        raise TooLate
    was_in_force = row.state == EndorsementState.CONFIRMED
    row.state, row.ended_at, row.ended_by, row.ended_reason = (
        EndorsementState.REVOKED,
        timezone.now(),
        by,
        reason,
    )
    row.save(update_fields=["state", "ended_at", "ended_by", "ended_reason"])
    audit.record("revoke_endorsement", row, by=by, reason=reason)
    emails.settle(row)
    emails.tell_sender("endorsement_revoked", row, by=by, why=reason)
    if was_in_force and not by.is_staff:
        emails.tell_admins("endorsement_revoked", row, by=by, why=reason)
    return row


def take(endorsement: Endorsement) -> Endorsement:
    """The answer anew under lock, its organisation locked first."""
    organisation = lock(endorsement.organisation_id)
    rows = Endorsement.objects.select_for_update(of=("self",)).select_related(
        "recommendation", "submitted_by"
    )
    row = rows.get(pk=endorsement.pk)
    row.organisation = organisation
    return row
