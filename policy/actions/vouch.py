"""An endorsement is vouched for again; member municipalities confirm their share in the one of their cluster."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from members.enums import OrganisationType
from members.models import Organisation
from munistem.commons import audit
from policy.actions.answer import TooLate, lock_all, take
from policy.emails import vouching as emails
from policy.enums import Cause
from policy.models import ElectionDay, Endorsement, EndorsementShare, Reconfirmation
from policy.models.period import beginning_of
from policy.models.vouching import vouched_before
from policy.rules.vouching import can_answer_share, can_reconfirm

#: So long after elections, when a new council is in office, and so long after the last word.
AFTER_ELECTIONS, AFTER_ALL = timedelta(days=60), timedelta(days=730)
ANSWER_WITHIN = timedelta(days=60)


# Again ---------------------------------------------------------------------------------------------------


def ask_whether_they_stand() -> None:
    """Ask after elections and every two years, once each; for the clock."""
    today = timezone.localdate()
    elections = ElectionDay.objects.filter(held_on__lte=today - AFTER_ELECTIONS).order_by("-held_on").first()
    if elections:
        moment = beginning_of(elections.held_on + timedelta(days=1))
        ask(vouched_before(moment).of_municipalities(), Cause.ELECTION)
    ask(vouched_before(timezone.now() - AFTER_ALL), Cause.TWO_YEARS)


@transaction.atomic
def ask(rows: Any, cause: Cause) -> None:
    """Ask about each of these; who acts for several hears of all in one letter."""
    lock_all(rows.values("organisation"))
    due_on = timezone.localdate() + ANSWER_WITHIN
    asked = [Reconfirmation(endorsement=row, cause=cause, due_on=due_on) for row in rows.with_ends()]
    emails.ask_whether_they_stand(Reconfirmation.objects.bulk_create(asked))


@transaction.atomic
def reconfirm(*, by: Any, endorsement: Endorsement) -> Reconfirmation:
    """Say that it still stands; a second time changes nothing. Raises TooLate when nothing was asked, or may not."""
    row = take(endorsement)
    if not can_reconfirm(by, row):
        raise TooLate
    asked = Reconfirmation.objects.filter(endorsement=row).order_by("-asked_at", "-pk").first()
    if asked is None:
        raise TooLate
    if asked.answered_at is None:
        asked.answered_at, asked.answered_by = timezone.now(), by
        asked.save(update_fields=["answered_at", "answered_by"])
        audit.record("reconfirm_endorsement", row, by=by, cause=asked.cause)
        emails.settle_standing(row)
    return asked


# Together ------------------------------------------------------------------------------------------------


def ask_for_shares(endorsement: Endorsement) -> list[EndorsementShare]:
    """Ask the member municipalities of a cluster whether they stand behind its endorsement."""
    organisation = endorsement.organisation
    if organisation.type != OrganisationType.CLUSTER or not organisation.cluster_id:
        return []
    if not Endorsement.objects.endorsing().filter(pk=endorsement.pk).exists():
        return []
    towns = Organisation.objects.members().filter(
        type=OrganisationType.MUNICIPALITY, authority__cluster=organisation.cluster_id
    )
    shares = EndorsementShare.objects.bulk_create(
        EndorsementShare(endorsement=endorsement, organisation=town)
        for town in towns.defer("search_vector").order_by("pk")
    )
    for share in shares:
        emails.ask_for_share(share)
    return shares


@transaction.atomic
def answer_share(*, by: Any, share: EndorsementShare, is_confirmed: bool) -> EndorsementShare:
    """Confirm or decline a municipality's share; said again in another way it counts as said last. Raises TooLate."""
    endorsement = take(share.endorsement)
    row = (
        EndorsementShare.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=share.pk)
    )
    row.endorsement = endorsement
    if not can_answer_share(by, row):
        raise TooLate
    if not row.is_waiting and bool(row.confirmed_at) == is_confirmed:
        return row
    now = timezone.now()
    row.confirmed_at, row.declined_at = (now, None) if is_confirmed else (None, now)
    row.answered_by = by
    row.save(update_fields=["confirmed_at", "declined_at", "answered_by"])
    audit.record("answer_share", endorsement, by=by, organisation=row.organisation_id, confirmed=is_confirmed)
    emails.settle_share(row)
    return row
