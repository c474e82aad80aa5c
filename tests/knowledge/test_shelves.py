"""The numbers beside the library's list: kept a while for those who see the same, and for nobody else."""

import pytest

from knowledge.models import Item
from knowledge.views import shelves
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item
from tests.members.factories import make_admin, make_member, make_representative, make_user
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture(autouse=True)
def _kept(monkeypatch):
    monkeypatch.setattr(shelves, "_kept", type(shelves._kept)())
    monkeypatch.setattr(shelves, "SECONDS", 20)


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


def test_only_so_much_is_kept(monkeypatch):
    monkeypatch.setattr(shelves, "MOST", 2)
    counted = []
    for key in "abca":
        shelves.shelves_of(key, lambda key=key: counted.append(key))
    assert counted == list("abca")
    assert list(shelves._kept) == ["c", "a"]


def test_whole_library_costs_one_query_once_it_was_counted(client, count_queries):
    make_item()
    count_queries("/knowledge/")
    assert count_queries("/knowledge/") == 1
