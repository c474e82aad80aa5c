"""The one box: what it finds, for whom, in which order, and how it is shown."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from communities import rules
from communities.enums import Access
from knowledge.actions.collection import close_collection, edit_collection, start_collection
from members.models import User
from munistem.commons.enums import Visibility
from munistem.commons.search.actions import index
from munistem.front.views.search import pages
from munistem.front.views.search.kinds import KINDS
from munistem.front.views.search.snippets import Asked
from tests.communities.factories import (
    make_community,
    make_decision,
    make_facilitator,
    make_held_meeting,
    make_invitee,
    make_membership,
    make_minutes,
    make_post,
    make_topic,
)
from tests.knowledge.factories import make_collection, make_file, make_item
from tests.members.factories import make_admin, make_authority, make_member, make_municipality, make_user
from tests.policy.factories import make_recommendation

pytestmark = pytest.mark.django_db


def counts(client, query: str) -> dict[str, int]:
    """Kind → number, as the tabs show it."""
    answers = client.get("/search/", {"q": query}).context["answers"]
    return {answer.kind.code: answer.count for answer in answers}


def make_one_of_each(word: str, reader: Any = None) -> None:
    make_item(title=f"Guide to {word}")
    make_collection(title=f"All about {word}")
    make_topic(make_community(access=Access.OPEN), title=f"Who knows {word}?")
    make_member(name=f"Dana {word}")
    make_community(name=f"Circle of {word}")
    make_municipality(authority=make_authority(name_en=f"Mount {word}"))
    make_recommendation(title_en=f"More {word}")
    community = make_community()
    if reader:
        make_membership(community, reader)
    minutes = make_minutes(make_held_meeting(community, title=f"Meeting on {word}"), "approved")
    make_decision(
        make_held_meeting(community), text=f"We buy {word}.", number=1, approved_at=minutes.approved_at
    )


def test_every_kind_is_found_by_a_member(client):
    reader = make_member()
    make_one_of_each("robotics", reader)
    client.force_login(reader)
    assert counts(client, "robotics") == dict.fromkeys(KINDS, 1)


def test_visitor_finds_no_people(client):
    make_one_of_each("robotics")
    inside = {"people", "minutes", "decisions"}
    assert counts(client, "robotics") == {code: 1 for code in KINDS if code not in inside}


def test_private_things_are_neither_found_nor_counted(client, read):
    make_item(title="Hidden lighthouse", visibility=Visibility.NETWORK)
    make_item(title="Inner lighthouse", visibility=Visibility.COMMUNITY)
    make_collection(title="Chosen lighthouses", visibility=Visibility.NETWORK)
    closed = make_collection(title="Former lighthouses")
    close_collection(by=closed.created_by, collection=closed)
    make_collection(make_item(title="Something else"), title="Other things").entries.update(
        note="A lighthouse"
    )
    make_topic(make_community(access=Access.REQUEST), title="Talk of a lighthouse")
    make_community(access=Access.CLOSED, name="Lighthouse circle")
    assert "Nothing was found" in read("/search/?q=lighthouse")
    for code in KINDS:
        assert "Nothing was found" in read(f"/search/?q=lighthouse&in={code}")
    client.force_login(make_member())
    assert counts(client, "lighthouse") == {"items": 1, "collections": 1}


def test_collections_are_found_by_what_they_are_called_now(client):
    keeper, community = make_admin(), make_community(access=Access.OPEN)
    content = {"title": "מעבדות ניידות", "text": "For schools", "language": "he", "visibility": "public"}
    content["community"] = community
    collection = start_collection(by=keeper, content=content)
    assert counts(client, "מעבדה ניידת") == {"collections": 1}
    edit_collection(by=keeper, collection=collection, content=content | {"title": "Lighthouses"})
    assert counts(client, "מעבדה ניידת") == {}
    found = client.get("/search/", {"q": "lighthouse school", "community": community.slug}).context["answers"]
    assert [str(one.title) for answer in found for one in answer.results] == ["<mark>Lighthouses</mark>"]
    page = client.get("/search/?q=lighthouse&in=collections").context["page"]
    assert [one.url for one in page.object_list] == [collection.get_absolute_url()]


@pytest.mark.parametrize("state", ["draft", "sent", "approved"])
def test_minutes_are_found_by_those_who_may_read_them(client, state):
    community = make_community(access=Access.OPEN)
    member, there = make_membership(community).person, make_membership(community).person
    leader = make_facilitator(community)
    meeting = make_held_meeting(community, leader, title="Lighthouse")
    make_invitee(meeting, there, attended=True)
    minutes = make_minutes(meeting, state)
    decided = {"number": 1, "approved_at": minutes.approved_at} if state == "approved" else {}
    decision = make_decision(meeting, text="A lighthouse for all", **decided)
    people = {"visitor": None, "outsider": make_member(), "member": member, "there": there}
    for name, person in {**people, "leader": leader, "admin": make_admin()}.items():
        user = User.objects.get(pk=person.pk) if person else AnonymousUser()
        may = rules.can_see_minutes(user, minutes), rules.can_see_decision(user, decision)
        expected = {"minutes": 1} if may[0] else {}
        expected |= {"decisions": 1} if may[1] and state == "approved" else {}
        client.logout()
        if person:
            client.force_login(person)
        assert counts(client, "lighthouse") == expected, name


def test_minutes_show_the_paragraph_and_lead_to_their_number(client, read):
    community = make_community()
    meeting = make_held_meeting(community, title="Spring meeting")
    minutes = make_minutes(meeting, "approved", number=7)
    client.force_login(make_membership(community).person)
    page = read("/search/?q=talked&in=minutes")
    assert "We <mark>talked</mark>." in page
    assert f"/meetings/{minutes.meeting_id}/minutes/?number=7" in page


def test_member_finds_what_is_said_in_own_community(client):
    community = make_community(access=Access.CLOSED)
    make_topic(community, title="Transport", body="<p>The lighthouse bus leaves at eight.</p>")
    client.force_login(make_membership(community).person)
    assert counts(client, "lighthouse") == {"topics": 1}


def test_exact_title_comes_first(client):
    make_item(title="Robotics in kindergarten and robotics at home", summary="robotics robotics")
    exact = make_item(title="Robotics")
    page = client.get("/search/", {"q": "robotics", "in": "items"}).context["page"]
    assert page.object_list[0].url == exact.get_absolute_url()


def test_result_leads_to_the_post_that_says_it(client, read):
    topic = make_topic(make_community(access=Access.OPEN), title="Transport")
    make_post(topic, body="<p>We hired the lighthouse bus.</p>")
    page = read("/search/?q=lighthouse&in=topics")
    assert f"/topics/{topic.pk}/#post-2" in page
    assert "<mark>lighthouse</mark> bus" in page


def test_what_stands_in_a_file_is_found_and_shown(read):
    item = make_item(title="Our plan")
    make_file(item.published, name="plan.txt", text="Transport: the lighthouse bus leaves at eight.")
    page = read("/search/?q=lighthouse")
    assert item.get_absolute_url() in page
    assert "the <mark>lighthouse</mark> bus" in page


def test_people_are_shown_with_their_organisations(client, read):
    organisation = make_municipality(authority=make_authority(name_en="Green Valley"))
    make_member(name="Dana Levin", organisation=organisation, role_title="STEM manager")
    client.force_login(make_member())
    page = read("/search/?q=dana&in=people")
    assert "<mark>Dana</mark> Levin" in page
    assert "Green Valley" in page


def test_authorities_outside_the_network_stand_apart(read):
    inside, outside = make_authority(name_en="Twin Hills East"), make_authority(name_en="Twin Hills West")
    make_municipality(authority=inside)
    page = read("/search/?q=twin hills&in=organisations")
    assert "not yet in the network" in page
    assert f"/authorities/{outside.pk}/" in page
    assert f"/authorities/{inside.pk}/" not in page


def test_empty_box_asks_what_is_looked_for(read):
    assert "What are you looking for?" in read("/search/")
    assert "What are you looking for?" in read("/search/?q=%20%20")


@pytest.mark.parametrize(
    "query", ["'", "!!!", "a & | ! :*", "%", "\\", "<script>alert(1)</script>", "א" * 900, "‮abc", "--", "\t"]
)
def test_odd_questions_get_a_page(client, query):
    response = client.get("/search/", {"q": query, "page": "99999999999", "in": "nothing"})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_hebrew_is_found_behind_its_particles_and_marked(read):
    make_item(title="הובלה", summary="מה עושה הרשות כשהיא מובילה", language="he")
    page = read("/search/?q=רשות")
    assert "<mark>הרשות</mark>" in page


def test_questions_are_limited(client, monkeypatch):
    monkeypatch.setattr(pages, "LIMIT", (2, 3600))
    assert [client.get("/search/?q=a").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/search/").status_code == 200


@pytest.mark.parametrize("code", ["", *KINDS])
def test_search_costs_the_same_for_one_and_thirty(client, count_queries, code):
    reader = make_member()
    make_one_of_each("robotics", reader)
    client.force_login(reader)
    few = count_queries(f"/search/?q=robotics&in={code}")
    for _ in range(29):
        make_one_of_each("robotics", reader)
    assert count_queries(f"/search/?q=robotics&in={code}") == few <= 15, code


def test_person_without_organisation_finds_only_themself(client):
    make_member(name="Dana One")
    me = make_user(name="Dana Two")
    index(me)
    client.force_login(me)
    assert counts(client, "dana") == {"people": 1}


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("lab", "Our <lab> & more", "Our &lt;<mark>lab</mark>&gt; &amp; more"),
        ("שלום", "שָׁלוֹם לכולם", "<mark>שָׁלוֹם</mark> לכולם"),
        ("צהל", "מתגייסים לצה״ל", "מתגייסים <mark>לצה״ל</mark>"),
        ("robot", "Robotics and robots", "<mark>Robotics</mark> and <mark>robots</mark>"),
        ("مدرسة", "مدرسه جديدة", "<mark>مدرسه</mark> جديدة"),
        ("nothing", "some words", "some words"),
    ],
)
def test_words_are_marked_in_their_own_spelling(query, text, expected):
    assert Asked(query).marked(text) == expected


def test_passage_shows_the_place_where_it_is_said():
    text = "word " * 200 + "the lighthouse stands here " + "word " * 200
    passage = str(Asked("lighthouse").passage([text]))
    assert "<mark>lighthouse</mark>" in passage
    assert passage.startswith("… ")
    assert passage.endswith(" …")
    assert len(passage) < 300


def test_passage_without_a_hit_is_the_beginning():
    assert Asked("lighthouse").passage(["", "Short."]) == "Short."
    assert len(Asked("lighthouse").passage(["word " * 200])) < 240
