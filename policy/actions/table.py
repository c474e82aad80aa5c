"""The work on a roundtable: who is invited, what was said, what becomes part of a draft."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from communities.models import Meeting
from munistem.commons import audit
from policy import rules
from policy.actions.version import OutOfTurn, take
from policy.models import (
    Contribution,
    RecommendationVersion,
    Roundtable,
    RoundtableMeeting,
    RoundtableSeat,
    VersionSource,
)

SEAT = (
    *("person", "name", "organisation", "table", "gender", "sector", "district", "language", "role"),
    *("invited_on", "answer", "was_present"),
)


class SeatTaken(Exception):
    """The person has a seat already."""


class InUse(Exception):
    """It became part of a version that is past its draft, or something hangs on it."""


def lock(roundtable: Roundtable, *, by: Any) -> Roundtable:
    """The roundtable under lock, for who may work on it. Raises OutOfTurn."""
    row = Roundtable.objects.select_for_update(no_key=True).get(pk=roundtable.pk)
    if not rules.can_keep_roundtable(by, row):
        raise OutOfTurn
    return row


@transaction.atomic
def save_seat(
    *, by: Any, roundtable: Roundtable, seat: RoundtableSeat | None = None, **told: Any
) -> RoundtableSeat:
    """Invite someone, or say what is known of them; a name that stands on the list with its organisation stands once.

    told: fields of the seat. Raises OutOfTurn, SeatTaken.
    """
    row = lock(roundtable, by=by)
    seat = seat or named_alike(row, told) or RoundtableSeat(roundtable=row)
    if (person := told.get("person")) and row.seats.filter(person=person).exclude(pk=seat.pk).exists():
        raise SeatTaken
    for name in SEAT:
        if name in told:
            setattr(seat, name, told[name])
    fill_from_organisation(seat)
    seat.save()
    audit.record("save_seat", row, by=by, seat=seat.pk)
    return seat


def named_alike(roundtable: Roundtable, told: dict[str, Any]) -> RoundtableSeat | None:
    """The seat that a form sent twice made first: of the same name and organisation, of nobody in the portal."""
    if told.get("person") or not told.get("name"):
        return None
    rows = roundtable.seats.filter(name=told["name"], organisation=told.get("organisation"), person=None)
    return rows.first()


def fill_from_organisation(seat: RoundtableSeat) -> None:
    """Sector and district of the organisation, where nothing else was said."""
    if organisation := seat.organisation:
        seat.sector = seat.sector or organisation.type
        if not seat.district and organisation.authority:
            seat.district = organisation.authority.district


@transaction.atomic
def remove_seat(*, by: Any, seat: RoundtableSeat) -> None:
    """Take someone off the list. Raises OutOfTurn, InUse when they said something."""
    row = lock(seat.roundtable, by=by)
    try:
        RoundtableSeat.objects.filter(pk=seat.pk).delete()
    except ProtectedError as refusal:
        raise InUse from refusal
    audit.record("remove_seat", row, by=by, seat=seat.pk)


def sitting(
    roundtable: Roundtable, held_on: date | None, community_meeting: Meeting | None = None
) -> RoundtableMeeting | None:
    """The sitting of a day, made when it is new; a meeting of a community says on which day it was."""
    if community_meeting and community_meeting.starts_at:
        held_on = timezone.localdate(community_meeting.starts_at)
    if held_on is None:
        return None
    row = roundtable.meetings.filter(held_on=held_on).order_by("pk").first()
    row = row or RoundtableMeeting.objects.create(roundtable=roundtable, held_on=held_on)
    if community_meeting and row.community_meeting_id != community_meeting.pk:
        row.community_meeting = community_meeting
        row.save(update_fields=["community_meeting"])
    return row


@transaction.atomic
def save_contribution(
    *,
    by: Any,
    roundtable: Roundtable,
    text: str,
    language: str,
    table: int | None = None,
    held_on: date | None = None,
    community_meeting: Meeting | None = None,
    seat: RoundtableSeat | None = None,
    is_named: bool = False,
    nonce: UUID | None = None,
    contribution: Contribution | None = None,
) -> Contribution:
    """Write down what was said; a new form sent again answers with what it made first.

    Raises OutOfTurn, InUse when its words became part of a version past its draft.
    """
    row = lock(roundtable, by=by)
    if contribution is None and nonce and (known := row.contributions.filter(nonce=nonce).first()):
        return known
    if contribution is None:
        last = row.contributions.aggregate(last=Max("position"))["last"]
        contribution = Contribution(roundtable=row, recorded_by=by, nonce=nonce, position=(last or 0) + 1)
    elif (contribution.text, contribution.language) != (text, language) and is_settled(contribution):
        raise InUse
    contribution.text, contribution.language, contribution.table = text, language, table
    contribution.meeting, contribution.seat = sitting(row, held_on, community_meeting), seat
    contribution.is_named = is_named and seat is not None
    contribution.save()
    audit.record("save_contribution", row, by=by, contribution=contribution.pk)
    return contribution


def is_settled(contribution: Contribution) -> bool:
    """Whether it became part of a version that is past its draft."""
    return contribution.uses.exclude(version__state="draft").exists()


@transaction.atomic
def remove_contribution(*, by: Any, contribution: Contribution) -> None:
    """Take away what was written down by mistake. Raises OutOfTurn, InUse."""
    row = lock(contribution.roundtable, by=by)
    if contribution.uses.exists():
        raise InUse
    contribution.delete()
    audit.record("remove_contribution", row, by=by)


@transaction.atomic
def gather(*, by: Any, version: RecommendationVersion, contributions: Iterable[Contribution]) -> int:
    """Make contributions part of what a draft grows out of; those there already stay. Answers how many came.

    Raises OutOfTurn when it is no draft or the person may not.
    """
    row = take(version)
    if not rules.can_write_version(by, row):
        raise OutOfTurn
    known = set(row.sources.values_list("contribution", flat=True))
    fresh = [
        one
        for one in contributions
        if one.pk not in known and one.roundtable_id == row.recommendation.roundtable_id
    ]
    VersionSource.objects.bulk_create(VersionSource(version=row, contribution=one) for one in fresh)
    if fresh:
        audit.record("gather", row.recommendation, by=by, contributions=[one.pk for one in fresh])
    return len(fresh)


@transaction.atomic
def scatter(*, by: Any, version: RecommendationVersion, contribution: Contribution) -> None:
    """Take a contribution out of a draft again; a second time changes nothing. Raises OutOfTurn."""
    row = take(version)
    if not rules.can_write_version(by, row):
        raise OutOfTurn
    if row.sources.filter(contribution=contribution).delete()[0]:
        audit.record("scatter", row.recommendation, by=by, contribution=contribution.pk)
