"""Lists taken along: feeds and tables show what their pages show, to the same people."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import translation

from communities.enums import Access
from knowledge.actions.bulk.table import column_of
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_collection, make_file, make_item, make_term
from tests.members.factories import make_authority, make_member, make_municipality, make_user
from tests.visits import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
ATOM = "{http://www.w3.org/2005/Atom}"


def titles(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    tree = ElementTree.fromstring(response.content)
    return [node.find(f"{ATOM}title").text for node in tree.iter(f"{ATOM}entry")]


def table(response):
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_feed_shows_the_newest_first_as_far_as_the_reader_may_see_them(client):
    make_item(title="Older")
    make_item(title="Newer & <better>")
    make_item(title="SECRET", visibility=Visibility.NETWORK)
    make_item(title="SECRET", withdrawn=True)
    url = reverse("serve_library_feed")
    assert titles(client.get(url)) == ["Newer & <better>", "Older"]
    assert "SECRET" in titles(signed_in(make_member()).get(url))


def test_feed_follows_facets_and_words(client):
    make_item(title="A guide of robots", kind="guide", life_stages=["primary"])
    make_item(title="A case of robots", kind="case_study")
    url = reverse("serve_library_feed")
    assert titles(client.get(f"{url}?kind=guide")) == ["A guide of robots"]
    assert titles(client.get(f"{url}?q=case")) == ["A case of robots"]
    assert titles(client.get(f"{url}?stage=employment")) == []


def test_page_names_its_feed_with_its_facets(read):
    make_item(kind="guide")
    page = read(reverse("list_items") + "?kind=guide")
    assert 'rel="alternate" type="application/atom+xml"' in page
    assert f'href="{reverse("serve_library_feed")}?kind=guide"' in page
    assert f'href="{reverse("export_items")}?kind=guide&amp;as=csv"' in page


@pytest.mark.parametrize("name", ["serve_community_feed", "export_community_items"])
def test_library_of_a_community_is_for_whom_its_page_is_for(client, name):
    closed = make_community(access=Access.CLOSED)
    make_item(community=closed, visibility=Visibility.COMMUNITY, title="SECRET")
    url, page = reverse(name, args=[closed.slug]), reverse("show_community_library", args=[closed.slug])
    outsider, insider = make_member(), make_membership(closed).person
    for person in (outsider, insider):
        client = signed_in(person)
        assert client.get(url).status_code == client.get(page).status_code
    assert signed_in(outsider).get(url).status_code == 404
    assert "SECRET" in signed_in(insider).get(url).content.decode()


def test_community_feed_shows_its_own_items(client):
    community = make_community(access=Access.OPEN)
    make_item(community=community, title="Of the community")
    make_item(title="Of nobody")
    assert titles(client.get(reverse("serve_community_feed", args=[community.slug]))) == ["Of the community"]


def test_collection_feed_keeps_the_order_and_hides_what_is_hidden(client):
    shown = [
        make_item(title="First"),
        make_item(title="SECRET", visibility=Visibility.NETWORK),
        make_item(title="Second"),
    ]
    collection = make_collection(*shown)
    assert titles(client.get(reverse("serve_collection_feed", args=[collection.slug]))) == ["First", "Second"]
    private = make_collection(shown[0], visibility=Visibility.NETWORK)
    assert client.get(reverse("serve_collection_feed", args=[private.slug])).status_code == 404


# Tables --------------------------------------------------------------------------------------------------


def test_table_says_what_items_say_and_runs_nothing(client):
    item = make_item(
        title="=1+1",
        kind="guide",
        life_stages=["primary", "employment"],
        terms=[make_term(name_en="Robotics")],
        authority=make_authority(name_en="Karmiel"),
        organisation=make_municipality(name_en="City of Karmiel"),
        links=["https://example.org/a"],
    )
    make_file(item.published, name="plan.txt")
    make_item(title="SECRET", visibility=Visibility.NETWORK)
    (row,) = table(client.get(reverse("export_items")))
    assert row["Title"] == "'=1+1"
    assert row["Life stages"] == "Primary school; Employment"
    assert row["Subjects"] == "Robotics"
    assert row["Municipality"] == "Karmiel"
    assert row["Links"] == "https://example.org/a"
    assert row["Files"] == "plan.txt"


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_heads_of_the_table_are_understood_by_an_import(client, language):
    make_item()
    client.cookies["django_language"] = language
    with translation.override(language):
        (row,) = table(client.get(reverse("export_items")))
    assert {"title", "summary", "kind", "language", "links"} < {column_of(head) for head in row}


def test_table_follows_the_facets(client):
    make_item(title="Guide", kind="guide")
    make_item(title="Case", kind="case_study")
    assert [row["Title"] for row in table(client.get(reverse("export_items") + "?kind=case_study"))] == [
        "Case"
    ]


def test_json_says_codes_and_no_person(client):
    author = make_user(name="Author Person", email="author@example.org")
    make_item(title="Guide", kind="guide", created_by=author)
    make_item(title="SECRET", visibility=Visibility.COMMUNITY)
    response = client.get(reverse("export_items") + "?as=json")
    (told,) = json.loads(response.content)["items"]
    assert (told["title"], told["kind"], told["visibility"]) == ("Guide", "guide", "public")
    assert "Author Person" not in response.content.decode()
    assert "author@" not in response.content.decode()


def test_lists_cost_the_same_for_one_item_and_for_thirty(count_queries):
    community = make_community(access=Access.OPEN)
    urls = [
        reverse("serve_library_feed"),
        reverse("export_items"),
        reverse("export_items") + "?as=json",
        reverse("serve_community_feed", args=[community.slug]),
    ]
    term = make_term()
    make_file(make_item(community=community, terms=[term], links=["https://example.org/"]).published)
    before = [count_queries(url) for url in urls]
    for _n in range(29):
        item = make_item(
            community=community,
            terms=[term],
            organisation=make_municipality(),
            links=["https://example.org/"],
        )
        make_file(item.published)
    assert [count_queries(url) for url in urls] == before
