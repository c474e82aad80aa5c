"""The API: the same things as the pages, to the same people, and nothing of persons."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.enums import Access
from munistem.commons.enums import Visibility
from munistem.front.api import answers
from munistem.front.api.urls import api
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_collection, make_file, make_item, make_term
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_municipality,
    make_organisation,
    make_user,
)
from tests.policy.factories import make_recommendation
from tests.visits import count_queries, signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
BASE = "/api/v1"


def ask(client: Client, path: str, status: int = 200, **headers: Any) -> Any:
    response = client.get(f"{BASE}{path}", headers=headers)
    assert response.status_code == status, response.content[:300]
    return json.loads(response.content) if response.content else None


def ids(client: Client, name: str, query: str = "") -> list[str]:
    return [str(row["id"]) for row in ask(client, f"/{name}{query}")[name]]


@pytest.fixture
def world():
    """One thing of each kind × visibility; answers name → those who may see it, by role."""
    closed = make_community(access=Access.CLOSED, name="SECRET community")
    organisation = make_municipality()
    people = {
        "visitor": visitor(),
        "registered": signed_in(make_user()),
        "member": signed_in(make_member()),
        "cmember": signed_in(make_membership(closed).person),
        "knowledge": signed_in(make_user(is_knowledge_manager=True)),
        "admin": signed_in(make_admin()),
    }
    everyone, network = set(people), {"member", "cmember", "knowledge", "admin"}
    public, inner = make_item(title="Public"), make_item(visibility=Visibility.NETWORK, title="SECRET inner")
    ours = make_item(visibility=Visibility.COMMUNITY, community=closed, title="SECRET ours")
    gone = make_item(withdrawn=True, title="SECRET gone")
    draft = make_item(state="draft", title="SECRET draft")
    left = make_organisation(left_on="2026-01-01", name_en="SECRET left")
    shelf = make_collection(public, inner, title="Shelf")
    hidden = make_collection(public, visibility=Visibility.NETWORK, title="SECRET shelf")
    unpublished = make_recommendation(is_published=False, title_he="SECRET advice")
    advice = make_recommendation()
    seen = {
        f"items/{public.slug}": everyone,
        f"items/{inner.slug}": network,
        f"items/{ours.slug}": {"cmember", "knowledge", "admin"},
        f"items/{gone.slug}": set(),
        f"items/{draft.slug}": set(),
        f"organisations/{organisation.slug}": everyone,
        f"organisations/{left.slug}": set(),
        f"communities/{closed.slug}": {"cmember", "admin"},
        f"collections/{shelf.slug}": everyone,
        f"collections/{hidden.slug}": network,
        f"recommendations/{advice.slug}": everyone,
        f"recommendations/{unpublished.slug}": set(),
        f"authorities/{organisation.authority_id}": everyone,
    }
    return people, seen


def test_every_thing_is_seen_by_whom_it_is_for_alone_and_in_lists_likewise(world):
    people, seen = world
    for path, roles in seen.items():
        name, _slash, key = path.partition("/")
        for role, client in people.items():
            should = role in roles
            assert (client.get(f"{BASE}/{path}").status_code == 200) is should, (path, role)
            assert (key in ids(client, name)) is should, (path, role)


def test_collection_holds_only_what_the_reader_may_see(world):
    people, seen = world
    path = next(path for path in seen if path.startswith("collections/"))
    titles = {
        role: [entry["title"] for entry in ask(client, f"/{path}")["entries"]]
        for role, client in people.items()
    }
    assert titles["visitor"] == ["Public"]
    assert titles["member"] == ["Public", "SECRET inner"]


def test_two_worlds_are_the_same_to_a_visitor():
    """Nothing of what is private shows in any list, in numbers or in where a list goes on."""
    make_item()
    before = [ask(visitor(), f"/{name}?limit=1") for name in ("items", "collections", "communities")]
    make_item(visibility=Visibility.COMMUNITY)
    make_item(state="submitted")
    make_collection(visibility=Visibility.NETWORK)
    make_community(access=Access.CLOSED)
    after = [ask(visitor(), f"/{name}?limit=1") for name in ("items", "collections")]
    assert after == before[:2]


def test_nobody_is_told_of():
    author = make_member(name="Author Person", email="author@example.org", is_manager=True)
    item = make_item(
        created_by=author, organisation=author.mandates[0].organisation, contact="Dana, 04-1234567"
    )
    make_file(item.published)
    for path in ("/items", f"/items/{item.slug}", "/organisations", "/communities", "/authorities"):
        text = json.dumps(ask(visitor(), path))
        for word in ("Author Person", "author@", "04-1234567", "email"):
            assert word not in text, path


def test_list_goes_on_from_the_last_and_never_twice():
    items = [make_item() for _n in range(5)]
    client, path, found = visitor(), "/items?limit=2", []
    while path:
        page = ask(client, path)
        found += [row["id"] for row in page["items"]]
        path = page["next"] and page["next"].partition(BASE)[2]
    assert found == [item.slug for item in items]


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=101",
        "?limit=x",
        "?after=nobody",
        "?language=xx",
        f"?kind={'x' * 50}",
        f"?after={'x' * 200}",
    ],
)
def test_bad_input_is_answered_plainly(query):
    assert "detail" in ask(visitor(), f"/items{query}", 422)


def test_after_takes_no_word_of_what_one_may_not_see():
    secret = make_item(visibility=Visibility.NETWORK)
    assert ask(visitor(), f"/items?after={secret.slug}", 422) == ask(visitor(), "/items?after=nobody", 422)


def test_facets_narrow_and_words_find():
    term = make_term(name_en="Robotics")
    guide = make_item(kind="guide", life_stages=["primary"], terms=[term], title="A guide of robots")
    make_item(kind="case_study", title="A case")
    client = visitor()
    assert ids(client, "items", "?kind=guide") == [guide.slug]
    assert ids(client, "items", f"?subject={term.slug}&stage=primary") == [guide.slug]
    assert ids(client, "items", "?stage=employment") == []
    assert [row["id"] for row in ask(client, "/items/find?q=robots")["items"]] == [guide.slug]


def test_item_says_all_that_its_page_says():
    place = make_authority()
    item = make_item(
        title="מעבדה", language="he", body="<p>Words</p>", authority=place, links=["https://example.org/"]
    )
    make_file(item.published, name="plan.txt")
    told = ask(visitor(), f"/items/{item.slug}")
    assert (told["title"], told["language"], told["authority"]) == ("מעבדה", "he", place.pk)
    assert told["body_html"] == "<p>Words</p>"
    assert told["links"] == [{"url": "https://example.org/", "title": ""}]
    assert told["files"][0]["name"] == "plan.txt"


def test_register_says_who_is_a_member():
    organisation, other = make_municipality(), make_authority()
    rows = {row["id"]: row["member"] for row in ask(visitor(), "/authorities")["authorities"]}
    assert rows == {organisation.authority_id: organisation.slug, other.pk: None}
    for code in (0, -1, 2**40):
        ask(visitor(), f"/authorities/{code}", 404)


def test_vocabulary_is_told_without_free_tags():
    make_term(name="SECRET free", is_curated=False, kind="free")
    term = make_term(name_en="Robotics")
    (row,) = ask(visitor(), "/tags")["tags"]
    assert (row["id"], row["names"]["en"]) == (term.slug, "Robotics")


def test_same_answer_is_sent_once():
    make_item()
    client = visitor()
    first = client.get(f"{BASE}/items")
    again = client.get(f"{BASE}/items", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_item()
    assert client.get(f"{BASE}/items", headers={"if-none-match": first["ETag"]}).status_code == 200
    assert "private" in first["Cache-Control"]


def test_requests_are_limited(monkeypatch):
    monkeypatch.setattr(answers, "REQUESTS_AN_HOUR", 2)
    client = visitor()
    assert [client.get(f"{BASE}/tags").status_code for _n in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed(method):
    item = make_item()
    client = signed_in(make_admin())
    for path in ("/items", f"/items/{item.slug}", "/tags"):
        assert getattr(client, method)(f"{BASE}{path}").status_code == 405


def test_every_list_costs_the_same_for_one_thing_and_for_thirty(client):
    names = ("items", "collections", "organisations", "communities", "authorities", "recommendations", "tags")

    def one_more():
        item = make_item(
            terms=[make_term()], links=["https://example.org/"], organisation=make_municipality()
        )
        make_file(item.published)
        make_collection(item)
        make_community()
        make_recommendation()

    one_more()
    before = [count_queries(client, f"{BASE}/{name}") for name in names]
    for _n in range(29):
        one_more()
    assert [count_queries(client, f"{BASE}/{name}") for name in names] == before
    assert max(before) <= 12


def test_description_is_whole_and_its_page_reads_without_script(client):
    schema = ask(visitor(), "/openapi.json")
    assert schema["openapi"].startswith("3.")
    page = client.get(reverse("api:show_api")).content.decode()
    for path in schema["paths"]:
        assert path in page
    assert schema["paths"].keys() == api.get_openapi_schema()["paths"].keys()
