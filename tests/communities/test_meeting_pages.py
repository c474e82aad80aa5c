"""Meetings as their readers see them: planned, voted on, answered, changed, at what cost."""

from datetime import datetime, timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.actions.agenda import look_back
from communities.enums import Access, Coming, MeetingState, MembershipState
from communities.models import DateOption, Meeting, Membership
from tests.commons.factories import uploaded
from tests.communities.factories import (
    make_agenda_item,
    make_community,
    make_invitee,
    make_meeting,
    make_member,
    make_membership,
    make_task,
)
from tests.moments import ZONE
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def next_weekday(weekday, weeks=2):
    """A day in some weeks on which nothing is special but what the test wants."""
    today = timezone.localdate()
    return today + timedelta(days=(weekday - today.weekday()) % 7 + 7 * weeks)


PLAN = {
    "title": "Labs that last",
    "purpose": "To compare budgets",
    "kind": "work",
    "starts_1": "10:00",
    "minutes_long": "90",
    "form": "in_person",
    "place": "Hall",
    "agenda": "Opening (10)\nBudgets [30]\nGoals for 2027",
}


def plan(client, community, day, **more):
    return client.post(f"/communities/{community.slug}/meetings/new/", {**PLAN, "starts_0": day, **more})


def test_meeting_is_planned_and_members_are_invited_in_one_step(client, community, leader):
    make_membership(community)
    day = next_weekday(0)
    response = plan(client, community, day)
    if response.status_code == 200:  # a holiday in these weeks
        response = plan(client, community, day, warned=response.context["form"].data["warned"])
    found = Meeting.objects.get()
    assert response["Location"] == found.get_absolute_url()
    assert found.state == MeetingState.PLANNED
    assert found.starts_at == datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)
    assert list(found.agenda.in_order().values_list("title", "minutes")) == [
        ("Opening", 10),
        ("Budgets", 30),
        ("Goals for 2027", None),
    ]
    assert found.invitees.count() == 2
    page = read(client, found.get_absolute_url())
    assert "Labs that last" in page and "Opening" in page


def test_shabbat_and_other_meetings_are_warned_of_and_allowed(client, community, leader):
    day = next_weekday(5)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
    make_meeting(community, leader, title="The other one", starts_at=at)
    response = plan(client, community, day)
    page = response.content.decode()
    assert "Shabbat" in page and "The other one" in page
    assert 'value="Labs that last"' in page
    assert Meeting.objects.count() == 1
    plan(client, community, day, warned=response.context["form"].data["warned"])
    assert Meeting.objects.planned().count() == 2


def test_draft_needs_no_date_and_invitation_does(client, community, leader):
    assert "Choose a day and an hour" in plan(client, community, "", starts_1="").content.decode()
    assert "Write the day" in plan(client, community, "").content.decode()
    plan(client, community, "", starts_1="", deed="draft")
    draft = Meeting.objects.get()
    assert draft.state == MeetingState.DRAFT
    client.post(f"/meetings/{draft.pk}/invite/")
    draft.refresh_from_db()
    assert draft.state == MeetingState.DRAFT


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("starts_0", "2020-01-01", "past"),
        ("starts_0", "9999-12-31", "three years"),
        ("starts_0", "soon", "2027-01-31"),
        ("starts_1", "25:00", "09:30"),
        ("minutes_long", "0", "10"),
        ("capacity", "-1", "1"),
        ("link", "javascript:alert(1)", "URL"),
        ("agenda", "\n".join(f"Item {n}" for n in range(40)), "at most 30"),
    ],
)
def test_bad_input_is_told_and_what_was_typed_is_kept(client, community, leader, field, value, told):
    page = plan(client, community, next_weekday(0), **{field: value}).content.decode()
    assert told in page
    assert 'value="Labs that last"' in page
    assert not Meeting.objects.exists()


def test_several_dates_become_a_vote(client, community, leader):
    first, second = next_weekday(0), next_weekday(1, 4)
    more = {"other_1_0": second, "other_1_1": "09:00"}
    response = plan(client, community, first, **more)
    if response.status_code == 200:
        plan(client, community, first, **more, warned=response.context["form"].data["warned"])
    poll = Meeting.objects.get()
    assert poll.state == MeetingState.POLL
    options = list(DateOption.objects.order_by("starts_at"))
    votes = {f"date_{option.pk}": "yes" for option in options}
    assert client.post(f"/meetings/{poll.pk}/dates/", {}).status_code == 200
    client.post(f"/meetings/{poll.pk}/dates/", votes)
    assert "Fix and invite" in read(client, f"/meetings/{poll.pk}/")
    client.post(f"/meetings/{poll.pk}/dates/fix/", {"option": options[1].pk})
    poll.refresh_from_db()
    assert (poll.state, poll.starts_at) == (MeetingState.PLANNED, options[1].starts_at)


