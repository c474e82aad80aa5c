"""Reminders of meetings, three days and two hours before: once, in time or not at all, and never on a day of rest."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from communities.actions.seats import fill_seats, lock, tell_of_meeting
from communities.enums import Coming
from communities.models import Invitee, Meeting
from munistem.commons import audit
from munistem.commons.days.quiet import next_allowed

DAYS, HOURS = timedelta(days=3), timedelta(hours=2)
#: A reminder that is later than this (the worker slept) is dropped: it would only be noise.
DAYS_LATE, HOURS_LATE = timedelta(hours=24), timedelta(hours=1)
#: The first reminder says nothing new to who was invited, or begins, so shortly before.
JUST_NOW = timedelta(hours=12)


def send_due_reminders(now: datetime | None = None) -> int:
    """Remind those who are coming or have not answered; returns of how many meetings. Harmless when done again."""
    now = now or timezone.now()
    near = Meeting.objects.planned().filter(starts_at__gt=now, starts_at__lte=now + DAYS + timedelta(hours=2))
    unmarked = near.filter(Q(reminded_days_at__isnull=True) | Q(reminded_hours_at__isnull=True))
    return sum(remind(pk, now) for pk in unmarked.values_list("pk", flat=True))


def is_days_due(meeting: Meeting, now: datetime) -> bool:
    """Three days before at the same hour of the clock, or after the rest in which that lies."""
    assert meeting.starts_at
    due = next_allowed(timezone.localtime(meeting.starts_at) - DAYS).astimezone(UTC)
    if meeting.invited_at and meeting.invited_at > due - JUST_NOW:
        return False
    return due <= now < min(due + DAYS_LATE, meeting.starts_at - JUST_NOW)


def is_hours_due(meeting: Meeting, now: datetime) -> bool:
    """Two hours before, or after the rest in which that lies, as long as the meeting has not begun."""
    assert meeting.starts_at
    due = next_allowed(meeting.starts_at - HOURS).astimezone(UTC)
    return due <= now < min(due + HOURS_LATE, meeting.starts_at)


@transaction.atomic
def remind(pk: int, now: datetime) -> bool:
    """Send what is due of one meeting and mark it in the same transaction; returns whether anything was."""
    row = lock(Meeting(pk=pk))
    if not row.is_planned:
        return False
    if row.reminded_hours_at is None and is_hours_due(row, now):
        row.reminded_hours_at = now
    elif row.reminded_days_at is None and is_days_due(row, now):
        row.reminded_days_at = now
    else:
        return False
    row.save(update_fields=["reminded_hours_at", "reminded_days_at"])
    concerned = Invitee.objects.filter(meeting=row).of_members()
    concerned = concerned.filter(
        Q(answer=Coming.SILENT) | Q(answer__in=Invitee.PRESENT, waiting_since__isnull=True)
    )
    people = get_user_model().objects.filter(pk__in=concerned.values("person")).only("pk", "is_active")
    is_soon = row.reminded_hours_at == now
    tell_of_meeting("meeting_reminder", row, people, is_soon=is_soon)
    audit.record("remind_of_meeting", row, is_soon=is_soon)
    return True


def fill_free_seats() -> int:
    """Give seats of people who left a community to those who wait; returns how many moved up."""
    waiting = Invitee.objects.filter(meeting=OuterRef("pk"), waiting_since__isnull=False)
    meetings = Meeting.objects.upcoming().filter(Exists(waiting)).select_related("community")
    return sum(len(fill_seats(meeting=meeting)) for meeting in meetings.defer("community__search_vector"))
