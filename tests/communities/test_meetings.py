"""Meetings: planned, voted on, invited to, answered, changed, called off; what each deed does, twice and at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from communities.actions import agenda, meeting, seats
from communities.actions.membership import TooLate
from communities.actions.minutes import close_meeting
from communities.enums import Coming, ItemState, MeetingState, MembershipState, Vote
from communities.models import AgendaItem, DateVote, Invitee, Meeting, Membership, Series
from communities.rules import can_edit_item, can_see_item
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.models import Event, Notice
from tests.commons.factories import uploaded
from tests.communities.factories import (
    make_agenda_item,
    make_held_meeting,
    make_invitee,
    make_meeting,
    make_member,
    make_membership,
    make_task,
)

pytestmark = pytest.mark.django_db


def in_days(days):
    return timezone.now().replace(microsecond=0) + timedelta(days=days)


def plan(community, by, **fields):
    words = {"title": "Labs", "purpose": "", "kind": "work", "form": "in_person", "place": "Hall", "link": ""}
    return meeting.plan_meeting(by=by, community=community, **{**words, "starts_at": in_days(7), **fields})


def told(kind):
    return set(Notice.objects.filter(event__kind=kind).values_list("reader_id", flat=True))


def test_plan_twice_makes_one_draft_with_its_agenda(community, facilitator):
    first = plan(community, facilitator, agenda=[("Opening", 10), ("Talk", None)])
    assert plan(community, facilitator, agenda=[("Opening", 10)], starts_at=first.starts_at) == first
    assert first.state == MeetingState.DRAFT
    assert first.ends_at - first.starts_at == timedelta(minutes=90)
    assert list(first.agenda.in_order().values_list("title", "minutes")) == [("Opening", 10), ("Talk", None)]
    assert not Event.objects.exists()


def test_inviting_tells_every_member_once(community, facilitator):
    member = make_membership(community).person
    make_membership(community, state=MembershipState.LEFT)
    draft = plan(community, facilitator)
    for _ in range(2):
        meeting.invite(by=facilitator, meeting=draft)
    draft.refresh_from_db()
    assert draft.state == MeetingState.PLANNED and draft.invited_at
    assert set(draft.invitees.values_list("person", flat=True)) == {member.pk, facilitator.pk}
    assert told("meeting_invited") == {member.pk}
    assert Event.objects.count() == 1


def test_nobody_is_invited_to_the_past_or_to_no_date(community, facilitator):
    for starts_at in (in_days(-1), None):
        draft = plan(community, facilitator, starts_at=starts_at, title=f"On {starts_at}")
        with pytest.raises(TooLate):
            meeting.invite(by=facilitator, meeting=draft)


def test_members_vote_on_dates_and_one_is_fixed(community, facilitator):
    member = make_membership(community).person
    draft = plan(community, facilitator, starts_at=None)
    dates = [in_days(5), in_days(6), in_days(5)]
    for _ in range(2):
        poll = meeting.ask_for_dates(by=facilitator, meeting=draft, dates=dates)
    first, second = poll.options.order_by("starts_at")
    assert told("meeting_dates_asked") == {member.pk}
    for answer in (Vote.NO, Vote.YES):
        meeting.vote(by=member, meeting=poll, votes={first.pk: answer, second.pk: Vote.MAYBE, 0: Vote.NO})
    assert dict(DateVote.objects.values_list("option", "vote")) == {first.pk: "yes", second.pk: "maybe"}
    for _ in range(2):
        meeting.fix_date(by=facilitator, meeting=poll, option=second)
    poll.refresh_from_db()
    assert (poll.state, poll.starts_at) == (MeetingState.PLANNED, second.starts_at)
    assert poll.invitees.count() == 2
    with pytest.raises(TooLate):
        meeting.vote(by=member, meeting=poll, votes={first.pk: Vote.NO})
    with pytest.raises(TooLate):
        meeting.fix_date(by=facilitator, meeting=poll, option=first)


def test_series_goes_on_from_the_last(community, facilitator):
    first = plan(community, facilitator, recurrence="monthly")
    second = plan(community, facilitator, recurrence="monthly", after=first, title="Labs 2")
    third = plan(community, facilitator, recurrence="weekly", after=second, title="Labs 3")
    assert first.series == second.series == third.series
    assert Series.objects.get().rhythm == "weekly"
    alone = plan(community, facilitator, title="Alone")
    following = plan(community, facilitator, title="After", recurrence="monthly", after=alone)
    alone.refresh_from_db()
    assert alone.series == following.series


def invited(**fields):
    found = make_meeting(invited_at=timezone.now(), **fields)
    return found, found.created_by


def test_change_of_what_calendars_show_is_told_to_those_concerned_only():
    found, by = invited(reminded_days_at=timezone.now())
    coming = make_invitee(found, answer=Coming.COMING).person
    silent = make_invitee(found).person
    make_invitee(found, answer=Coming.NO)
    gone = make_invitee(found).person
    Membership.objects.filter(person=gone).update(state=MembershipState.LEFT)
    meeting.edit_meeting(by=by, meeting=found, purpose="To learn")
    assert not Event.objects.exists()
    later = found.starts_at + timedelta(days=1)
    for _ in range(2):
        changed = meeting.edit_meeting(by=by, meeting=found, starts_at=later)
    assert (changed.sequence, changed.starts_at, changed.reminded_days_at) == (1, later, None)
    assert told("meeting_changed") == {coming.pk, silent.pk}
    assert Event.objects.count() == 1


def test_calling_off_needs_a_reason_and_tells_once():
    found, by = invited()
    member = make_invitee(found).person
    make_invitee(found, answer=Coming.NO)
    for _ in range(2):
        meeting.cancel_meeting(by=by, meeting=found, reason="The host is ill")
    found.refresh_from_db()
    assert (found.state, found.sequence, found.cancelled_by) == (MeetingState.CANCELLED, 1, by)
    assert told("meeting_cancelled") == {member.pk}
    with pytest.raises(TooLate):
        meeting.edit_meeting(by=by, meeting=found, title="Another")
    with pytest.raises(TooLate):
        seats.answer_meeting(by=member, meeting=found, answer=Coming.COMING)


def test_draft_is_called_off_quietly_and_a_past_meeting_stays():
    draft = make_meeting(state=MeetingState.DRAFT)
    meeting.cancel_meeting(by=draft.created_by, meeting=draft, reason="Not needed")
    assert not Event.objects.exists()
    past = make_meeting(starts_at=in_days(-2))
    with pytest.raises(TooLate):
        meeting.cancel_meeting(by=past.created_by, meeting=past, reason="Too late")


# Seats ---------------------------------------------------------------------------------------------------


def test_answers_are_kept_and_changed():
    found, _by = invited(form="both")
    member = make_invitee(found).person
    for answer, name in [("coming", ""), ("online", ""), ("substitute", "Rana"), ("no", "ignored")]:
        mine = seats.answer_meeting(by=member, meeting=found, answer=answer, substitute_name=name)
        assert (mine.answer, mine.substitute_name) == (answer, name if answer == "substitute" else "")
    assert found.invitees.count() == 1


def test_member_who_came_after_the_invitation_answers_too():
    found, _by = invited()
    newcomer = make_membership(found.community).person
    assert seats.answer_meeting(by=newcomer, meeting=found, answer="coming").is_coming
    with pytest.raises(TooLate):
        seats.answer_meeting(by=make_member(), meeting=found, answer="coming")


def test_waiting_list_moves_up_by_itself_in_order():
    found, by = invited(capacity=1)
    first, second, third = (make_invitee(found).person for _ in range(3))
    for person in (first, second, third):
        seats.answer_meeting(by=person, meeting=found, answer="coming")

    def waiting():
        return list(Invitee.objects.filter(meeting=found).waiting().values_list("person", flat=True))

    assert waiting() == [second.pk, third.pk]
    seats.answer_meeting(by=second, meeting=found, answer="substitute", substitute_name="Noa")
    assert waiting() == [second.pk, third.pk]  # who changes the manner keeps the place
    for _ in range(2):
        seats.answer_meeting(by=first, meeting=found, answer="no")
    assert waiting() == [third.pk]
    assert told("meeting_seat_free") == {second.pk}
    meeting.edit_meeting(by=by, meeting=found, capacity=2)
    assert waiting() == []
    assert told("meeting_seat_free") == {second.pk, third.pk}


def test_joining_online_takes_no_seat_of_a_mixed_meeting():
    found, _by = invited(capacity=1, form="both")
    online, coming, late = (make_invitee(found).person for _ in range(3))
    assert seats.answer_meeting(by=online, meeting=found, answer="online").is_coming
    assert seats.answer_meeting(by=coming, meeting=found, answer="coming").is_coming
    assert not seats.answer_meeting(by=late, meeting=found, answer="coming").is_coming
    assert seats.answer_meeting(by=late, meeting=found, answer="online").is_coming


def test_seat_of_someone_who_left_is_given_away():
    found, _by = invited(capacity=1)
    first, second = (make_invitee(found).person for _ in range(2))
    for person in (first, second):
        seats.answer_meeting(by=person, meeting=found, answer="coming")
    Membership.objects.filter(person=first).update(state=MembershipState.LEFT)
    assert [one.person_id for one in seats.fill_seats(meeting=found)] == [second.pk]
    assert seats.fill_seats(meeting=found) == []


@pytest.mark.django_db(transaction=True)
def test_seats_are_never_given_twice_to_people_who_answer_at_once():
    found, _by = invited(capacity=2)
    people = [make_invitee(found).person for _ in range(6)]

    def answer(person):
        try:
            return seats.answer_meeting(by=person, meeting=found, answer="coming").is_coming
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        seated = list(pool.map(answer, people))
    assert sum(seated) == 2
    assert Invitee.objects.filter(meeting=found).waiting().count() == 4


# The agenda ----------------------------------------------------------------------------------------------


def test_members_propose_and_facilitators_decide():
    found = make_meeting()
    member = make_membership(found.community).person
    for _ in range(2):
        item = agenda.propose_item(by=member, meeting=found, title="Grants")
    assert (item.state, AgendaItem.objects.count()) == (ItemState.PROPOSED, 1)
    assert told("agenda_item_proposed") == {found.created_by_id}
    for _ in range(2):
        agenda.decide_item(by=found.created_by, item=item, is_accepted=True)
    item.refresh_from_db()
    assert item.state == ItemState.ACCEPTED
    assert told("agenda_item_accepted") == {member.pk}
    with pytest.raises(TooLate):
        agenda.decide_item(by=member, item=item, is_accepted=False)


def test_proposals_end_with_the_cut_off():
    found = make_meeting(proposals_until=timezone.now() - timedelta(minutes=1))
    member = make_membership(found.community).person
    with pytest.raises(TooLate):
        agenda.propose_item(by=member, meeting=found, title="Grants")
    assert agenda.propose_item(by=found.created_by, meeting=found, title="Grants").state == ItemState.ACCEPTED


def test_lines_change_places():
    found = make_meeting()
    first, second, third = (make_agenda_item(found) for _ in range(3))
    agenda.move_item(by=found.created_by, item=third, is_up=True)
    agenda.move_item(by=found.created_by, item=first, is_up=True)
    assert list(found.agenda.in_order()) == [first, third, second]
    agenda.move_item(by=found.created_by, item=first, is_up=False)
    assert list(found.agenda.in_order()) == [third, first, second]


def test_coming_and_past_meetings_are_told_apart():
    soon, now, past = (make_meeting(starts_at=in_days(days)) for days in (3, -0.01, -3))
    make_meeting(state=MeetingState.DRAFT)
    assert list(Meeting.objects.upcoming().soonest_first()) == [now, soon]
    assert list(Meeting.objects.over()) == [past]


def test_line_is_changed_by_those_who_decide_and_what_to_read_by_its_owner():
    found = make_meeting()
    owner, other = (make_membership(found.community).person for _ in range(2))
    item = make_agenda_item(found)
    for _ in range(2):
        agenda.edit_item(by=found.created_by, item=item, title="Grants", minutes=20, owner=owner, reading="")
    assert told("agenda_item_given") == {owner.pk}
    slides = uploaded("slides.txt", b"Slides")
    for _ in range(2):
        agenda.edit_item(by=owner, item=item, title="Mine", owner=other, reading="Page 3", paper=slides)
    item.refresh_from_db()
    assert (item.title, item.minutes, item.owner, item.reading) == ("Grants", 20, owner, "Page 3")
    assert StoredFile.objects.get() == item.paper  # the one sent first was replaced
    with pytest.raises(TooLate):
        agenda.edit_item(by=other, item=item, reading="")
    with pytest.raises(TooLate):
        agenda.edit_item(by=found.created_by, item=item, owner=make_member(), reading="")
    agenda.edit_item(by=owner, item=item, reading="Page 3", is_paper_dropped=True)
    assert not StoredFile.objects.exists()


def test_who_brings_an_item_hears_of_it_with_the_invitation(community, facilitator):
    owner = make_membership(community).person
    draft = plan(community, facilitator, agenda=[("Opening", 10)])
    agenda.edit_item(by=facilitator, item=draft.agenda.get(), owner=owner, reading="")
    assert told("agenda_item_given") == set()
    meeting.invite(by=facilitator, meeting=draft)
    assert told("agenda_item_given") == {owner.pk}


def test_unfinished_tasks_open_the_next_agenda_once(community, facilitator):
    held = make_held_meeting(community, facilitator)
    following = plan(community, facilitator, agenda=[("Opening", 10)])
    assert following.agenda.count() == 1
    task = make_task(held)
    close_meeting(by=facilitator, meeting=held)
    other = plan(community, facilitator, title="Later", agenda=[("Opening", 10)], starts_at=in_days(30))
    for coming in (following, other):
        first, second = coming.agenda.in_order()
        assert (first.is_review, second.title) == (True, "Opening")
    agenda.decide_item(by=facilitator, item=following.agenda.in_order().first(), is_accepted=False)
    agenda.look_back(community, by=facilitator)
    assert [line.title for line in following.agenda.accepted()] == ["Opening"]
    task.done_at, task.done_by = timezone.now(), facilitator
    task.save()
    assert plan(community, facilitator, title="Free", starts_at=in_days(9)).agenda.count() == 0


def test_lines_and_proposals_are_seen_and_changed_by_whom_the_rules_say(community):
    found = make_meeting(community)
    author, owner, member = (make_membership(community).person for _ in range(3))
    proposed = make_agenda_item(found, state=ItemState.PROPOSED, proposed_by=author)
    taken = make_agenda_item(found, owner=owner)
    people = {"author": author, "owner": owner, "member": member, "leader": found.created_by}
    people["outsider"] = make_member()
    sees = {
        (who, line.title) for who in people for line in (proposed, taken) if can_see_item(people[who], line)
    }
    edits = {
        (who, line.title) for who in people for line in (proposed, taken) if can_edit_item(people[who], line)
    }
    assert sees == {("author", proposed.title), ("leader", proposed.title)} | {
        (who, taken.title) for who in ("author", "owner", "member", "leader")
    }
    assert edits == {
        ("author", proposed.title),
        ("leader", proposed.title),
        ("owner", taken.title),
        ("leader", taken.title),
    }
