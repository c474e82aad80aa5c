"""Series of meetings: planned at once, invited to in time, changed together or one alone, ended; their calendar entries."""

from datetime import timedelta

import ics
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities import rules
from communities.actions import series as deeds
from communities.actions.meeting import cancel_meeting, edit_meeting, invite, plan_meeting
from communities.actions.membership import TooLate
from communities.emails.calendar import invitation, published
from communities.enums import Access, Coming, MeetingState
from communities.models import Meeting, Series
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_invitee,
    make_meeting,
    make_member,
    make_membership,
    make_series,
)
from tests.members.factories import make_admin
from tests.moments import ZONE, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_november")]


@pytest.fixture
def community():
    return make_community(name="Municipal labs", language="en")


@pytest.fixture
def first(community, facilitator):
    """The first of four, every four weeks over the change to summer time; a member is invited to it."""
    make_membership(community)
    words = {"title": "Labs", "purpose": "", "kind": "work", "form": "in_person", "place": "Hall", "link": ""}
    planned = plan_meeting(
        by=facilitator,
        community=community,
        recurrence="monthly",
        starts_at=at("2027-02-23 10:00"),
        agenda=[("Opening", 10)],
        **words,
    )
    invite(by=facilitator, meeting=planned)
    for _ in range(2):
        deeds.plan_later(by=facilitator, meeting=planned, times=3)
    planned.refresh_from_db()
    return planned


def wall(meetings):
    return [f"{timezone.localtime(one.starts_at, ZONE):%Y-%m-%d %H:%M}" for one in meetings]


def told(kind):
    return list(Notice.objects.filter(event__kind=kind).values_list("event__subject", flat=True))


def test_later_ones_stand_at_the_same_hour_with_the_agenda_and_nobody_is_written_to_yet(first):
    later = list(deeds.later_of(first))
    assert wall(later) == ["2027-03-23 10:00", "2027-04-20 10:00", "2027-05-18 10:00"]
    assert {one.state for one in later} == {MeetingState.PLANNED}
    assert [one.agenda.get().title for one in later] == ["Opening"] * 3
    assert told("meeting_invited") == [f"communities.meeting:{first.pk}"]
    assert not any(one.invited_at for one in later)


def test_invitations_go_out_three_weeks_before_once_and_not_on_shabbat(first):
    second, third, _fourth = deeds.later_of(first)
    assert deeds.invite_in_time(at("2027-03-02 09:59")) == 0
    assert deeds.invite_in_time(at("2027-03-06 10:00")) == 0  # Shabbat
    assert deeds.invite_in_time(at("2027-03-06 20:50")) == 1
    assert deeds.invite_in_time(at("2027-03-06 20:50")) == 0
    assert told("meeting_invited")[-1] == f"communities.meeting:{second.pk}"
    assert second.invitees.count() == 2
    assert deeds.invite_in_time(at("2027-04-02 10:00")) == 1  # the worker slept over the change of clocks
    assert third.invitees.count() == 2
    assert deeds.invite_in_time(at("2027-05-18 10:30")) == 0  # under way: too late to invite


def test_one_is_changed_alone_or_with_all_later_ones(first, facilitator):
    second, third, _fourth = deeds.later_of(first)
    edit_meeting(by=facilitator, meeting=third, starts_at=at("2027-04-25 09:00"))
    for _ in range(2):
        fields = {"starts_at": at("2027-03-24 12:30"), "place": "Library", "title": "Labs"}
        deeds.edit_this_and_later(by=facilitator, meeting=second, **fields)
    rows = list(Meeting.objects.order_by("pk"))
    assert wall(rows) == ["2027-02-23 10:00", "2027-03-24 12:30", "2027-04-26 11:30", "2027-05-19 12:30"]
    assert [row.place for row in rows] == ["Hall", "Library", "Library", "Library"]
    assert all(row.ends_at - row.starts_at == timedelta(minutes=90) for row in rows)
    assert told("meeting_changed") == []  # nobody is invited to those yet


def test_who_is_invited_hears_of_a_change_of_the_series_once_per_meeting(first, facilitator):
    [member] = first.invitees.exclude(person=facilitator)
    deeds.edit_this_and_later(by=facilitator, meeting=first, place="Library")
    assert told("meeting_changed") == [f"communities.meeting:{first.pk}"]
    assert Notice.objects.filter(event__kind="meeting_changed").get().reader == member.person


