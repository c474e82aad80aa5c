"""A feed of one's own: it says what its person may read now, ends when told, and tells nobody anything else."""

import pytest
from django.test import Client
from django.urls import reverse

from communities.actions.membership import leave
from communities.enums import Access
from knowledge.models import LibraryFeed
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item
from tests.members.factories import make_member
from tests.visits import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def community():
    return make_community(access=Access.CLOSED)


@pytest.fixture
def person(community):
    return make_membership(community, make_member(language="en")).person


def opened(person):
    """The address as its person sees it on the page."""
    client = signed_in(person)
    assert client.post(reverse("change_library_feed")).url == reverse("list_follows")
    url = reverse("serve_own_feed", args=[LibraryFeed.objects.get(person=person).token])
    assert url in client.get(reverse("list_follows")).content.decode()
    return url


def said(url):
    """What a reader gets that knows nothing but the address."""
    response = Client().get(url)
    assert response.status_code == 200
    assert "sessionid" not in response.cookies
    return response.content.decode()


def test_it_says_what_its_person_may_read(community, person):
    make_item(title="For all", life_stages=["primary"])
    make_item(title="For the network", visibility=Visibility.NETWORK)
    make_item(title="For ours", visibility=Visibility.COMMUNITY, community=community)
    make_item(title="For others", visibility=Visibility.COMMUNITY)
    url = opened(person)
    told = said(url)
    assert all(title in told for title in ("For all", "For the network", "For ours"))
    assert "For others" not in told
    told = said(f"{url}?stage=primary")
    assert "For all" in told and "For ours" not in told
    told = said(f"{url}{community.slug}/")
    assert "For ours" in told and "For all" not in told


def test_who_may_not_read_a_community_any_more_learns_nothing_of_it(community, person):
    make_item(title="For ours", visibility=Visibility.COMMUNITY, community=community)
    url = opened(person)
    leave(by=person, community=community)
    assert "For ours" not in said(url)
    assert Client().get(f"{url}{community.slug}/").status_code == 404
    assert Client().get(f"{url}nowhere/").status_code == 404
    other = make_community(access=Access.REQUEST)
    assert Client().get(f"{url}{other.slug}/").status_code == 404


def test_an_address_ends_when_another_is_opened_when_it_is_closed_and_when_its_person_leaves(person):
    first = opened(person)
    second = opened(person)
    assert [Client().get(url).status_code for url in (first, second)] == [404, 200]
    signed_in(person).post(reverse("change_library_feed"), {"off": "1"})
    assert Client().get(second).status_code == 404
    third = opened(person)
    person.is_active = False
    person.save()
    assert Client().get(third).status_code == 404
    assert Client().get(reverse("serve_own_feed", args=["forged"])).status_code == 404


def test_it_costs_the_same_for_one_and_thirty(person, count_queries, client):
    make_item()
    url = opened(person)
    few = count_queries(url)
    for _ in range(30):
        make_item()
    assert count_queries(url) == few
