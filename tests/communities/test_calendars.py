"""Answering from a letter; calendars and their feeds, read back with another library."""

from datetime import datetime, timedelta

import ics
import pytest
from django.core import signing
from django.utils import timezone

from communities.actions import meeting as deeds
from communities.emails.calendar import invitation
from communities.emails.meeting import answer_url
from communities.enums import Access, Coming, MeetingState, MembershipState
from communities.models import CalendarFeed, Invitee, Meeting, Membership
from tests.communities.factories import (
    make_community,
    make_invitee,
    make_meeting,
    make_membership,
)
from tests.moments import ZONE
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# From the letter ---------------------------------------------------------------------------------------


def test_one_tap_in_the_letter_and_one_button_answer_without_signing_in(client, community, settings):
    found = make_meeting(community, invited_at=timezone.now())
    mine = make_invitee(found)
    url = answer_url(found, mine.person, "no").removeprefix(settings.BASE_URL)
    page = read(client, url)
    assert 'value="no"' in page and "checked" in page
    mine.refresh_from_db()
    assert mine.answer == Coming.SILENT  # a scanner that follows links answers nothing
    for _ in range(2):
        assert "not coming" in client.post(url, {"answer": "no"}).content.decode()
    mine.refresh_from_db()
    assert mine.answer == Coming.NO


def test_forged_foreign_and_outdated_links_answer_nothing(client, community, settings):
    found, other = make_meeting(community), make_meeting(community)
    person = make_invitee(found).person
    url = answer_url(found, person).removeprefix(settings.BASE_URL)
    token = url.split("/")[4]
    forged = signing.dumps([found.pk, person.pk], salt="another")
    for odd in (f"/meetings/{other.pk}/answer/{token}/", f"/meetings/{found.pk}/answer/{forged}/"):
        read(client, odd, 404)
        assert client.post(odd, {"answer": "no"}).status_code == 404
    Meeting.objects.filter(pk=found.pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    read(client, url, 410)
    assert client.post(url, {"answer": "no"}).status_code == 410
    Membership.objects.filter(person=person).update(state=MembershipState.LEFT)
    read(client, url, 404)
    assert set(Invitee.objects.values_list("answer", flat=True)) == {"silent"}


# Calendars ---------------------------------------------------------------------------------------------


def entries(content):
    return sorted(ics.Calendar(content).events, key=lambda event: event.begin)


def unfolded(content):
    return content.decode().replace("\r\n ", "")


@pytest.mark.usefixtures("in_november")
def test_invitation_update_and_withdrawal_are_one_entry(community, leader):
    starts_at = datetime(2027, 3, 22, 10, tzinfo=ZONE)
    found = make_meeting(community, leader, starts_at=starts_at, invited_at=timezone.now())
    reader = make_invitee(found).person
    first = unfolded(invitation(found, reader, None))
    [event] = entries(first)
    assert event.begin.datetime == starts_at
    assert event.end.datetime - event.begin.datetime == timedelta(minutes=90)
    assert [one.email for one in event.attendees] == [reader.email]
    assert "METHOD:REQUEST" in first and "SEQUENCE:0" in first and "RSVP=TRUE" in first
    assert "TZID:Asia/Jerusalem" in first and "DTSTART;TZID=Asia/Jerusalem:20270322T100000" in first
    found = deeds.edit_meeting(by=leader, meeting=found, starts_at=starts_at + timedelta(days=7))
    second = unfolded(invitation(found, reader, None))
    [moved] = entries(second)
    # the clocks change in between: the hour of the wall stays
    assert (moved.uid, moved.begin.datetime.astimezone(ZONE).hour) == (event.uid, 10)
    assert "SEQUENCE:1" in second
    found = deeds.cancel_meeting(by=leader, meeting=found, reason="The host is ill")
    last = unfolded(invitation(found, reader, None))
    [gone] = entries(last)
    assert gone.uid == event.uid
    assert "METHOD:CANCEL" in last and "STATUS:CANCELLED" in last and "SEQUENCE:2" in last


def test_feed_holds_a_series_and_leaves_out_what_is_not_mine(client, community):
    person = make_membership(community).person
    series = [make_meeting(community, starts_at=timezone.now() + timedelta(weeks=w)) for w in (1, 5, 9)]
    make_meeting(community, state=MeetingState.DRAFT)
    make_meeting(make_community(access=Access.OPEN))
    make_invitee(make_meeting(community), person, answer=Coming.NO)
    client.force_login(person)
    client.post("/me/calendar/feed/")
    url = f"/calendar/{CalendarFeed.objects.get().token}.ics"
    assert url in read(client, "/me/calendar/")
    client.logout()
    found = entries(read(client, url))
    assert [event.uid for event in found] == [f"{one.uid}@munistem" for one in series]
    Membership.objects.filter(person=person).update(state=MembershipState.LEFT)
    assert entries(read(client, url)) == []


def test_address_of_a_feed_is_changed_and_closed(client, community):
    client.force_login(make_membership(community).person)
    client.post("/me/calendar/feed/")
    old = CalendarFeed.objects.get().token
    client.post("/me/calendar/feed/")
    new = CalendarFeed.objects.get().token
    read(client, f"/calendar/{old}.ics", 404)
    read(client, f"/calendar/{new}.ics")
    for _ in range(2):
        client.post("/me/calendar/feed/", {"off": "1"})
    read(client, f"/calendar/{new}.ics", 404)


@pytest.mark.parametrize("month", ["2026-12", "0001-01", "9999-12", "2026-13", "x", ""])
def test_any_month_can_be_asked_for(client, community, leader, month):
    make_meeting(community, leader, starts_at=datetime(2026, 12, 8, 10, tzinfo=ZONE), title="In December")
    for url in (f"/communities/{community.slug}/calendar/", "/me/calendar/"):
        assert ("In December" in read(client, f"{url}?month={month}")) or month != "2026-12"