def test_series_ends_with_or_without_its_coming_meetings(first, facilitator, community):
    series = first.series
    with pytest.raises(TooLate):
        deeds.end_series(by=make_membership(community).person, series=series)
    for _ in range(2):
        ended = deeds.end_series(by=facilitator, series=series)
    assert (ended.ended_by, Meeting.objects.planned().count()) == (facilitator, 4)
    again = plan_meeting(
        by=facilitator, community=community, recurrence="monthly", after=first, title="Anew", starts_at=None
    )
    assert again.series != series
    deeds.end_series(by=facilitator, series=series, reason="The year is over")
    assert Meeting.objects.filter(state=MeetingState.CANCELLED).count() == 4
    assert told("meeting_cancelled") == [f"communities.meeting:{first.pk}"]


@pytest.mark.parametrize("access", Access)
def test_rule_and_queryset_are_twins(access):
    series = make_series(make_community(access=access))
    people = [AnonymousUser(), make_member(), make_admin(), make_facilitator(series.community)]
    people.append(make_membership(series.community).person)
    for person in people:
        found = Series.objects.visible_to(person).filter(pk=series.pk).exists()
        assert found == rules.can_see_series(person, Series.objects.get(pk=series.pk))


# Calendar entries, read back with another library --------------------------------------------------------


def entries(content):
    return sorted(ics.Calendar(content.decode()).events, key=lambda event: event.begin)


def test_series_with_an_exception_and_a_withdrawal_is_read_by_another_library(first, facilitator):
    second, _third, fourth = deeds.later_of(first)
    before = entries(published(Meeting.objects.fixed().select_related("community")))
    assert [event.begin.datetime for event in before] == [
        at("2027-02-23 10:00"),
        at("2027-03-23 10:00"),  # winter time
        at("2027-04-20 10:00"),  # summer time: the hour of the wall stays
        at("2027-05-18 10:00"),
    ]
    assert len({event.uid for event in before}) == 4
    edit_meeting(by=facilitator, meeting=second, starts_at=at("2027-03-24 17:00"), place="Library")
    cancel_meeting(by=facilitator, meeting=fourth, reason="Shavuot is near")
    after = entries(published(Meeting.objects.fixed().select_related("community")))
    assert [event.uid for event in after] == [event.uid for event in before[:3]]  # the exception stays itself
    assert [event.begin.datetime for event in after] == [
        at("2027-02-23 10:00"),
        at("2027-03-24 17:00"),
        at("2027-04-20 10:00"),
    ]
    assert [event.location for event in after] == ["Hall", "Library", "Hall"]
    assert all(event.end - event.begin == timedelta(minutes=90) for event in after)


