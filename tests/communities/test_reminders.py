"""Reminders of meetings with a moved clock: over Shabbat, holidays, the change of clocks, and a worker that slept."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from communities.actions.reminders import fill_free_seats, send_due_reminders
from communities.enums import Coming, MeetingState, MembershipState
from communities.models import Meeting, Membership
from communities.tasks import keep_time
from munistem.commons.notices.models import Event, Notice
from tests.communities.factories import make_invitee, make_meeting
from tests.moments import ZONE, at

pytestmark = pytest.mark.django_db


def meeting_at(text, **fields):
    found = make_meeting(starts_at=at(text), invited_at=at("2026-01-01 10:00"), **fields)
    make_invitee(found)
    return found


def sent_between(first, last, step=10):
    """The moments, every ten minutes, at which something was sent."""
    now, sent = at(first), []
    while now <= at(last):
        if send_due_reminders(now):
            sent.append(f"{now:%a %d %H:%M}")
        now = (now.astimezone(ZoneInfo("UTC")) + timedelta(minutes=step)).astimezone(ZONE)
    return sent


def test_three_days_and_two_hours_before_and_never_twice():
    meeting_at("2027-01-14 10:00")  # a Thursday
    assert sent_between("2027-01-11 09:00", "2027-01-11 11:00") == ["Mon 11 10:00"]
    assert sent_between("2027-01-14 07:00", "2027-01-14 11:00") == ["Thu 14 08:00"]
    assert [event.data["is_soon"] for event in Event.objects.order_by("pk")] == [False, True]
    assert Notice.objects.count() == 2


def test_only_those_coming_or_silent_are_reminded():
    found = meeting_at("2027-01-14 10:00")
    silent = found.invitees.get().person
    coming = make_invitee(found, answer=Coming.ONLINE).person
    make_invitee(found, answer=Coming.NO)
    make_invitee(found, answer=Coming.COMING, waiting_since=timezone.now())
    gone = make_invitee(found).person
    Membership.objects.filter(person=gone).update(state=MembershipState.LEFT)
    send_due_reminders(at("2027-01-11 10:00"))
    assert set(Notice.objects.values_list("reader", flat=True)) == {silent.pk, coming.pk}


def test_reminder_that_falls_on_shabbat_waits_for_its_end():
    meeting_at("2027-01-12 11:00")  # a Tuesday: three days before is Shabbat
    assert sent_between("2027-01-09 10:00", "2027-01-10 12:00") == ["Sat 09 20:50"]


def test_meeting_after_shabbat_is_reminded_in_between():
    meeting_at("2027-01-09 21:30")
    assert sent_between("2027-01-09 18:00", "2027-01-09 22:00") == ["Sat 09 20:50"]


def test_meeting_within_shabbat_is_not_reminded_while_it_lasts():
    meeting_at("2027-01-09 19:00")
    assert sent_between("2027-01-09 15:00", "2027-01-09 23:00") == []


def test_two_days_of_new_year_and_a_shabbat_are_waited_for():
    # 2026-09-12 and 13, Shabbat and Sunday, are Rosh Hashanah: quiet from Friday to Sunday evening
    meeting_at("2026-09-15 09:00")
    assert sent_between("2026-09-11 15:00", "2026-09-14 10:00") == ["Sun 13 20:50"]


def test_hour_of_the_wall_stays_over_the_change_of_clocks():
    meeting_at("2027-03-28 10:00")  # summer time begins on Friday the 26th
    assert sent_between("2027-03-25 08:00", "2027-03-25 12:00") == ["Thu 25 10:00"]
    assert sent_between("2027-03-28 07:00", "2027-03-28 10:00") == ["Sun 28 08:00"]
    meeting_at("2027-11-02 01:30")  # winter time began on Sunday at two
    assert sent_between("2027-10-29 23:00", "2027-10-30 21:00") == ["Sat 30 20:50"]


def test_worker_that_slept_two_days_sends_nothing_late():
    meeting_at("2027-01-14 10:00")
    assert not send_due_reminders(at("2027-01-13 10:00"))  # was due on Monday
    assert not send_due_reminders(at("2027-01-14 09:30"))  # was due at eight
    assert not Event.objects.exists()
    late = meeting_at("2027-01-21 10:00")
    assert send_due_reminders(at("2027-01-18 15:00"))  # some hours late still helps
    late.refresh_from_db()
    assert late.reminded_days_at and not late.reminded_hours_at


def test_who_was_invited_just_now_is_reminded_only_before_it_begins():
    found = make_meeting(starts_at=at("2027-01-14 10:00"), invited_at=at("2027-01-11 08:00"))
    make_invitee(found)
    assert not send_due_reminders(at("2027-01-11 10:00"))
    assert send_due_reminders(at("2027-01-14 08:00"))


def test_meetings_that_do_not_take_place_are_not_reminded():
    found = meeting_at("2027-01-14 10:00")
    Meeting.objects.filter(pk=found.pk).update(
        state=MeetingState.CANCELLED,
        cancelled_at=timezone.now(),
        cancelled_by=found.created_by,
        cancelled_reason="Ill",
    )
    make_meeting(starts_at=at("2027-01-14 10:00"), state=MeetingState.DRAFT)
    assert not send_due_reminders(at("2027-01-11 10:00"))


def test_clock_sends_reminders_and_fills_seats(run_jobs):
    soon = timezone.now() + timedelta(hours=1, minutes=30)
    found = make_meeting(starts_at=soon, invited_at=timezone.now() - timedelta(days=9), capacity=1)
    make_invitee(found, answer=Coming.COMING, waiting_since=timezone.now())
    keep_time(timestamp=0)
    assert found.invitees.present().count() == 1
    assert fill_free_seats() == 0
