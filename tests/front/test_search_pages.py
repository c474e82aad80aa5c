"""The search page beyond finding: pages of files, facets, communities, editions, and that nothing private shows."""

import re
from urllib.parse import urlencode

import pytest

from communities.enums import Access
from knowledge.enums import ItemKind
from knowledge.models import Item, Revision, RevisionLink
from munistem.commons.enums import Language, Visibility
from munistem.commons.files.models import PAGE_END
from munistem.commons.models import UnansweredSearch
from munistem.commons.search import reading
from munistem.commons.search.actions import index
from munistem.commons.search.learning import learn
from munistem.commons.terms.models import TermKind
from tests.communities.factories import make_community, make_membership, make_topic
from tests.knowledge.factories import make_collection, make_file, make_item, make_term
from tests.members.factories import make_authority, make_member, make_user

pytestmark = pytest.mark.django_db

PAGES = [f"עמוד על נושא אחר, מספר {number}" for number in range(1, 12)]
PAGES[6] = "כאן כתוב איך מסיעים תלמידות למעבדות האזוריות, ומי משלם על ההסעה."


@pytest.fixture(autouse=True)
def _nothing_learnt_before():
    """What a process knows of words is forgotten with the test that taught it."""
    reading.forget()
    yield
    reading.forget()


def make_long_item(**fields):
    item = make_item(title="מדריך לרשות", summary="איך מתחילים", language="he", **fields)
    held = make_file(item.published, name="guide.pdf", kind="pdf", text=PAGE_END.join(PAGES))
    return item, held.file


@pytest.mark.parametrize("query", ["מעבדה אזורית", "מעבדות", "המעבדה"])
def test_page_of_a_file_is_named_and_linked(client, query):
    item, file = make_long_item()
    [found] = client.get("/search/", {"q": query, "in": "items"}).context["page"].object_list
    assert found.place.page == "Page 7"
    told = urlencode({"page": 7, "q": query})
    assert found.place.url == f"/knowledge/{item.slug}/files/{file.key}/read/?{told}#page-7"
    assert "<mark>למעבדות</mark>" in found.snippet
    assert "<mark>למעבדות</mark>" in client.get(found.place.url).content.decode()


def test_what_the_text_says_needs_no_file(client):
    item, _ = make_long_item(body="<p>מעבדה אזורית</p>")
    [found] = client.get("/search/", {"q": "מעבדה אזורית", "in": "items"}).context["page"].object_list
    assert found.place is None
    assert found.url == item.get_absolute_url()


def test_file_without_pages_is_linked_without_a_number(client):
    item = make_item(title="Our plan")
    make_file(item.published, name="plan.txt", kind="text", text="The lighthouse bus leaves at eight.")
    [found] = client.get("/search/?q=lighthouse&in=items").context["page"].object_list
    assert (found.place.page, found.place.name) == ("", "plan.txt")


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("robots", [("Tag", "<mark>Robots</mark>")]),
        ("רובוטים", [("Tag", "<mark>רובוטים</mark>")]),
        ("androids", [("Tag", "<mark>androids</mark>")]),
        ("lower secondary", [("Life stage", "<mark>Lower</mark> <mark>secondary</mark> school")]),
        ("karmiel", [("Local authority", "<mark>Karmiel</mark>")]),
        ("timetable", [("File", "<mark>timetable</mark>.txt")]),
        ("rainbow", [("Link", "Over the <mark>rainbow</mark>")]),
        (
            "plan robots karmiel",
            [("Tag", "<mark>Robots</mark>"), ("Local authority", "<mark>Karmiel</mark>")],
        ),
        ("buses", []),
    ],
)
def test_what_no_text_says_is_told_as_the_reason(client, query, reasons):
    term = make_term(name_en="Robots", name_he="רובוטים", name_ar="روبوتات", synonyms=["androids"])
    place = make_authority(name_en="Karmiel")
    item = make_item(title="Our plan", body="<p>Buses.</p>", terms=[term], authority=place)
    make_file(item.published, name="timetable.txt", kind="text", text="Buses.")
    RevisionLink.objects.create(
        revision=item.published, url="https://site.example/", title="Over the rainbow"
    )
    Revision.objects.filter(pk=item.published_id).update(life_stages=["lower_secondary"])
    index(Item.objects.get(pk=item.pk))
    response = client.get("/search/", {"q": query, "in": "items"})
    [found] = response.context["page"].object_list
    assert [(what, str(name)) for what, name in found.reasons] == reasons
    assert all(f"{what}: <bdi" in response.content.decode() for what, _ in reasons)


