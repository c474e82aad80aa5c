"""Meetings: planned, asked about, invited to, changed, cancelled. Each deed locks the meeting."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.actions.agenda import look_back, tell_owner
from communities.actions.membership import TooLate
from communities.actions.seats import lock, move_up, tell_of_meeting
from communities.enums import Coming, MeetingState, Vote
from communities.models import (
    AgendaItem,
    Community,
    DateOption,
    DateVote,
    Invitee,
    Meeting,
    Membership,
    Series,
)
from munistem.commons import audit

OPEN = {MeetingState.DRAFT, MeetingState.POLL, MeetingState.PLANNED}
#: What a calendar entry shows: whoever is invited hears of a change in these.
TOLD = {"title", "starts_at", "ends_at", "form", "place", "link"}


@transaction.atomic
def plan_meeting(
    *,
    by: Any,
    community: Community,
    agenda: Iterable[tuple[str, int | None]] = (),
    recurrence: str = "",
    after: Meeting | None = None,
    starts_at: datetime | None = None,
    minutes_long: int = 90,
    **fields: Any,
) -> Meeting:
    """Write a meeting down as a draft that only facilitators see; :func:`invite` or :func:`ask_for_dates` come next.

    agenda: titles with minutes; recurrence: how often the series comes; after: the meeting whose series this continues;
    a form sent twice makes one draft.
    """
    Community.objects.select_for_update(no_key=True).only("pk").get(pk=community.pk)
    fields |= {"minutes_long": minutes_long, **span(starts_at, minutes_long)}
    lately = timezone.now() - timedelta(minutes=2)
    twin = community.meetings.filter(created_by=by, created_at__gt=lately, **fields).first()
    if twin:
        return twin
    series = series_of(community, recurrence, after)
    meeting = Meeting.objects.create(community=community, created_by=by, series=series, **fields)
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, title=title, minutes=minutes, position=place, proposed_by=by)
        for place, (title, minutes) in enumerate(agenda, 1)
    )
    look_back(community, by=by)
    audit.record("plan_meeting", meeting, by=by)
    return meeting


def span(starts_at: datetime | None, minutes: int) -> dict[str, datetime | None]:
    return {"starts_at": starts_at, "ends_at": starts_at and starts_at + timedelta(minutes=minutes)}


def series_of(community: Community, recurrence: str, after: Meeting | None) -> Series | None:
    """The series to go on with; begun with the meeting before when that stood alone, and anew when it has ended."""
    if not recurrence:
        return None
    series = Series.objects.filter(meetings=after, ended_at__isnull=True).first() if after else None
    if series is None:
        series = Series.objects.create(community=community, rhythm=recurrence)
        if after is not None and after.series_id is None:
            Meeting.objects.filter(pk=after.pk).update(series=series)
    elif series.rhythm != recurrence:
        series.rhythm = recurrence
        series.save(update_fields=["rhythm"])
    return series


@transaction.atomic
def invite(*, by: Any, meeting: Meeting) -> Meeting:
    """Make a draft a planned meeting and invite all members; raises TooLate without a date to come.

    Also one that was planned with its series and to which nobody was invited yet; by: None is the clock.
    """
    row = lock(meeting)
    if row.state == MeetingState.PLANNED and row.invited_at:
        return row
    is_open = row.state in {MeetingState.DRAFT, MeetingState.PLANNED}
    if not is_open or row.starts_at is None or row.is_over:
        raise TooLate
    return _invite(row, by=by)


def _invite(row: Meeting, *, by: Any) -> Meeting:
    row.state, row.invited_at = MeetingState.PLANNED, timezone.now()
    row.save(update_fields=["state", "invited_at", "starts_at", "ends_at"])
    members = Membership.objects.present().filter(community=row.community).values_list("person", flat=True)
    Invitee.objects.bulk_create(
        [Invitee(meeting=row, person_id=person) for person in members], ignore_conflicts=True
    )
    audit.record("invite_to_meeting", row, by=by, people=len(members))
    tell_invited("meeting_invited", row, by=by)
    for item in row.agenda.accepted().select_related("owner"):
        item.meeting = row
        tell_owner(item, by=by)
    return row


def tell_invited(kind: str, row: Meeting, *, by: Any, **data: Any) -> None:
    """Tell everybody who is invited and has not declined."""
    concerned = Invitee.objects.filter(meeting=row).exclude(answer=Coming.NO).of_members()
    people = get_user_model().objects.filter(pk__in=concerned.values("person"))
    tell_of_meeting(kind, row, people.only("pk", "is_active"), by=by, **data)


@transaction.atomic
def ask_for_dates(*, by: Any, meeting: Meeting, dates: Iterable[datetime]) -> Meeting:
    """Let the members vote on dates before one is fixed."""
    row = lock(meeting)
    if row.state == MeetingState.POLL:
        return row
    if row.state != MeetingState.DRAFT:
        raise TooLate
    DateOption.objects.bulk_create(DateOption(meeting=row, starts_at=date) for date in sorted(set(dates)))
    row.state, row.starts_at, row.ends_at = MeetingState.POLL, None, None
    row.save(update_fields=["state", "starts_at", "ends_at"])
    audit.record("ask_for_dates", row, by=by)
    members = Membership.objects.present().filter(community=row.community)
    people = get_user_model().objects.filter(pk__in=members.values("person"))
    tell_of_meeting("meeting_dates_asked", row, people.only("pk", "is_active"), by=by)
    return row


@transaction.atomic
def vote(*, by: Any, meeting: Meeting, votes: Mapping[int, str]) -> None:
    """Keep how dates suit a person (option key → Vote); raises TooLate when the date was fixed meanwhile."""
    row = lock(meeting)
    if not rules.can_vote_date(by, row):
        raise TooLate
    known = set(row.options.values_list("pk", flat=True))
    DateVote.objects.bulk_create(
        [DateVote(option_id=key, person=by, vote=Vote(vote)) for key, vote in votes.items() if key in known],
        update_conflicts=True,
        unique_fields=["option", "person"],
        update_fields=["vote"],
    )
    audit.record("vote_on_dates", row, by=by)


@transaction.atomic
def fix_date(*, by: Any, meeting: Meeting, option: DateOption) -> Meeting:
    """Choose one of the dates asked about, and invite; who voted yes is still asked to answer."""
    row = lock(meeting)
    if row.state == MeetingState.PLANNED and row.starts_at == option.starts_at:
        return row
    if row.state != MeetingState.POLL or option.meeting_id != row.pk or option.starts_at <= timezone.now():
        raise TooLate
    row.starts_at, row.ends_at = span(option.starts_at, row.minutes_long).values()
    audit.record("fix_date", row, by=by, option=option.pk)
    return _invite(row, by=by)


@transaction.atomic
def edit_meeting(*, by: Any, meeting: Meeting, recurrence: str = "", **fields: Any) -> Meeting:
    """Change a meeting; those invited hear of what their calendars show. Raises TooLate once it is closed or cancelled.

    fields: of the model; starts_at with minutes_long says when it ends.
    """
    row = lock(meeting)
    if row.state not in OPEN:
        raise TooLate
    if row.state == MeetingState.POLL:
        fields.pop("starts_at", None)
    else:
        fields |= span(fields.get("starts_at", row.starts_at), fields.get("minutes_long", row.minutes_long))
    changed = {field: value for field, value in fields.items() if getattr(row, field) != value}
    for field, value in changed.items():
        setattr(row, field, value)
    if row.state == MeetingState.PLANNED and row.starts_at is None:
        raise TooLate
    if "starts_at" in changed:
        row.reminded_days_at = row.reminded_hours_at = None
    is_told = row.state == MeetingState.PLANNED and not TOLD.isdisjoint(changed)
    row.sequence += is_told
    if recurrence:
        row.series = series_of(row.community, recurrence, row)
    row.save()
    if not changed:
        return row
    audit.record("edit_meeting", row, by=by, fields=sorted(changed))
    if is_told and not row.is_over:
        tell_invited("meeting_changed", row, by=by, is_moved="starts_at" in changed)
    if row.is_planned:
        move_up(row)
    return row


@transaction.atomic
def cancel_meeting(*, by: Any, meeting: Meeting, reason: str) -> Meeting:
    """Call a meeting off, with a reason for those who were invited; a draft or a vote on dates too."""
    row = lock(meeting)
    if row.state == MeetingState.CANCELLED:
        return row
    if row.state not in OPEN or row.is_over:
        raise TooLate
    state, row.state = row.state, MeetingState.CANCELLED
    row.cancelled_at, row.cancelled_by, row.cancelled_reason = timezone.now(), by, reason
    row.sequence += 1
    row.save()
    audit.record("cancel_meeting", row, by=by, reason=reason)
    if state == MeetingState.PLANNED:
        tell_invited("meeting_cancelled", row, by=by, why=reason)
    return row
