"""Minutes and tasks by the clock: silence approves, days of rest put off, owners are reminded."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from communities import tasks
from communities.actions import gathering
from communities.actions import minutes as deeds
from communities.actions.membership import TooLate
from communities.enums import MinutesState
from communities.models import Decision, Minutes, Task
from munistem.commons.hooks import Hook
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_decision,
    make_held_meeting,
    make_task,
)
from tests.communities.test_minutes import sent, there
from tests.moments import moment

pytestmark = pytest.mark.django_db


def test_silence_approves_after_seven_days_and_not_before(leader, meeting):
    there(meeting)
    make_decision(meeting)
    make_task(meeting)
    minutes = sent(leader, meeting, moment(2026, 11, 1, 10))
    assert deeds.approve_due_minutes(moment(2026, 11, 8, 9, 59)) == 0
    assert deeds.approve_due_minutes(moment(2026, 11, 8, 10)) == 1
    assert deeds.approve_due_minutes(moment(2026, 11, 8, 10)) == 0
    minutes.refresh_from_db()
    assert (minutes.state, minutes.number) == (MinutesState.APPROVED, 1)
    assert minutes.fingerprint == deeds.fingerprint_of(minutes)
    assert Decision.objects.get().number == 1
    assert Task.objects.get().approved_at
    with pytest.raises(TooLate):
        deeds.edit_paragraph(
            by=leader, paragraph=minutes.paragraphs.in_order()[1], heading="", body="x", seen=1
        )
    with pytest.raises(TooLate):
        gathering.drop_decision(by=leader, decision=Decision.objects.get())
    with pytest.raises(TooLate):
        gathering.note_decision(by=leader, meeting=meeting, text="More", nonce=uuid4())


def test_shabbat_and_holidays_put_the_end_off(leader, meeting):
    friday = sent(leader, meeting, moment(2026, 11, 6, 17))  # Shabbat has begun a week later
    assert friday.approves_at == moment(2026, 11, 14, 20, 45)
    assert deeds.approve_due_minutes(moment(2026, 11, 14, 12)) == 0
    other = sent(leader, make_held_meeting(meeting.community, leader), moment(2026, 9, 5, 21))
    assert other.approves_at == moment(2026, 9, 13, 20, 45)  # after both days of Rosh Hashana
    assert deeds.approve_due_minutes(moment(2026, 9, 13, 20, 45)) == 1


def test_nothing_is_approved_on_a_day_of_rest_even_when_late(leader, meeting):
    sent(leader, meeting, moment(2026, 11, 5, 10))  # due on Thursday; the worker slept until Saturday
    assert deeds.approve_due_minutes(moment(2026, 11, 14, 10)) == 0
    assert deeds.approve_due_minutes(moment(2026, 11, 14, 21)) == 1


def test_an_unanswered_remark_holds_the_approval(leader, meeting):
    attendee = there(meeting)
    minutes = sent(leader, meeting)
    said = deeds.remark(by=attendee, paragraph=minutes.paragraphs.first(), body="I was there", nonce=uuid4())
    late = moment(2030, 1, 1, 10)
    assert deeds.approve_due_minutes(late) == 0
    deeds.answer_remark(by=leader, remark=said, is_taken_in=True)
    assert deeds.approve_due_minutes(late) == 1


def test_numbers_follow_each_other_in_each_community(leader, meeting):
    others = make_held_meeting()
    for one in [meeting, make_held_meeting(meeting.community, leader), others]:
        sent(one.created_by, one, moment(2026, 11, 1, 10))
    deeds.approve_due_minutes(moment(2026, 11, 9, 10))
    assert sorted(Minutes.objects.values_list("community", "number")) == sorted(
        [(meeting.community_id, 1), (meeting.community_id, 2), (others.community_id, 1)]
    )


# Reminders ---------------------------------------------------------------------------------------------


def test_an_owner_is_reminded_once_on_the_day(leader, meeting):
    task = make_task(meeting, due_on=date(2026, 11, 10))
    make_task(meeting, due_on=date(2026, 11, 10), done_at=timezone.now(), done_by=leader)
    make_task(meeting)
    assert deeds.remind_of_tasks(moment(2026, 11, 9, 23)) == 0
    assert deeds.remind_of_tasks(moment(2026, 11, 10, 7, 50)) == 0
    assert deeds.remind_of_tasks(moment(2026, 11, 10, 8)) == 1
    assert deeds.remind_of_tasks(moment(2026, 11, 10, 8, 10)) == 0
    assert Notice.objects.get().reader == task.owner


def test_reminders_wait_for_the_end_of_rest_and_long_sleep_sends_no_burst(meeting):
    make_task(meeting, due_on=date(2026, 11, 14))  # a Saturday
    make_task(meeting, due_on=date(2026, 11, 1))  # long ago
    assert deeds.remind_of_tasks(moment(2026, 11, 14, 12)) == 0
    assert deeds.remind_of_tasks(moment(2026, 11, 16, 9)) == 1  # the worker slept two days


def test_reminders_keep_to_the_clock_over_daylight_saving(meeting):
    make_task(meeting, due_on=date(2027, 3, 28))  # clocks went forward on Friday the 26th
    assert deeds.remind_of_tasks(datetime(2027, 3, 28, 4, 59, tzinfo=ZoneInfo("UTC"))) == 0
    assert deeds.remind_of_tasks(datetime(2027, 3, 28, 5, 0, tzinfo=ZoneInfo("UTC"))) == 1


def test_the_worker_does_all_of_it_and_one_failure_stops_nothing(monkeypatch):
    done = []

    def fail():
        raise ValueError("broken")

    monkeypatch.setattr(tasks, "CLOCKWORK", Hook(fail, lambda: done.append(1)))
    with pytest.raises(ExceptionGroup):
        tasks.keep_time(0)
    assert done == [1]