def test_every_message_about_one_date_of_a_series_is_whole_and_follows_the_one_before(first, facilitator):
    reader = make_invitee(first, make_membership(first.community).person, answer=Coming.COMING)
    messages = [invitation(first, reader.person, reader)]
    edit_meeting(by=facilitator, meeting=first, starts_at=at("2027-02-24 10:00"))
    first.refresh_from_db()
    messages.append(invitation(first, reader.person, reader))
    cancel_meeting(by=facilitator, meeting=first, reason="Ill")
    first.refresh_from_db()
    messages.append(invitation(first, reader.person, reader))
    read = [ics.Calendar(message.decode()) for message in messages]
    assert [calendar.method for calendar in read] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [next(iter(calendar.events)) for calendar in read]
    assert len({event.uid for event in events}) == 1
    assert [event.status for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [sequence_of(message) for message in messages] == [0, 1, 2]
    for message in messages:
        lines = message.split(b"\r\n")
        assert max(map(len, lines)) <= 75 and b"\n" not in b"".join(lines)
        text = message.decode().replace("\r\n ", "")
        assert text.count("BEGIN:VTIMEZONE") == 1 and "TZID:Asia/Jerusalem" in text
        assert "ORGANIZER;CN=" in text and f"mailto:{reader.person.email}" in text
        assert "PARTSTAT=ACCEPTED" in text


def sequence_of(message):
    return int(message.decode().partition("SEQUENCE:")[2].split("\r\n")[0])


# Pages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client, facilitator):
    client.cookies["django_language"] = "en"
    client.force_login(facilitator)
    return lambda url: client.get(url).content.decode()


def a_monday():
    today = timezone.localdate()
    return today + timedelta(days=(0 - today.weekday()) % 7 + 14)


PLAN = {
    "title": "Labs",
    "kind": "work",
    "starts_1": "10:00",
    "minutes_long": "90",
    "form": "in_person",
    "agenda": "Opening (10)",
}


def test_a_year_is_planned_in_one_form(client, community, page):
    url = f"/communities/{community.slug}/meetings/new/"
    data = {**PLAN, "starts_0": a_monday(), "times": "3"}
    assert "Choose how often" in client.post(url, data).content.decode()
    data["recurrence"] = "fortnightly"
    response = client.post(url, data)
    if response.status_code == 200:  # something is special about one of the dates
        assert not Meeting.objects.exists()
        response = client.post(url, {**data, "warned": response.context["form"].data["warned"]})
    assert Meeting.objects.planned().count() == 3
    series = Series.objects.get()
    assert page(f"/series/{series.pk}/").count("<h3") == 3
    later = Meeting.objects.order_by("starts_at").last()
    assert "The invitations go out" in page(later.get_absolute_url())
    client.post(f"/meetings/{later.pk}/invite/")
    later.refresh_from_db()
    assert later.invited_at


def test_change_asks_whether_it_is_for_all_later_ones(client, community, page, facilitator, first):
    second = deeds.later_of(first)[0]
    last = deeds.later_of(first)[2]
    assert "all later ones of the series" in page(f"/meetings/{second.pk}/edit/")
    assert "all later ones of the series" not in page(f"/meetings/{last.pk}/edit/")
    local = timezone.localtime(second.starts_at)
    data = {**PLAN, "starts_0": f"{local:%Y-%m-%d}", "starts_1": f"{local:%H:%M}", "recurrence": "monthly"}
    client.post(f"/meetings/{second.pk}/edit/", {**data, "place": "Library", "reach": "later"})
    assert list(Meeting.objects.order_by("starts_at").values_list("place", flat=True)) == [
        "Hall",
        "Library",
        "Library",
        "Library",
    ]


def test_series_is_ended_on_its_page(client, page, first):
    url = f"/series/{first.series_id}/end/"
    assert "Say why" in client.post(url, {"is_called_off": "yes"}).content.decode()
    for _ in range(2):
        client.post(url, {"is_called_off": "yes", "reason": "The year is over"})
    assert "The series ended" in page(f"/series/{first.series_id}/")
    assert not Meeting.objects.planned().exists()


def test_queries_of_the_series_page_do_not_grow(client, page, first, facilitator):
    def count():
        page(f"/series/{first.series_id}/")
        with CaptureQueriesContext(connection) as queries:
            page(f"/series/{first.series_id}/")
        return len(queries)

    def fill(number):
        for _ in range(number):
            for days in (30, -30):
                moment = timezone.now() + timedelta(days=days)
                make_meeting(first.community, facilitator, series=first.series, starts_at=moment)

    fill(1)
    few = count()
    fill(8)
    assert count() == few


def test_what_is_special_about_a_day_is_told_while_it_is_chosen(client, community, page, facilitator):
    url = f"/communities/{community.slug}/meetings/day/"
    assert "Shabbat" in page(f"{url}?day=2027-01-09&hour=10:00")
    assert "Kislev" in page(f"{url}?day=2026-12-08")
    assert "begins that evening" in page(f"{url}?day=2027-01-08&hour=17:00")
    found = make_meeting(community, facilitator, title="The other one", starts_at=at("2027-01-12 10:00"))
    assert "The other one" in page(f"{url}?day=2027-01-12")
    assert "The other one" not in page(f"{url}?day=2027-01-12&besides={found.pk}")
    for odd in ("", "?day=x", "?day=0001-01-01", "?day=9999-12-31&hour=99:99", "?day=2027-01-12&besides=x"):
        assert client.get(url + odd).status_code == 200


def test_an_agenda_longer_than_the_meeting_is_warned_of_and_allowed(client, community, page):
    url = f"/communities/{community.slug}/meetings/new/"
    data = {**PLAN, "starts_0": "", "starts_1": "", "deed": "draft", "agenda": "Talk (100)"}
    response = client.post(url, data)
    assert "100 minutes" in response.content.decode() and not Meeting.objects.exists()
    client.post(url, {**data, "warned": response.context["form"].data["warned"]})
    assert Meeting.objects.get().state == MeetingState.DRAFT
