"""Letters about meetings as they go out: parsed back with the standard library, the calendar entry with another one."""

import email
import email.policy
from datetime import datetime, timedelta

import ics
import pytest
from django.core import mail
from django.utils import timezone

from communities.actions import meeting as deeds
from communities.actions import seats
from communities.enums import MeetingState
from tests.communities.factories import make_community, make_facilitator, make_meeting, make_membership
from tests.moments import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_november")]


@pytest.fixture(autouse=True)
def _on_a_working_day(monkeypatch):
    """Letters leave whatever day the tests run on."""
    monkeypatch.setattr("munistem.commons.days.quiet.is_rest", lambda day: False)


def letters_to(person):
    sent = [message for message in mail.outbox if message.to == [person.email]]
    return [
        email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
        for message in sent
    ]


def part(letter, kind):
    return [one for one in letter.walk() if one.get_content_type() == kind]


def unfolded(entry):
    return entry.get_content().replace("\r\n", "\n").replace("\n ", "")


@pytest.fixture
def invited(run_jobs):
    community = make_community(name="Municipal labs")
    by = make_facilitator(community)
    member = make_membership(community).person
    member.language = "he"
    member.save()
    starts_at = datetime(2027, 6, 8, 10, tzinfo=ZONE)
    draft = make_meeting(
        community, by, state=MeetingState.DRAFT, title="תקציב", starts_at=starts_at, form="both"
    )
    found = deeds.invite(by=by, meeting=draft)
    run_jobs()
    return found, member


def test_invitation_asks_for_an_answer_in_the_readers_language(invited):
    found, member = invited
    [letter] = letters_to(member)
    assert letter["Content-Language"] == "he"
    text = letter.get_body(("plain",)).get_content()
    assert text.count(f"/meetings/{found.pk}/answer/") == 4
    for answer in ("coming", "online", "substitute", "no"):
        assert f"?answer={answer}" in text
    assert "תשפ״ז" in text  # the Hebrew date stands beside the civil one
    html = letter.get_body(("html",)).get_content()
    assert 'dir="rtl"' in html and "?answer=coming" in html


def test_entry_goes_along_twice_for_mail_programs_and_for_people(invited):
    found, member = invited
    [letter] = letters_to(member)
    offered, kept = part(letter, "text/calendar")
    for entry in (offered, kept):
        assert entry["Content-Type"].params["method"] == "REQUEST"
        [event] = ics.Calendar(entry.get_content()).events
        assert (event.name, event.uid) == ("תקציב", f"{found.uid}@munistem")
    assert kept.get_filename() == "meeting.ics"


def test_change_and_withdrawal_follow_the_same_entry(invited, run_jobs):
    found, member = invited
    changed = deeds.edit_meeting(
        by=found.created_by, meeting=found, starts_at=found.starts_at + timedelta(days=1)
    )
    run_jobs()
    deeds.cancel_meeting(by=found.created_by, meeting=changed, reason="The host is ill")
    run_jobs()
    first, second, third = letters_to(member)
    uids, sequences, methods = set(), [], []
    for letter in (first, second, third):
        entry = part(letter, "text/calendar")[0]
        uids |= {event.uid for event in ics.Calendar(entry.get_content()).events}
        methods.append(entry["Content-Type"].params["method"])
        sequences.append(int(unfolded(entry).partition("SEQUENCE:")[2].split("\n")[0]))
    assert uids == {f"{found.uid}@munistem"}
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert sequences == [0, 1, 2]
    assert "The host is ill" in third.get_body(("plain",)).get_content()
    assert "/answer/" not in third.get_body(("plain",)).get_content()


def test_who_answered_gets_changes_without_being_asked_again(invited, run_jobs):
    found, member = invited
    seats.answer_meeting(by=member, meeting=found, answer="coming")
    deeds.edit_meeting(by=found.created_by, meeting=found, place="Library")
    run_jobs()
    last = letters_to(member)[-1]
    assert "PARTSTAT=ACCEPTED" in unfolded(part(last, "text/calendar")[0])
    seats.answer_meeting(by=member, meeting=found, answer="no")
    deeds.edit_meeting(by=found.created_by, meeting=found, place="Town hall again")
    run_jobs()
    assert len(letters_to(member)) == 2


def test_letter_of_a_meeting_that_one_may_no_longer_see_is_not_sent(invited, run_jobs):
    found, member = invited
    deeds.edit_meeting(by=found.created_by, meeting=found, place="Library")
    found.community.memberships.filter(person=member).update(state="left", since=timezone.now())
    run_jobs()
    assert len(letters_to(member)) == 1
