"""Long lists of topics and communities: each page holds what its readers would find by passing over all before it."""

import random
from collections import OrderedDict
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from communities.enums import Access
from communities.models import Community, Topic
from communities.views import community as views
from munistem.commons import ready
from munistem.commons.text import pages
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_topic,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """Everything is far down, and a page is soon full; questions are written so, and forgotten."""
    monkeypatch.setattr(ready, "_kept", OrderedDict())
    monkeypatch.setattr(pages, "DEEP", 2)
    monkeypatch.setattr(ready, "_kept", OrderedDict())  # written for pages of another size
    monkeypatch.setattr(views, "TOPICS_A_PAGE", 3)
    monkeypatch.setattr(views, "COMMUNITIES_A_PAGE", 3)


def every_page(client, reader, address, of):
    """What stands on the pages of a list, one after the other."""
    client.force_login(reader) if reader else client.logout()
    join = "&" if "?" in address else "?"
    count = client.get(address).context["page"].paginator.num_pages
    return [
        thing for number in range(1, count + 1) for thing in of(client.get(f"{address}{join}page={number}"))
    ]


def titles(answer):
    return [row["title"] for row in answer.context["rows"]]


def test_topics_are_the_same_from_both_ends(client):
    chance, now = random.Random(26), timezone.now()
    place = make_community(access=Access.OPEN)
    leader, member = make_facilitator(place), make_membership(place).person
    for _number in range(16):  # many at the same moment
        at = now - timedelta(minutes=chance.randrange(4))
        make_topic(place, created_at=at, is_pinned=chance.random() < 0.2)

    def expected(choice=""):
        return [topic.title for topic in views.topics_listed(place.pk, choice)]

    def check():
        for reader in (None, member, leader):
            assert every_page(client, reader, place.get_absolute_url(), titles) == expected()

    check()
    for topic in chance.sample(list(Topic.objects.all()), 5):
        Topic.objects.filter(pk=topic.pk).update(
            hidden_at=now, hidden_by=leader, hidden_reason="Names a child"
        )
    Community.objects.filter(pk=place.pk).update(topic_count=11)
    check()
    assert every_page(client, leader, f"{place.get_absolute_url()}?kind=hidden", titles) == expected("hidden")


def test_communities_are_the_same_from_both_ends(client):
    for number in range(10):
        make_community(name=f"Community {number % 4}", member_count=number % 3)
    joined, closed = make_community(), make_community(access=Access.CLOSED, name="Secret")
    member = make_membership(joined).person
    inside = make_membership(closed).person

    def names(answer):
        return [card["name"] for card in answer.context["others"]]

    for reader in (None, make_member(), member, inside):
        told = every_page(client, reader, "/communities/", names)
        rows = views.others_of(reader or AnonymousUser()).liveliest_first()
        assert told == [row.name for row in rows]
        assert ("Secret" in told) is False
