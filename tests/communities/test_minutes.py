"""Minutes: who may see what, closing, sending, remarks, corrections, what the database keeps."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from communities import rules
from communities.actions import gathering
from communities.actions import minutes as deeds
from communities.actions.membership import TooLate
from communities.enums import Access, MeetingState, MembershipState, MinutesState, ParagraphKind
from communities.models import Decision, Minutes, Remark, Task
from munistem.commons.notices.models import Notice
from tests.commons.factories import uploaded
from tests.communities.factories import (
    make_agenda_item,
    make_community,
    make_decision,
    make_facilitator,
    make_held_meeting,
    make_invitee,
    make_member,
    make_membership,
    make_minutes,
    make_task,
)
from tests.members.factories import make_admin, make_municipality, make_representative
from tests.moments import moment

pytestmark = pytest.mark.django_db


def there(meeting, **fields):
    return make_invitee(meeting, attended=True, **fields).person


def readers(meeting, owner):
    gone = make_membership(meeting.community).person
    make_invitee(meeting, gone, attended=True)
    gone.memberships.update(state=MembershipState.LEFT)
    away = there(meeting)
    away.representations.update(until_on=timezone.localdate())
    away.__dict__.pop("mandates", None)
    return {
        "visitor": AnonymousUser(),
        "outsider": make_member(),
        "member": make_membership(meeting.community).person,
        "attendee": there(meeting),
        "absent": make_invitee(meeting, attended=False).person,
        "gone": gone,
        "no longer in the network": away,
        "owner": owner,
        "facilitator": make_facilitator(meeting.community),
        "admin": make_admin(),
    }


@pytest.mark.parametrize("access", Access)
def test_rules_and_querysets_are_twins(access):
    meeting = make_held_meeting(make_community(access=access))
    owner = make_membership(meeting.community).person
    people = readers(meeting, owner)
    now = timezone.now()
    outcomes = [make_decision(meeting), make_decision(meeting, approved_at=now, number=1)]
    outcomes += [make_task(meeting, owner), make_task(meeting, owner, approved_at=now)]
    sees = {Decision: rules.can_see_decision, Task: rules.can_see_task}
    for who, person in people.items():
        for thing in outcomes:
            row = type(thing).objects.get(pk=thing.pk)
            found = type(thing).objects.visible_to(person).filter(pk=thing.pk).exists()
            assert found == sees[type(thing)](person, row), (who, thing)
    seen = {}
    for state in MinutesState:
        Minutes.objects.all().delete()
        minutes = make_minutes(meeting, state)
        seen[state] = set()
        for who, person in people.items():
            row = Minutes.objects.get(pk=minutes.pk)
            found = Minutes.objects.visible_to(person).filter(pk=minutes.pk).exists()
            assert found == rules.can_see_minutes(person, row), (who, state)
            if found:
                seen[state].add(who)
    assert seen == {
        MinutesState.DRAFT: {"facilitator", "admin"},
        MinutesState.SENT: {"facilitator", "admin", "attendee"},
        MinutesState.APPROVED: {"facilitator", "admin", "attendee", "member", "absent", "owner"},
    }


# Minutes -----------------------------------------------------------------------------------------------


def test_closing_checks_attendance_and_composes_the_draft(leader, meeting):
    town = make_municipality()
    for organisation in [town, town, make_municipality()]:
        person = make_representative(organisation=organisation).person
        make_membership(meeting.community, person)
        make_invitee(meeting, person, attended=True)
    absent = make_invitee(meeting)
    make_agenda_item(meeting, title="Labs", notes="Three towns told.")
    slides = uploaded("slides.txt", b"Slides")
    for _twice in range(2):
        minutes = deeds.close_meeting(by=leader, meeting=meeting, recording_url="https://x.example/1")
    deeds.add_papers(by=leader, minutes=minutes, recording_url="https://x.example/2", files=[slides])
    meeting.refresh_from_db()
    absent.refresh_from_db()
    assert (meeting.state, absent.attended) == (MeetingState.CLOSED, False)
    assert (minutes.people_count, minutes.organisation_count) == (3, 2)
    said = [(p.kind, p.heading, p.body) for p in minutes.paragraphs.in_order()]
    assert said == [
        (ParagraphKind.PEOPLE, "", ""),
        (ParagraphKind.TEXT, "Purpose of the meeting", "To choose a lab"),
        (ParagraphKind.TEXT, "Labs", "Three towns told."),
        (ParagraphKind.DECISIONS, "", ""),
        (ParagraphKind.TASKS, "", ""),
    ]
    assert minutes.files.count() == 1
    assert Minutes.objects.matching("three towns").get() == minutes


def sent(leader, meeting, at=None):
    minutes = deeds.close_meeting(by=leader, meeting=meeting)
    return deeds.send_minutes(by=leader, minutes=minutes, now=at)


def test_sending_tells_those_who_were_there_and_the_owners_once(leader, meeting):
    attendee, _absent = there(meeting), make_invitee(meeting)
    task = make_task(meeting)
    minutes = sent(leader, meeting)
    deeds.send_minutes(by=leader, minutes=minutes)
    told = sorted(Notice.objects.values_list("event__kind", "reader"))
    assert told == sorted([("minutes_sent", attendee.pk), ("task_given", task.owner_id)])


def test_remarks_come_from_those_who_were_there_and_are_answered_once(leader, meeting):
    attendee, member = there(meeting), make_membership(meeting.community).person
    minutes = sent(leader, meeting)
    paragraph, nonce = minutes.paragraphs.in_order()[1], uuid4()
    for _twice in range(2):
        said = deeds.remark(by=attendee, paragraph=paragraph, body="It was four.", nonce=nonce)
    with pytest.raises(TooLate):
        deeds.remark(by=member, paragraph=paragraph, body="Me too", nonce=uuid4())
    deeds.answer_remark(by=leader, remark=said, is_taken_in=True)
    deeds.answer_remark(by=leader, remark=said, is_taken_in=False, answer="No")
    assert Remark.objects.get().is_taken_in
    kinds = Notice.objects.exclude(event__kind="minutes_sent").values_list("event__kind", "reader")
    assert sorted(kinds) == sorted([("minutes_remarked", leader.pk), ("remark_answered", attendee.pk)])


def test_a_paragraph_changed_by_two_keeps_the_first(leader, meeting):
    paragraph = deeds.close_meeting(by=leader, meeting=meeting).paragraphs.in_order()[1]
    deeds.edit_paragraph(by=leader, paragraph=paragraph, heading="A", body="One", seen=1)
    deeds.edit_paragraph(by=leader, paragraph=paragraph, heading="A", body="One", seen=1)
    with pytest.raises(gathering.StaleNotes):
        deeds.edit_paragraph(by=leader, paragraph=paragraph, heading="A", body="Two", seen=1)
    paragraph.refresh_from_db()
    assert (paragraph.body, paragraph.version) == ("One", 2)


# Corrections -------------------------------------------------------------------------------------------


def test_a_correction_is_a_row_of_its_own(leader, meeting):
    there(meeting)
    first = sent(leader, meeting, moment(2026, 11, 1, 10))
    deeds.approve_due_minutes(moment(2026, 11, 9, 10))
    drafts = [deeds.correct_minutes(by=leader, minutes=first) for _twice in range(2)]
    assert drafts[0] == drafts[1]
    draft = drafts[0]
    paragraph = draft.paragraphs.in_order()[1]
    deeds.edit_paragraph(by=leader, paragraph=paragraph, heading="Purpose", body="To visit", seen=1)
    deeds.send_minutes(by=leader, minutes=draft, now=moment(2026, 11, 10, 10))
    deeds.approve_due_minutes(moment(2026, 11, 18, 10))
    assert list(Minutes.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]
    assert first.paragraphs.in_order()[1].body == "To choose a lab"


def test_a_correction_adds_and_takes_back_decisions_and_tasks(leader, meeting):
    there(meeting)
    wrong, right = make_decision(meeting, text="Two labs"), make_decision(meeting, text="In May")
    gone, task = make_task(meeting, leader), make_task(meeting, leader)
    first = sent(leader, meeting, moment(2026, 11, 1, 10))
    deeds.approve_due_minutes(moment(2026, 11, 9, 10))
    first.refresh_from_db()
    with pytest.raises(TooLate):
        gathering.drop_decision(by=leader, decision=wrong)
    draft = deeds.correct_minutes(by=leader, minutes=first)
    for _twice in range(2):
        gathering.drop_decision(by=leader, decision=wrong)
        gathering.drop_decision(by=leader, decision=right)
        gathering.keep_after_all(by=leader, thing=right)
        gathering.drop_task(by=leader, task=gone)
    with pytest.raises(TooLate):
        gathering.mark_all_coming(by=leader, meeting=meeting)
    new = gathering.note_decision(by=leader, meeting=meeting, text="One lab", nonce=uuid4())
    odd = gathering.note_decision(by=leader, meeting=meeting, text="A slip", nonce=uuid4())
    gathering.drop_decision(by=leader, decision=odd)
    given = gathering.give_task(by=leader, meeting=meeting, text="Ask", owner=leader, nonce=uuid4())
    assert list(Task.objects.open().of_meeting(meeting)) == [
        gone,
        task,
        given,
    ]  # what stands until it is approved
    deeds.send_minutes(by=leader, minutes=draft, now=moment(2026, 11, 10, 10))
    deeds.approve_due_minutes(moment(2026, 11, 18, 10))
    draft.refresh_from_db()
    told = Decision.objects.order_by("pk")
    assert list(told.told_by(first)) == [wrong, right]
    assert list(told.told_by(draft)) == [right, new]
    assert list(told.shown_in(draft)) == [wrong, right, new]
    assert list(told.in_force().values_list("number", flat=True)) == [2, 3]
    assert list(Task.objects.open().of_meeting(meeting)) == [task, given]
    for minutes in (first, draft):
        assert minutes.fingerprint == deeds.fingerprint_of(minutes)


def test_what_was_left_and_what_became_of_it_stands_in_the_minutes(leader, meeting):
    earlier = make_held_meeting(meeting.community, leader, starts_at=timezone.now() - timedelta(days=30))
    make_task(earlier, text="Ask the mayor")
    make_task(earlier, text="Buy robots", done_at=timezone.now(), done_by=leader)
    make_task(earlier, text="Long done", done_at=timezone.now() - timedelta(days=9), done_by=leader)
    make_agenda_item(meeting, is_review=True, position=0, title="Left", notes="Slow.")
    minutes = deeds.close_meeting(by=leader, meeting=meeting)
    said = minutes.paragraphs.get(heading="Left").body
    assert said == "Slow.\n\nStill open: Ask the mayor\nDone: Buy robots"


def test_the_database_keeps_one_open_draft_and_numbered_approvals(meeting):
    make_minutes(meeting)
    for state in MinutesState:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_minutes(meeting, state)


# Letters -----------------------------------------------------------------------------------------------


def test_the_letters_say_what_to_do(leader, meeting, run_jobs, mailoutbox):
    attendee = there(meeting)
    make_task(meeting, attendee, text="Ask the treasurer")
    minutes = sent(leader, meeting)
    said = deeds.remark(by=attendee, paragraph=minutes.paragraphs.first(), body="Four.", nonce=uuid4())
    deeds.answer_remark(by=leader, remark=said, is_taken_in=False, answer="It was three.")
    run_jobs()
    texts = {mail.to[0]: "" for mail in mailoutbox}
    for mail in mailoutbox:
        texts[mail.to[0]] += mail.subject + mail.body
    mine = texts[attendee.email]
    for words in ("wait for your remarks", "Until", "Ask the treasurer", "It was three."):
        assert words in mine
    assert "Four." in texts[leader.email]
