"""Every page of the room in one table: who may open it, which doors are shut, how many queries it takes."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from communities.enums import Access, MembershipState
from communities.models import Membership
from tests.communities.factories import (
    make_attachment,
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
)
from tests.members.factories import make_admin
from tests.visits import count_queries, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def community():
    return make_community(access=Access.OPEN, name="Municipal labs")


PAGES = {
    # address: status for visitor, outsider of the network, member, facilitator, admin – in a community by request
    "/communities/": (200, 200, 200, 200, 200),
    "{c}": (200, 200, 200, 200, 200),
    "{c}?kind=question": (200, 200, 200, 200, 200),
    "{c}people/": (302, 403, 200, 200, 200),
    "{c}people/find/?q=p": (302, 403, 200, 200, 403),
    "{c}topics/new/": (302, 403, 200, 200, 403),
    "{c}topics/similar/?q=topic": (200, 200, 200, 200, 200),
    "{c}ask/": (302, 200, 302, 302, 200),
    "{c}edit/": (302, 403, 403, 200, 200),
    "{c}people/{asked}/decline/": (302, 404, 404, 200, 200),
    "{c}people/{author}/remove/": (302, 404, 403, 200, 200),
    "/topics/{t}/": (404, 404, 200, 200, 200),
    "/topics/{t}/files/{f}/": (404, 404, 200, 200, 200),
    "/topics/{t}/files/{f}/preview/": (404, 404, 404, 404, 404),
    "/topics/{t}/files/{hf}/": (404, 404, 404, 200, 200),
    "/topics/{ht}/": (404, 404, 404, 200, 200),
    "/posts/{p}/": (404, 404, 302, 302, 302),
    "/posts/{hp}/": (404, 404, 404, 302, 302),
    "/posts/{p}/edit/": (302, 404, 403, 200, 200),
    "/posts/{p}/history/": (302, 404, 200, 200, 200),
    "/posts/{hp}/history/": (302, 404, 404, 200, 200),
    "/posts/{p}/hide/": (302, 404, 403, 200, 200),
    "/posts/{p}/report/": (302, 404, 200, 200, 200),
}


@pytest.mark.parametrize("place", range(5), ids=["visitor", "outsider", "member", "facilitator", "admin"])
def test_every_page_answers_by_one_table(client, place):
    community = make_community()
    row = make_membership(community)
    topic = make_topic(community, row.person)
    hidden = {"hidden_at": timezone.now(), "hidden_by": row.person, "hidden_reason": "Slip"}
    post, hidden_post = make_post(topic, row.person), make_post(topic, row.person, **hidden)
    hidden_topic = make_topic(community, row.person, **hidden)
    files = [make_attachment(post).file, make_attachment(hidden_post).file]
    for file in files:
        file.blob.save("plan.txt", ContentFile(b"hello"))
    asked = make_membership(community, state=MembershipState.ASKED)
    make = [
        lambda: None,
        make_member,
        lambda: make_membership(community).person,
        lambda: make_facilitator(community),
        make_admin,
    ]
    if person := make[place]():
        client.force_login(person)
    names = {"c": f"/communities/{community.slug}/", "asked": asked.pk, "author": row.pk, "t": topic.pk}
    names |= {
        "ht": hidden_topic.pk,
        "p": post.pk,
        "hp": hidden_post.pk,
        "f": files[0].key,
        "hf": files[1].key,
    }
    answers = {}
    for page in PAGES:
        response = client.get(page.format(**names))
        answers[page] = response.status_code
        if response.streaming:
            list(response.streaming_content)
    assert answers == {page: statuses[place] for page, statuses in PAGES.items()}


@pytest.mark.parametrize(
    "page", ["", "people/", "people/find/?q=x", "topics/new/", "topics/similar/?q=x", "ask/", "edit/"]
)
def test_closed_community_does_not_exist_for_outsiders(client, page):
    community = make_community(access=Access.CLOSED, name="Canary")
    topic = make_topic(community, title="Canary topic")
    client.force_login(make_member())
    read(client, f"/communities/{community.slug}/{page}", 404)
    read(client, f"/topics/{topic.pk}/", 404)
    assert "Canary" not in read(client, "/communities/")
    open_one = make_community(access=Access.OPEN)
    assert "Canary" not in read(client, f"/communities/{open_one.slug}/topics/similar/?q=canary+topic")


def test_removed_member_loses_every_door(client):
    community = make_community(access=Access.CLOSED)
    topic = make_topic(community)
    row = make_membership(community)
    client.force_login(row.person)
    read(client, f"/topics/{topic.pk}/")
    Membership.objects.filter(pk=row.pk).update(state=MembershipState.REMOVED)
    read(client, f"/topics/{topic.pk}/", 404)
    read(client, f"/communities/{community.slug}/", 404)


@pytest.mark.parametrize(
    "address", ["/topics/0/", "/topics/99999999999999999999/", "/posts/x/", "/communities/%00/"]
)
def test_odd_addresses_are_not_found(client, address):
    assert client.get(address).status_code in {400, 404}


@pytest.mark.parametrize("who", ["visitor", "member", "facilitator"])
def test_lists_and_topics_take_the_same_few_queries_for_1_and_for_30(client, community, who):
    most = {"visitor": 4, "member": 8, "facilitator": 9}[who]
    if who != "visitor":
        make = (
            make_facilitator if who == "facilitator" else lambda community: make_membership(community).person
        )
        client.force_login(make(community))
    topic = make_topic(community)
    make_attachment(topic.posts.get())
    make_community()
    addresses = {
        f"/communities/{community.slug}/": most,
        f"/communities/{community.slug}/?kind=question": most + 1,
        f"/topics/{topic.pk}/": most,
        "/communities/": {"visitor": 6}.get(who, 11),  # of members also what they proposed
    }
    if who != "visitor":
        addresses[f"/communities/{community.slug}/people/"] = 11
    before = {address: count_queries(client, address) for address in addresses}
    for _ in range(25):
        make_topic(community)
        make_attachment(make_post(topic))
        make_community(access=Access.REQUEST)
        make_membership(community, state=MembershipState.ASKED)
    after = {address: count_queries(client, address) for address in addresses}
    assert after == before
    assert {address: count for address, count in after.items() if count > addresses[address]} == {}