def test_items_are_narrowed_by_facets_with_counts(client, read):
    subject = make_term(name_en="Robots")
    for number in range(3):
        make_item(title=f"Lighthouse {number}", kind=ItemKind.GUIDE, language="en")
    make_item(title="Lighthouse four", kind=ItemKind.TOOL, language="he", terms=[subject])
    make_item(title="Lighthouse hidden", kind=ItemKind.TOOL, visibility=Visibility.NETWORK)
    page = read("/search/?q=lighthouse&in=items")
    assert "in=items&amp;q=lighthouse&amp;kind=tool" in page.replace(
        "q=lighthouse&amp;in=items", "in=items&amp;q=lighthouse"
    )
    response = client.get("/search/?q=lighthouse&in=items&kind=tool")
    assert [str(one.title) for one in response.context["page"].object_list] == [
        "<mark>Lighthouse</mark> four"
    ]
    facets = {facet["code"]: facet for facet in response.context["library"]["facets"]}
    assert [(one["label"], one["count"]) for one in facets["kind"]["values"]] == [("Guide", 3), ("Tool", 1)]
    assert [one["label"] for one in facets["subject"]["values"]] == ["Robots"]
    [chip] = response.context["library"]["chips"]
    assert "q=lighthouse" in chip["url"]
    assert "in=items" in chip["url"]
    assert "kind=" not in chip["url"]


def test_facets_that_leave_nothing_offer_the_way_back(client, read):
    make_item(title="Lighthouse", kind=ItemKind.GUIDE)
    page = read("/search/?q=lighthouse&in=items&kind=tool")
    assert "See all results" in page
    assert "Take away:" in page


def test_items_can_be_sorted_by_newest(client):
    from datetime import timedelta

    from django.utils import timezone

    old = timezone.now() - timedelta(days=900)
    make_item(title="Lighthouse", published_at=old)
    make_item(title="A newer lighthouse of another sort")
    titles = [
        [
            str(one.title)
            for one in client.get(f"/search/?q=lighthouse&in=items{sort}").context["page"].object_list
        ]
        for sort in ("", "&sort=newest")
    ]
    assert titles[0] == titles[1][::-1]


def test_search_stays_inside_a_community(client, read):
    here, there = make_community(name="Here", access=Access.OPEN), make_community(access=Access.OPEN)
    make_topic(here, title="Lighthouse here")
    make_topic(there, title="Lighthouse there")
    make_item(title="Lighthouse of here", visibility=Visibility.COMMUNITY, community=here)
    make_item(title="Lighthouse for all")
    member = make_membership(here).person
    client.force_login(member)
    response = client.get(f"/search/?q=lighthouse&community={here.slug}")
    counts = {answer.kind.code: answer.count for answer in response.context["answers"]}
    assert counts == {"topics": 1, "items": 1}
    page = response.content.decode()
    assert "Search the whole portal" in page
    for code in ("topics", "items"):
        page = read(f"/search/?q=lighthouse&community={here.slug}&in={code}")
        assert "there" not in re.sub(r"<[^>]+>", "", page.split("<main")[1].split("</main")[0])
    assert f'name="community" value="{here.slug}"' in read(here.get_absolute_url())


def test_people_of_a_community_are_found_by_its_members_alone(client):
    here = make_community(access=Access.OPEN)
    make_membership(here, make_member(name="Dana Lighthouse"))
    make_member(name="Gal Lighthouse")
    url = f"/search/?q=lighthouse&community={here.slug}"
    assert client.get(url).context["answers"] == []
    client.force_login(make_membership(here).person)
    [answer] = client.get(url).context["answers"]
    assert [str(one.title) for one in answer.results] == ["Dana <mark>Lighthouse</mark>"]


def test_unknown_and_closed_communities_are_left_out(client):
    hidden = make_community(access=Access.CLOSED, name="Hidden")
    make_item(title="Lighthouse")
    for slug in (hidden.slug, "no-such", "x" * 300):
        response = client.get("/search/", {"q": "lighthouse", "community": slug})
        assert response.context["community"] is None
        assert [answer.count for answer in response.context["answers"]] == [1]


