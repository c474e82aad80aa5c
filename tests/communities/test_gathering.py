"""What is done at a meeting: who came, notes, decisions and tasks, and what is left of them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from communities import rules
from communities.actions import gathering
from communities.actions import minutes as deeds
from communities.actions.membership import TooLate
from communities.enums import Coming
from communities.models import Decision, Invitee, Task
from tests.communities.factories import (
    make_agenda_item,
    make_invitee,
    make_meeting,
    make_member,
    make_membership,
    make_task,
)

pytestmark = pytest.mark.django_db


def test_ticking_counts_once_and_can_be_taken_back(leader, meeting):
    invitee = make_invitee(meeting)
    for _twice in range(2):
        gathering.mark_attendance(by=leader, meeting=meeting, person=invitee.person, is_there=True)
    assert deeds.counts_of(meeting)[0] == 1
    gathering.mark_attendance(by=leader, meeting=meeting, person=invitee.person, is_there=False)
    assert Invitee.objects.get().attended is None


def test_a_member_who_came_unannounced_gets_a_row_and_an_outsider_none(leader, meeting):
    member = make_membership(meeting.community).person
    gathering.mark_attendance(by=leader, meeting=meeting, person=member, is_there=True)
    assert Invitee.objects.get().attended
    with pytest.raises(TooLate):
        gathering.mark_attendance(by=leader, meeting=meeting, person=make_member(), is_there=True)


def test_a_substitute_is_named(leader, meeting):
    invitee = make_invitee(meeting, answer=Coming.SUBSTITUTE)
    gathering.mark_attendance(
        by=leader, meeting=meeting, person=invitee.person, is_there=True, substitute="Rina"
    )
    assert Invitee.objects.get().substitute_name == "Rina"
    gathering.mark_attendance(by=leader, meeting=meeting, person=invitee.person, is_there=True)
    assert Invitee.objects.get().substitute_name == "Rina"


def test_everybody_who_said_they_come_is_ticked_at_once(leader, meeting):
    make_invitee(meeting, answer=Coming.COMING)
    make_invitee(meeting, answer=Coming.NO)
    make_invitee(meeting)
    assert gathering.mark_all_coming(by=leader, meeting=meeting) == 1
    assert gathering.mark_all_coming(by=leader, meeting=meeting) == 0


def test_notes_are_not_lost_to_who_writes_at_the_same_time(leader, meeting):
    item = make_agenda_item(meeting)
    empty = gathering.notes_version("")
    gathering.keep_notes(by=leader, item=item, notes="First", seen=empty)
    gathering.keep_notes(by=leader, item=item, notes="First", seen=empty)  # sent twice
    with pytest.raises(gathering.StaleNotes):
        gathering.keep_notes(by=leader, item=item, notes="Other", seen=empty)
    item.refresh_from_db()
    assert item.notes == "First"


def test_decisions_and_tasks_sent_twice_are_one(leader, meeting):
    nonces = [uuid4(), uuid4()]
    for _twice in range(2):
        gathering.note_decision(by=leader, meeting=meeting, text="We open a lab", nonce=nonces[0])
        gathering.give_task(by=leader, meeting=meeting, text="Ask", owner=leader, nonce=nonces[1])
        gathering.add_point(by=leader, meeting=meeting, title="Also")
    assert (Decision.objects.count(), Task.objects.count(), meeting.agenda.count()) == (1, 1, 1)
    with pytest.raises(TooLate):
        gathering.give_task(by=leader, meeting=meeting, text="Ask", owner=make_member(), nonce=uuid4())
    for _twice in range(2):
        gathering.drop_decision(by=leader, decision=Decision(pk=0, meeting=meeting))
    decision, task = Decision.objects.get(), Task.objects.get()
    for _twice in range(2):
        gathering.drop_decision(by=leader, decision=decision)
        gathering.drop_task(by=leader, task=task)
    assert not Decision.objects.exists()
    assert not Task.objects.exists()


def test_only_who_facilitates_runs_a_meeting_and_only_when_it_is_time(leader, meeting):
    member = make_membership(meeting.community).person
    with pytest.raises(TooLate):
        gathering.note_decision(by=member, meeting=meeting, text="No", nonce=uuid4())
    later = make_meeting(meeting.community, leader, starts_at=timezone.now() + timedelta(days=2))
    assert not rules.can_run_meeting(leader, later)
    soon = make_meeting(meeting.community, leader, starts_at=timezone.now() + timedelta(hours=2))
    assert rules.can_run_meeting(leader, soon)
    assert not rules.can_close_meeting(leader, soon)


def test_a_task_is_done_by_its_owner_and_reopened(leader, meeting):
    task = make_task(meeting)
    for _twice in range(2):
        gathering.finish_task(by=task.owner, task=task)
    assert Task.objects.get().done_by == task.owner
    assert not Task.objects.get().is_overdue(date(2100, 1, 1))
    gathering.finish_task(by=leader, task=task, is_done=False)
    assert Task.objects.get().done_at is None
    with pytest.raises(TooLate):
        gathering.finish_task(by=make_membership(meeting.community).person, task=task)


def test_what_is_left_opens_the_next_meeting(leader, meeting):
    left = make_task(meeting)
    make_task(meeting, done_at=timezone.now(), done_by=leader)
    following = make_meeting(meeting.community, leader)
    assert list(Task.objects.left_for(following)) == [left]
    assert not Task.objects.left_for(meeting)
