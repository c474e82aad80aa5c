"""The numbers beside the library's list: kept a while for those who see the same, and for nobody else."""

import random
import re
from collections import OrderedDict

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from knowledge.enums import ItemKind
from knowledge.models import Item
from knowledge.views import library, shelves
from munistem.commons import awhile, ready
from munistem.commons.enums import Visibility
from munistem.commons.text import pages
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item
from tests.members.factories import make_admin, make_member, make_organisation, make_representative, make_user
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture(autouse=True)
def _kept(monkeypatch):
    monkeypatch.setattr(awhile, "SECONDS", 20)
    yield
    shelves.KEPT.kept.clear()


def told(client, people):
    """How many items each is told of, twice over, so that the second may have been counted for another."""
    found = []
    for _twice in range(2):
        for person in people:
            client.force_login(person) if person else client.logout()
            found.append(client.get("/knowledge/").context["total"])
    return found


def test_who_sees_more_is_told_more_and_nobody_else(client):
    community = make_community()
    make_item()
    make_item(visibility=Visibility.NETWORK)
    inner = make_item(visibility=Visibility.COMMUNITY, community=community)
    joined = make_membership(community).person
    make_representative(person=joined)
    author = Item.objects.get(pk=inner.pk).created_by
    people = [None, make_user(), make_member(), joined, author, make_admin(), make_member()]
    expected = [Item.objects.visible_to(person).published().count() for person in people[1:]]
    assert told(client, people) == [1, *expected] * 2
    assert len(set(expected)) > 2


def test_list_is_of_now_though_the_numbers_are_kept(client):
    make_item(title="The first")
    assert "The first" in read(client, "/knowledge/")
    second = make_item(title="The second")
    assert "The second" in read(client, "/knowledge/")
    assert client.get("/knowledge/").context["total"] == 1
    Item.objects.filter(pk=second.pk).update(visibility=Visibility.NETWORK)
    assert "The second" not in read(client, "/knowledge/")


def test_what_is_searched_is_counted_now(client):
    make_item(title="Lighthouse one")
    assert client.get("/knowledge/?q=lighthouse").context["total"] == 1
    make_item(title="Lighthouse two")
    assert client.get("/knowledge/?q=lighthouse").context["total"] == 2


def test_whole_library_costs_one_query_once_it_was_counted(client, count_queries):
    make_item()
    count_queries("/knowledge/")
    assert count_queries("/knowledge/") == 1


@pytest.fixture
def readers():
    """Persons who see different things, and a library of works in some languages, by some of them, for some of them."""
    chance, communities = random.Random(26), [make_community(), make_community()]
    town = make_organisation()
    people = [make_member(), make_user(), make_representative(organisation=town, is_manager=True).person]
    people += [make_representative(person=make_membership(one).person).person for one in communities]
    people.append(make_membership(communities[0]).person)  # of no organisation: not of the network
    works = []
    for number in range(36):
        first = chance.choice(works) if works and number % 3 == 2 else None
        languages = {"he", "ar", "en"} - {row.language for row in works if first in (row, row.edition_of)}
        made = make_item(
            edition_of=first,
            language=sorted(languages)[0] if first else chance.choice(["he", "ar"]),
            visibility=(visibility := chance.choice(list(Visibility))),
            community=chance.choice(communities) if visibility == Visibility.COMMUNITY else None,
            organisation=chance.choice([town, None, None]),
            created_by=chance.choice(people[:3]),
            kind=chance.choice(list(ItemKind)[:3]),
            life_stages=chance.sample(["primary", "employment", "service"], 2),
        )
        if not first:
            works.append(made)
        elif len(languages) < 3:
            works.remove(first)
    return [*people, make_admin()]


def all_numbers(counts):
    return {facet: {key: number for key, number in counts[facet].items() if number} for facet in counts}


@pytest.mark.parametrize(
    "chosen", [{}, {"kind": "guide"}, {"kind": "case_study", "stage": "service"}], ids=len
)
def test_what_is_beside_a_circle_adds_up_to_what_a_person_sees(readers, chosen):
    for person in readers:
        rows = Item.objects.visible_to(person).published()
        for language in ("he", "ar", "en"):
            expected = all_numbers(rows.count_facets(chosen, language))
            counted = all_numbers(shelves.counts_for(person, shelves.sight(person), chosen, language))
            assert {facet: counted.get(facet, {}) for facet in expected} == expected
            assert all(facet in expected or not numbers for facet, numbers in counted.items())


def test_those_who_see_other_items_have_another_sight(readers):
    seen = {}
    for person in [*readers, make_member(), make_user()]:
        items = frozenset(Item.objects.visible_to(person).published().values_list("pk", flat=True))
        assert seen.setdefault(shelves.sight(person), items) == items
    assert shelves.sight(make_member()) == shelves.sight(make_member())


def test_what_is_beside_a_circle_is_found_by_why_it_is_seen(readers):
    for person in readers[:-1]:
        circle = shelves.circle_of(person)
        beside = Item.objects.visible_to(person).published().exclude(visibility__in=circle)
        assert set(Item.objects.beside(person, circle)) == set(beside)


@pytest.mark.parametrize("sort", ["", "used"])
def test_pages_are_the_same_from_both_ends(client, readers, monkeypatch, sort):
    monkeypatch.setattr(pages, "DEEP", 2)
    monkeypatch.setattr(ready, "_kept", OrderedDict())  # written for pages of another size
    monkeypatch.setattr(library, "ITEMS_A_PAGE", 5)
    Item.objects.update(published_at=timezone.now())  # all at the same moment
    for person in [None, *readers]:
        client.force_login(person) if person else client.logout()
        rows = Item.objects.visible_to(person or AnonymousUser()).published().one_per_work("en")
        rows = rows.most_used_first() if sort else rows.latest_first()
        address, numbers = f"/knowledge/?lang=en&sort={sort}&page=", range(1, -(-rows.count() // 5) + 1)
        pages_read = [read(client, f"{address}{number}") for number in numbers]
        cards = [
            found for page in pages_read for found in re.findall(r'card__title"><a href="([^"]+)"', page)
        ]
        assert cards == [item.get_absolute_url() for item in rows]
