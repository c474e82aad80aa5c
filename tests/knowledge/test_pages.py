"""Every page of the library in one table: who may open it, what is refused, how many queries it takes."""

import pytest

from communities.enums import Access
from knowledge.enums import RevisionState
from munistem.commons.enums import Visibility
from munistem.commons.terms.models import TermKind
from tests.communities.factories import make_community, make_facilitator, make_membership
from tests.knowledge.factories import make_file, make_item, make_revision, make_term
from tests.members.factories import (
    make_member,
    make_organisation,
    make_representative,
    make_user,
)
from tests.visits import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# One table ---------------------------------------------------------------------------------------------


PAGES = {
    # address: visitor, registered, member, community member, facilitator, manager of the organisation, reviewer
    "/knowledge/": (200, 200, 200, 200, 200, 200, 200),
    "/knowledge/new/": (302, 403, 403, 403, 200, 200, 200),
    "/knowledge/mine/": (302, 200, 200, 200, 200, 200, 200),
    "/knowledge/tags/": (302, 403, 403, 403, 403, 403, 200),
    "/knowledge/tags/{tag}/": (302, 403, 403, 403, 403, 403, 200),
    "/communities/{c}/library/": (403, 403, 403, 200, 200, 403, 403),
    # of the network, published, a change waits
    "{i}": (404, 404, 200, 200, 200, 200, 200),
    "{i}revisions/1/": (404, 404, 200, 200, 200, 200, 200),
    "{i}revisions/2/": (404, 404, 404, 404, 404, 200, 200),
    "{i}revisions/3/": (404, 404, 404, 404, 404, 404, 404),
    "{i}revisions/2/review/": (302, 404, 404, 404, 404, 403, 200),
    "{i}edit/": (302, 404, 403, 403, 403, 200, 200),
    "{i}withdraw/": (302, 404, 403, 403, 403, 200, 200),
    "{i}files/{f}/": (404, 404, 200, 200, 200, 200, 200),
    "{i}files/{f}/preview/": (404, 404, 200, 200, 200, 200, 200),
    "{i}files/{open_file}/": (404, 404, 404, 404, 404, 200, 200),
    "{i}files/{f2}/": (404, 404, 404, 404, 404, 404, 404),
    # of a community
    "{ci}": (404, 404, 404, 200, 200, 404, 200),
    "{ci}files/{f2}/": (404, 404, 404, 200, 200, 404, 200),
    # not published
    "{draft}": (404, 404, 404, 404, 404, 200, 200),
    "{draft}edit/": (302, 404, 404, 404, 404, 200, 200),
    # withdrawn
    "{gone}": (404, 404, 404, 404, 404, 200, 200),
    "{gone}edit/": (302, 404, 404, 404, 404, 403, 403),
    "{gone}withdraw/": (302, 404, 404, 404, 404, 302, 302),
}


ROLES = ["visitor", "registered", "member", "community member", "facilitator", "manager", "reviewer"]


@pytest.mark.parametrize("place", range(7), ids=ROLES)
def test_every_page_answers_by_one_table(client, place):
    community, organisation = make_community(), make_organisation()
    item = make_item(visibility=Visibility.NETWORK, organisation=organisation)
    open_ = make_revision(item, RevisionState.SUBMITTED)
    inner = make_item(visibility=Visibility.COMMUNITY, community=community)
    names = {
        "c": community.slug,
        "i": item.get_absolute_url(),
        "ci": inner.get_absolute_url(),
        "draft": make_item(RevisionState.DRAFT, organisation=organisation).get_absolute_url(),
        "gone": make_item(organisation=organisation, withdrawn=True).get_absolute_url(),
        "f": make_file(item.published).file.key,
        "f2": make_file(inner.published).file.key,
        "open_file": make_file(open_).file.key,
        "tag": make_term(is_curated=False, kind=TermKind.FREE).pk,
    }
    make = [
        lambda: None,
        make_user,
        make_member,
        lambda: make_membership(community).person,
        lambda: make_facilitator(community),
        lambda: make_representative(organisation=organisation, is_manager=True).person,
        lambda: make_user(is_knowledge_manager=True),
    ]
    if person := make[place]():
        client.force_login(person)
    answers = {}
    for page in PAGES:
        response = client.get(page.format(**names))
        answers[page] = response.status_code
        if response.streaming:
            list(response.streaming_content)
    assert answers == {page: statuses[place] for page, statuses in PAGES.items()}


@pytest.mark.parametrize("deed", ["edit", "withdraw", "restore", "revisions/1/drop", "revisions/1/review"])
def test_who_may_not_changes_nothing_by_posting(client, deed):
    item = make_item(visibility=Visibility.NETWORK)
    form = {"title": "Mine now", "reason": "x", "deed": "publish"}
    client.force_login(make_member(is_manager=True))
    assert client.post(f"{item.get_absolute_url()}{deed}/", form).status_code == 403
    client.force_login(make_user())
    assert client.post(f"{item.get_absolute_url()}{deed}/", form).status_code == 404
    item.refresh_from_db()
    assert (item.withdrawn_at, item.revisions.count(), item.published.title != "Mine now") == (None, 1, True)


# What it costs -----------------------------------------------------------------------------------------


MOST = {"visitor": 8, "member": 10, "author": 11, "reviewer": 11}


@pytest.mark.parametrize("who", MOST)
def test_lists_and_items_take_the_same_few_queries_for_1_and_for_30(client, who):
    community, organisation = make_community(access=Access.OPEN), make_organisation()
    author = make_representative(organisation=organisation, is_manager=True).person
    term = make_term()
    item = make_item(created_by=author, organisation=organisation, community=community, terms=[term])
    make_file(item.published)
    free = make_term(is_curated=False, kind=TermKind.FREE)
    persons = {
        "member": lambda: make_membership(community).person,
        "author": lambda: author,
        "reviewer": lambda: make_user(is_knowledge_manager=True),
    }
    make_revision(item, RevisionState.SUBMITTED, terms=[free])
    addresses = [
        "/knowledge/",
        "/knowledge/?kind=guide",
        item.get_absolute_url(),
        f"/communities/{community.slug}/library/",
    ]
    if who in persons:
        client.force_login(persons[who]())
        addresses += ["/knowledge/mine/"]
    if who == "reviewer":
        addresses += ["/knowledge/tags/", "/desk/", f"{item.get_absolute_url()}revisions/2/review/"]
    if who == "author":
        addresses += [f"{item.get_absolute_url()}edit/", f"{item.get_absolute_url()}revisions/2/"]
    before = {address: count_queries(client, address) for address in addresses}
    for _ in range(30):
        one = make_item(
            created_by=author,
            organisation=organisation,
            community=community,
            terms=[make_term(), term],
            links=["https://x.example/"],
        )
        make_item(
            RevisionState.SUBMITTED,
            created_by=author,
            terms=[make_term(is_curated=False, kind=TermKind.FREE)],
        )
    for _ in range(12):
        make_file(item.published)
        make_revision(item, RevisionState.REPLACED)
    after = {address: count_queries(client, address) for address in addresses}
    assert one.pk
    assert after == before
    plain = {address: count for address, count in after.items() if address in addresses[:3]}
    assert {address: count for address, count in plain.items() if count > MOST[who]} == {}
    assert max(after.values()) <= 15