def test_next_one_is_filled_from_the_last_at_the_same_hour(client, community, leader):
    last = make_meeting(community, leader, title="Budgets", capacity=12)
    make_agenda_item(last, title="Opening", minutes=10)
    page = read(client, f"/communities/{community.slug}/meetings/new/?after={last.pk}")
    local = timezone.localtime(last.starts_at)
    assert 'value="Budgets"' in page and "Opening (10)" in page
    assert f'value="{local.date() + timedelta(weeks=4)}"' in page
    assert f'value="{local:%H:%M}"' in page
    assert "Working in pairs" in read(client, f"/communities/{community.slug}/meetings/new/?kind=learning")
    for odd in ("after=0", "after=x", "after=99999999999999999999", "kind=none"):
        read(client, f"/communities/{community.slug}/meetings/new/?{odd}")


def test_link_of_an_open_community_is_for_members(client):
    community = make_community(access=Access.OPEN)
    found = make_meeting(community, form="online", link="https://room.example/secret", place="")
    member = make_membership(community).person
    for url in (f"/meetings/{found.pk}/", f"/meetings/{found.pk}/calendar.ics"):
        assert "room.example" not in read(client, url)
    client.force_login(member)
    for url in (f"/meetings/{found.pk}/", f"/meetings/{found.pk}/calendar.ics"):
        assert "room.example" in read(client, url)


def test_drafts_and_closed_communities_do_not_exist_for_others(client):
    closed = make_meeting(make_community(access=Access.CLOSED))
    draft = make_meeting(make_community(access=Access.OPEN), state=MeetingState.DRAFT)
    client.force_login(make_member())
    for found in (closed, draft):
        read(client, f"/meetings/{found.pk}/", 404)
        read(client, f"/meetings/{found.pk}/calendar.ics", 404)


def test_member_answers_and_sees_who_comes(client, community):
    found = make_meeting(community, invited_at=timezone.now())
    member = make_invitee(found).person
    client.force_login(member)
    url = f"/meetings/{found.pk}/answer/"
    assert "Write the name of who comes" in client.post(url, {"answer": "substitute"}).content.decode()
    assert client.post(url, {"answer": "maybe"}).status_code == 200
    for _ in range(2):
        client.post(url, {"answer": "substitute", "substitute_name": "Rana"})
    page = read(client, f"/meetings/{found.pk}/")
    assert "Rana" in page
    Membership.objects.filter(person=member).update(state=MembershipState.LEFT)
    assert client.post(url, {"answer": "coming"}).status_code == 404


def test_agenda_is_proposed_and_decided_on_the_page(client, community):
    found = make_meeting(community)
    client.force_login(make_membership(community).person)
    assert client.post(f"/meetings/{found.pk}/agenda/", {"item_title": ""}).status_code == 200
    client.post(f"/meetings/{found.pk}/agenda/", {"item_title": "Grants", "item_minutes": "15"})
    item = found.agenda.get()
    assert client.post(f"/meetings/{found.pk}/agenda/{item.pk}/", {"deed": "accept"}).status_code == 403
    client.force_login(found.created_by)
    for deed in ("accept", "up", "down", "odd", ""):
        client.post(f"/meetings/{found.pk}/agenda/{item.pk}/", {"deed": deed})
    item.refresh_from_db()
    assert item.state == "accepted"


