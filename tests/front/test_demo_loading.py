"""Loading the demo network: refused outside a trial, the same for the same seed, harmless the second time."""

import pytest
from django.core.management import CommandError
from django.db import transaction

from communities.enums import Access
from communities.models import Community, Post, Topic
from knowledge.models import Item
from members.models import User
from policy.models import Endorsement
from tests.communities.factories import make_community
from tests.front.demo import load, make_ground

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def trial(settings, tmp_path):
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path
    make_ground()


def written() -> dict:
    """What a reader could tell apart, without keys."""
    return {
        "people": sorted(User.objects.values_list("email", "name", "uuid", "role_title", "joined_at")),
        "posts": sorted(
            Post.objects.values_list("topic__title", "number", "author__email", "body", "created_at")
        ),
        "items": sorted(
            Item.objects.values_list("slug", "visibility", "created_by__email", "published__body", "facets")
        ),
        "answers": sorted(
            Endorsement.objects.values_list("organisation__slug", "recommendation__number", "stance", "state")
        ),
    }


def test_refused_outside_a_trial(settings):
    settings.DEMO = settings.TRIAL = False
    with pytest.raises(CommandError, match="DEMO=1"):
        load()


def test_communities_of_the_founding_content_are_taken_up():
    founded = make_community(slug="stem-managers", name="Founded", access=Access.REQUEST)
    load()
    assert Community.objects.get(slug="stem-managers").name == "Founded"
    assert founded.memberships.exists()
    assert founded.topics.exists()


def test_second_time_does_nothing():
    load()
    before = written()
    load(seed=7)
    assert written() == before


def test_same_seed_gives_the_same_network():
    networks = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            load(seed=seed)
            networks.append(written())
            transaction.set_rollback(True)
    assert networks[0] == networks[1]
    assert networks[0] != networks[2]


def test_smallest_network_has_the_accounts_alone():
    load(people=0, topics=0, posts=0, items=0)
    assert User.objects.filter(email__endswith="@munistem.example").count() == 8
    assert Topic.objects.count() == Item.objects.count() == 0
