"""What a search costs at most, with each of its branches forced: 15 queries."""

import pytest

from communities.enums import Access
from munistem.commons.models import UnansweredSearch
from munistem.commons.search import reading
from munistem.commons.search.learning import learn
from munistem.commons.search.unanswered.actions import note_unanswered, settle_search
from tests.communities.factories import make_community, make_membership
from tests.front.test_search import make_one_of_each
from tests.knowledge.factories import make_file, make_item, make_term
from tests.members.factories import make_admin, make_authority, make_member

pytestmark = pytest.mark.django_db
MOST = 15


@pytest.fixture
def reader(client):
    """Somebody who sees results of every kind, whose own community holds some, and whom a librarian answers."""
    reading.forget()
    reader = make_member(is_manager=True)
    here = make_community(access=Access.OPEN, name="Robotics here")
    make_membership(here, reader)
    for number in range(2):
        make_one_of_each(f"robotics laboratory {number}", reader)
        make_one_of_each(f"רובוטיקה ומעבדות {number}", reader)
        make_item(title=f"מעבדה אזורית {number}", language="he", terms=[make_term()])
        make_authority(name_en=f"Robotics Valley {number}")
        item = make_item(title=f"Plan {number}", authority=make_authority(name_en="Robotics"))
        make_file(item.published, name="robotics.txt", kind="text", text="Buses.")
        item = make_item(title=f"Plan of buses {number}", community=here)
        make_file(item.published, name="plan.txt", kind="text", text="A laboratory for robotics.")
    for typed in ("qwqwqw zxzx", "roboticz zxzx"):
        for asker in "ab":
            note_unanswered(query=typed, asker=asker, language="en")
    for search in UnansweredSearch.objects.all():
        settle_search(by=make_admin(), search=search, answer=item)
    learn()
    client.force_login(reader)
    yield reader
    reading.forget()


WORDS = [
    "robotics",
    "robotics roboticz",
    "laboratory buses roboticz",
    "roboticz zxzx",
    "qwqwqw zxzx",
    "מעבדות",
    "מעבדות רובוטיקא באזור",
    '"robotics laboratory" roboticz -zxzx',
    '"robotics" plan -zxzx',
    '"qwqwqw" -zxzx',
    "plan -robotics",
]


@pytest.mark.parametrize("besides", ["", "&in=items", "&in=items&kind=guide", "&in=people", "&in=topics"])
@pytest.mark.parametrize("where", ["", "&community=here"])
def test_no_branch_of_a_search_costs_more_than_it_may(client, count_queries, reader, besides, where):
    here = reader.memberships.get(community__name="Robotics here").community
    told = besides + where.replace("here", here.slug)
    costs = {query: count_queries(f"/search/?q={query}{told}") for query in WORDS}
    assert max(costs.values()) <= MOST, costs


def test_the_branches_are_forced(client, reader):
    seen = {query: client.get("/search/", {"q": query}).context for query in WORDS}
    assert len(seen["robotics"]["answers"]) > 8
    assert seen["roboticz zxzx"]["is_empty"]
    assert seen["roboticz zxzx"]["meant"]
    assert seen["roboticz zxzx"]["instead"]["answer"]
    assert seen["laboratory buses roboticz"]["meant"]
    assert seen["laboratory buses roboticz"]["answers"]
    assert seen["מעבדות"]["beside"]