def test_search_of_items_can_be_followed(client, read):
    make_item(title="Lighthouse", kind=ItemKind.TOOL)
    url = "/search/?q=lighthouse&in=items&kind=tool"
    assert 'action="/me/follow/"' not in read(url)
    client.force_login(make_member())
    page = read(url)
    assert 'action="/me/follow/"' in page
    assert "q=lighthouse&amp;kind=tool" in page


def test_other_language_of_a_result_is_said(client):
    make_item(title="Lighthouse", language="ar")
    make_item(title="Lighthouse", language="en")
    notes = [one.notes for one in client.get("/search/?q=lighthouse&in=items").context["page"].object_list]
    assert sorted(Language.AR.label in each for each in notes) == [False, True]


def test_library_that_finds_nothing_notes_the_search_too(client):
    make_item(title="Lighthouse")
    for query in ("q=lighthouse", "q=beacon&kind=tool", "q=beacon"):
        client.get(f"/knowledge/?{query}")
    assert [search.text for search in UnansweredSearch.objects.all()] == ["beacon"]


def test_quotes_and_minus_are_understood(client):
    make_item(title="Lighthouse keeper manual")
    make_item(title="Manual of a keeper for the lighthouse")
    for query, expected in (('"lighthouse keeper"', 1), ("lighthouse -manual", 0), ("lighthouse manual", 2)):
        response = client.get("/search/", {"q": query, "in": "items"})
        assert (response.context["page"].paginator.count if response.context["page"] else 0) == expected, (
            query
        )


def test_slips_are_put_right_from_public_words(client, read):
    for number in range(2):
        make_item(title=f"Lighthouse keeper {number}")
        make_item(title=f"Beacon secret {number}", visibility=Visibility.NETWORK)
    learn()
    page = read("/search/?q=lighthuose+keeper&in=items")
    assert 'href="/search/?q=Lighthouse+keeper&amp;in=items"' in page
    assert "Did you mean" not in read("/search/?q=lighthouse")
    assert "Did you mean" not in read("/search/?q=becon")


def test_what_was_searched_beside_is_said(read):
    for number in range(2):
        make_item(title=f"מעבדה אזורית {number}", language="he")
        make_item(title=f"מעבדות ניידות {number}", language="he")
    learn()
    page = read("/search/?q=מעבדות")
    assert "Also searched:" in page
    assert "<bdi>מעבדה</bdi>" in page


QUERIES = ["lantern", "מנורה", "lanter", "lantern circle", "lantrn", '"secret lantern"', "public -lantern"]
CHANGING = re.compile(r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')


def looks(client) -> list[str]:
    """Everything that the search says to somebody."""
    urls = [
        f"/search/?q={query}{kind}"
        for query in QUERIES
        for kind in ("", "&in=items", "&in=topics", "&in=people", "&in=collections")
    ]
    urls += [f"/search/complete/?q={query}" for query in QUERIES] + ["/knowledge/?q=lantern"]
    answers = []
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200
        answers.append(CHANGING.sub("", response.content.decode()))
    return answers


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_world_with_private_things_looks_like_a_world_without(client, is_signed_in, monkeypatch):
    monkeypatch.setattr("munistem.front.views.search.pages.LIMIT", (100_000, 60))
    make_item(title="Public guide to robots", summary="A lantern is named once.")
    make_topic(make_community(access=Access.OPEN), title="Robots for all")
    if is_signed_in:
        client.force_login(make_user(name="Outsider"))
    learn()
    looks(client)
    before = looks(client)
    tag = make_term(
        name="secret lantern", is_curated=False, kind=TermKind.FREE, name_he="", name_ar="", name_en=""
    )
    closed = make_community(access=Access.CLOSED, name="Lantern circle")
    make_topic(closed, title="Secret lantern", body="<p>מנורה</p>")
    make_topic(make_community(access=Access.REQUEST), title="Lantern by request")
    for fields in (
        {"visibility": Visibility.NETWORK},
        {"visibility": Visibility.COMMUNITY, "community": closed},
        {"withdrawn": True},
    ):
        item = make_item(title="Secret lantern מנורה", terms=[tag], **fields)
        make_file(item.published, name="lantern.txt", text="Secret lantern מנורה")
        if not fields.get("withdrawn"):
            make_collection(title="Secret lantern", **fields)
    make_collection(item, title="Public things", visibility=Visibility.NETWORK).entries.update(note="lantern")
    make_item("draft", title="Secret lantern draft")
    make_item("submitted", title="Secret lantern submitted")
    make_member(name="Lantern Levi")
    learn()
    assert looks(client) == before
