"""Series: several meetings planned at once, changed together, ended; invitations to later ones go out in time."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.actions.agenda import look_back
from communities.actions.meeting import OPEN, cancel_meeting, edit_meeting, invite, span
from communities.actions.membership import TooLate
from communities.actions.seats import lock
from communities.enums import MeetingState, Recurrence
from communities.models import AgendaItem, Meeting, Series
from munistem.commons import audit
from munistem.commons.days.quiet import is_quiet

STEPS = {
    Recurrence.WEEKLY.value: relativedelta(weeks=1),
    Recurrence.FORTNIGHTLY.value: relativedelta(weeks=2),
    Recurrence.MONTHLY.value: relativedelta(weeks=4),
    Recurrence.BIMONTHLY.value: relativedelta(weeks=8),
}
#: So long before a meeting that was planned with its series the members are invited to it.
INVITED_BEFORE = timedelta(days=21)
#: What the meetings of a series have in common.
SHARED = ("title", "purpose", "kind", "form", "place", "link", "capacity", "minutes_long")


def dates_after(first: datetime, recurrence: str, times: int) -> list[datetime]:
    """The next dates of a series, at the same weekday and hour of the clock."""
    local = timezone.localtime(first).replace(tzinfo=None)
    return [timezone.make_aware(local + STEPS[recurrence] * step) for step in range(1, times + 1)]


@transaction.atomic
def plan_later(*, by: Any, meeting: Meeting, times: int) -> list[Meeting]:
    """Write down so many more meetings of the series like this one; a date that stands already is left alone.

    After a planned meeting they stand in the calendar at once, and :func:`invite_in_time` invites to each.
    """
    row = lock(meeting)
    if not rules.can_lead_meeting(by, row) or row.series is None or row.starts_at is None:
        raise TooLate
    taken = set(row.series.meetings.filter(starts_at__isnull=False).values_list("starts_at", flat=True))
    dates = [date for date in dates_after(row.starts_at, row.series.rhythm, times) if date not in taken]
    state = MeetingState.PLANNED if row.is_planned else MeetingState.DRAFT
    shared = {name: getattr(row, name) for name in SHARED} | {
        "community": row.community,
        "series": row.series,
    }
    later = [
        Meeting.objects.create(state=state, created_by=by, **shared, **span(date, row.minutes_long))
        for date in dates
    ]
    lines = row.agenda.accepted().filter(is_review=False).in_order().values("title", "minutes", "position")
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=one, proposed_by=by, **line) for line in lines for one in later
    )
    look_back(row.community, by=by)
    audit.record("plan_series", row, by=by, meetings=[one.pk for one in later])
    return later


def invite_in_time(now: datetime | None = None) -> int:
    """Invite to meetings that were planned with their series, three weeks before; returns to how many.

    Rests on Shabbat and holidays; harmless when repeated. Worker asleep: invites late, as long as the meeting is to come.
    """
    now = now or timezone.now()
    if is_quiet(now):
        return 0
    due = Meeting.objects.planned().filter(series__isnull=False, invited_at__isnull=True)
    due = due.filter(community__archived_at__isnull=True)
    due = due.filter(starts_at__gt=now, starts_at__lte=now + INVITED_BEFORE)
    meetings = list(due.soonest_first())
    for meeting in meetings:
        invite(by=None, meeting=meeting)
    return len(meetings)


def later_of(meeting: Meeting) -> Iterable[Meeting]:
    """Meetings of the series after this one that can still be changed."""
    if meeting.series_id is None or meeting.starts_at is None:
        return Meeting.objects.none()
    rows = Meeting.objects.filter(series=meeting.series_id, state__in=OPEN, starts_at__gt=meeting.starts_at)
    return rows.exclude(pk=meeting.pk).soonest_first()


@transaction.atomic
def edit_this_and_later(*, by: Any, meeting: Meeting, recurrence: str = "", **fields: Any) -> list[Meeting]:
    """Change a meeting, and what is changed in it in all later ones of its series too; they move by as many days."""
    before = lock(meeting)
    later = list(later_of(before))
    first = edit_meeting(by=by, meeting=meeting, recurrence=recurrence, **fields)
    changed = {
        name: value for name, value in fields.items() if name in SHARED and getattr(before, name) != value
    }
    return [first, *(_follow(by, one, changed, before, first) for one in later)]


def _follow(by: Any, one: Meeting, changed: Mapping[str, Any], before: Meeting, after: Meeting) -> Meeting:
    fields = dict(changed)
    if one.starts_at and before.starts_at and after.starts_at and before.starts_at != after.starts_at:
        fields["starts_at"] = moved(one.starts_at, before.starts_at, after.starts_at)
    return edit_meeting(by=by, meeting=one, **fields) if fields else one


def moved(moment: datetime, before: datetime, after: datetime) -> datetime:
    """A moment shifted as another one was: by days, and to its hour of the clock."""
    old, new = (timezone.localtime(one).replace(tzinfo=None) for one in (before, after))
    return timezone.make_aware(timezone.localtime(moment).replace(tzinfo=None) + (new - old))


@transaction.atomic
def end_series(*, by: Any, series: Series, reason: str = "") -> Series:
    """End a series: no next one is planned from it. With a reason, its coming meetings are called off too. Twice is once."""
    row = (
        Series.objects.select_for_update(of=("self",), no_key=True)
        .select_related("community")
        .get(pk=series.pk)
    )
    if not rules.can_plan_meeting(by, row.community):
        raise TooLate
    if row.ended_at is None:
        row.ended_at, row.ended_by = timezone.now(), by
        row.save(update_fields=["ended_at", "ended_by"])
        audit.record("end_series", row, by=by)
    if reason:
        coming = Meeting.objects.filter(series=row, state__in=OPEN).order_by("pk")
        for meeting in coming:
            if not meeting.is_over:
                cancel_meeting(by=by, meeting=meeting, reason=reason)
    return row
