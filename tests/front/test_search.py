"""The one box: what it finds, for whom, in which order, and how it is shown."""

import pytest

from communities.enums import Access
from munistem.commons.enums import Visibility
from munistem.commons.search.actions import index
from munistem.front.views.search import KINDS, LIMIT
from munistem.front.views.snippets import Asked
from tests.communities.factories import make_community, make_membership, make_post, make_topic
from tests.knowledge.factories import make_file, make_item
from tests.members.factories import make_authority, make_member, make_municipality, make_user
from tests.policy.factories import make_recommendation

pytestmark = pytest.mark.django_db


def counts(client, query: str) -> dict[str, int]:
    """Kind → number, as the tabs show it."""
    answers = client.get("/search/", {"q": query}).context["answers"]
    return {answer.kind.code: answer.count for answer in answers}


def make_one_of_each(word: str) -> None:
    make_item(title=f"Guide to {word}")
    make_topic(make_community(access=Access.OPEN), title=f"Who knows {word}?")
    make_member(name=f"Dana {word}")
    make_community(name=f"Circle of {word}")
    make_municipality(authority=make_authority(name_en=f"Mount {word}"))
    make_recommendation(title_en=f"More {word}")


def test_every_kind_is_found_by_a_member(client):
    make_one_of_each("robotics")
    client.force_login(make_member())
    assert counts(client, "robotics") == dict.fromkeys(KINDS, 1)


def test_visitor_finds_no_people(client):
    make_one_of_each("robotics")
    assert counts(client, "robotics") == {code: 1 for code in KINDS if code != "people"}


def test_private_things_are_neither_found_nor_counted(client, read):
    make_item(title="Hidden lighthouse", visibility=Visibility.NETWORK)
    make_item(title="Inner lighthouse", visibility=Visibility.COMMUNITY)
    make_topic(make_community(access=Access.REQUEST), title="Talk of a lighthouse")
    make_community(access=Access.CLOSED, name="Lighthouse circle")
    assert "Nothing was found" in read("/search/?q=lighthouse")
    for code in KINDS:
        assert "Nothing was found" in read(f"/search/?q=lighthouse&in={code}")
    client.force_login(make_member())
    assert counts(client, "lighthouse") == {"items": 1}


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


def test_questions_are_limited(client, settings):
    for _ in range(LIMIT[0]):
        client.get("/search/?q=a")
    assert client.get("/search/?q=a").status_code == 429
    assert client.get("/search/").status_code == 200


@pytest.mark.parametrize("code", ["", *KINDS])
def test_search_costs_the_same_for_one_and_thirty(client, count_queries, code):
    make_one_of_each("robotics")
    client.force_login(make_member())
    few = count_queries(f"/search/?q=robotics&in={code}")
    for _ in range(29):
        make_one_of_each("robotics")
    assert count_queries(f"/search/?q=robotics&in={code}") == few <= 15


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