def test_who_brings_a_line_how_long_and_what_to_read_are_changed_on_its_page(client, community, leader):
    found = make_meeting(community, leader, minutes_long=30)
    owner = make_membership(community, make_member(name="Rana Haddad")).person
    item = make_agenda_item(found)
    url = f"/meetings/{found.pk}/agenda/{item.pk}/edit/"
    assert "Rana Haddad" in read(client, url)
    assert "This field is required" in client.post(url, {"item_title": ""}).content.decode()
    data = {"item_title": "Grants", "item_minutes": "45", "item_owner": owner.pk, "item_reading": "Page 3"}
    for _ in range(2):
        paper = uploaded("slides.txt", b"Slides")
        assert client.post(url, {**data, "item_paper": paper}).status_code == 302
    page = read(client, found.get_absolute_url())
    assert "brought by" in page and "Rana Haddad" in page and "slides.txt" in page
    assert "longer than the meeting" in page
    client.force_login(owner)
    assert list(client.get(url).context["form"].fields) == [
        "item_reading",
        "item_paper",
        "item_is_paper_dropped",
    ]
    client.post(url, {"item_title": "Other", "item_reading": "Page 4"})
    item.refresh_from_db()
    assert (item.title, item.reading) == ("Grants", "Page 4")
    response = client.get(f"/meetings/{found.pk}/agenda/{item.pk}/paper/")
    assert b"".join(response.streaming_content) == b"Slides"
    client.force_login(make_membership(community).person)
    assert client.get(url).status_code == 403
    client.force_login(make_member())
    assert client.get(url).status_code == 404
    assert client.get(f"/meetings/{found.pk}/agenda/{item.pk}/paper/").status_code == 404


def test_paper_of_a_proposal_is_for_those_who_decide_and_its_author(client, community):
    found = make_meeting(community)
    author = make_membership(community).person
    client.force_login(author)
    sent = {"item_title": "Grants", "item_paper": uploaded("slides.txt", b"Slides")}
    client.post(f"/meetings/{found.pk}/agenda/", sent)
    url = f"/meetings/{found.pk}/agenda/{found.agenda.get().pk}/paper/"
    for person, status in [(author, 200), (found.created_by, 200), (make_membership(community).person, 404)]:
        client.force_login(person)
        response = client.get(url)
        assert response.status_code == status
        list(response.streaming_content) if response.streaming else None


def test_tasks_left_open_stand_first_on_the_agenda_for_who_may_see_them(client):
    community = make_community(access=Access.OPEN)
    held = make_meeting(community, starts_at=timezone.now() - timedelta(days=9))
    make_task(held, text="Ask the treasurer", approved_at=timezone.now())
    found = make_meeting(community, held.created_by)
    look_back(community, by=held.created_by)
    url = found.get_absolute_url()
    assert "Tasks that are still open" in read(client, url) and "Ask the treasurer" not in read(client, url)
    client.force_login(make_membership(community).person)
    assert "Ask the treasurer" in read(client, url)


def test_meeting_is_changed_and_called_off_on_its_pages(client, community, leader):
    found = make_meeting(community, leader, invited_at=timezone.now(), starts_at=a_plain_moment())
    page = read(client, f"/meetings/{found.pk}/edit/")
    assert found.title in page
    local = timezone.localtime(found.starts_at)
    data = {**PLAN, "starts_0": f"{local:%Y-%m-%d}", "starts_1": f"{local:%H:%M}", "place": "Library"}
    assert client.post(f"/meetings/{found.pk}/edit/", {**data, "starts_0": ""}).status_code == 200
    assert client.post(f"/meetings/{found.pk}/edit/", data).status_code == 302
    found.refresh_from_db()
    assert (found.place, found.sequence) == ("Library", 1)
    assert client.post(f"/meetings/{found.pk}/cancel/", {"reason": ""}).status_code == 200
    for _ in range(2):
        client.post(f"/meetings/{found.pk}/cancel/", {"reason": "The host is ill"})
    assert "The host is ill" in read(client, f"/meetings/{found.pk}/")


def a_plain_moment():
    day = next_weekday(0)
    return datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)


@pytest.mark.parametrize(
    "url",
    ["/communities/{slug}/meetings/", "/communities/{slug}/calendar/", "/me/calendar/", "/meetings/{pk}/"],
)
def test_queries_do_not_grow(client, community, leader, url):
    found = make_meeting(
        community, leader, invited_at=timezone.now(), starts_at=timezone.now() + timedelta(hours=1)
    )
    address = url.format(slug=community.slug, pk=found.pk)

    def count():
        read(client, address)
        with CaptureQueriesContext(connection()) as queries:
            read(client, address)
        return len(queries)

    def fill(number):
        for _ in range(number):
            make_meeting(community, leader, starts_at=timezone.now() + timedelta(hours=2))
            make_meeting(community, leader, starts_at=timezone.now() - timedelta(days=2))
            make_meeting(community, leader, state=MeetingState.DRAFT)
            make_invitee(found, answer=Coming.COMING)
            make_agenda_item(found, owner=leader)

    fill(1)
    few = count()
    fill(8)
    assert count() == few


def connection():
    from django.db import connection as found

    return found
