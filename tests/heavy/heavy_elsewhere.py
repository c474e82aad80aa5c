"""Who leads elsewhere has no more here than anybody of the network: another community's facilitator who manages another municipality.

And who was a member of the community has no more than who never was.
"""

import pytest
from django.urls import reverse

from tests.communities.factories import make_community, make_facilitator, make_membership
from tests.house.test_roles import ROLES, client_of, patterns, status, world, written  # noqa: F401 – a fixture
from tests.members.factories import make_municipality, make_representative

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
#: Pages of one's own community, organisation and work, which name nothing of others in their address.
OF_ONES_OWN = {
    *("show_desk", "list_silent", "show_calls", "endorse_recommendation", "enter_programme"),
    *("add_item", "start_from_source", "find_similar_items", "import_items", "serve_import_table"),
    *("start_collection", "collect_item"),
}


def who_leads_elsewhere(_community):
    person = make_representative(organisation=make_municipality(), is_manager=True).person
    make_facilitator(make_community(), person)
    return person


def who_was_here(community):
    person = make_representative(organisation=make_municipality()).person
    make_membership(community, person).delete()
    return person


@pytest.mark.parametrize("make", [who_leads_elsewhere, who_was_here])
def test_nobody_of_elsewhere_has_more_than_a_member_of_the_network(world, make):  # noqa: F811
    client, table, arguments = client_of(make(world.community)), written(), world.arguments()
    more = []
    for _route, pattern in patterns():
        url = reverse(pattern.name, kwargs=arguments.get(pattern.name, {}))
        for method in ("GET", "POST"):
            is_, should = status(client, method, url), table[pattern.name, method][ROLES.index("member")]
            if is_ != should and pattern.name not in OF_ONES_OWN:
                more.append(f"{method} {pattern.name}: {is_} instead of {should}")
    assert more == []
