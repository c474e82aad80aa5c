"""Every page of the room in one table: who may open it, how many queries it takes, what odd input does to it."""

import pytest
from django.utils import timezone

from communities.enums import Access
from munistem.commons.enums import Visibility
from policy.enums import EndorsementState
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item
from tests.members.factories import (
    make_admin,
    make_authority,
    make_cluster,
    make_member,
    make_municipality,
    make_representative,
    make_user,
)
from tests.policy.factories import (
    make_endorsement,
    make_link,
    make_recommendation,
    make_report,
    make_roundtable,
    make_signed_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


PAGES = {
    # address: status for visitor, registered, member, representative, manager, knowledge manager, admin
    "/policy/": (200,) * 7,
    "/policy/adoption/": (200,) * 7,
    "/policy/roundtables/{t}/": (200,) * 7,
    "/policy/recommendations/{r}/": (200,) * 7,
    "/policy/recommendations/{hidden}/": (404, 404, 404, 404, 404, 404, 200),
    "/policy/recommendations/{r}/endorse/": (302, 403, 403, 200, 200, 403, 403),
    "/policy/recommendations/{hidden}/endorse/": (302, 404, 404, 404, 404, 404, 403),
    "/policy/recommendations/{r}/items/find/?q=x": (302, 403, 403, 403, 403, 200, 200),
    "/policy/endorsements/{e}/": (200,) * 7,
    "/policy/endorsements/{w}/": (404, 404, 404, 200, 200, 404, 200),
    "/policy/endorsements/{e}/signed-page/": (302, 403, 403, 200, 200, 403, 200),
    "/policy/endorsements/{w}/signed-page/": (302, 404, 404, 200, 200, 404, 200),
    "/policy/endorsements/{e}/revoke/": (302, 403, 403, 200, 200, 403, 200),
    "/policy/endorsements/{e}/report/": (302, 403, 403, 200, 200, 403, 403),
    "/policy/endorsements/{w}/report/": (302, 404, 404, 403, 403, 404, 403),
    "/policy/endorsements/{e}/answer/": (405,) * 7,
    "/policy/reports/{p}/evidence/": (200,) * 7,
    "/policy/reports/{bare}/evidence/": (404,) * 7,
    "/organisations/{o}/": (200,) * 7,
    "/organisations/{left}/": (404, 404, 404, 404, 404, 404, 200),
    "/organisations/{o}/edit/": (302, 403, 403, 403, 200, 403, 200),
    "/authorities/{a}/": (200,) * 7,
    "/authorities/999999999999999999/": (404,) * 7,
    "/policy/endorsements/999999999999999999/": (404,) * 7,
}


ROLES = ["visitor", "registered", "member", "representative", "manager", "knowledge manager", "admin"]


@pytest.mark.parametrize("place", range(7), ids=ROLES)
def test_every_page_answers_by_one_table(client, town, place):
    endorsement = make_endorsement(town)
    waiting = make_endorsement(town, state=EndorsementState.WAITING)
    names = {
        "t": make_roundtable().slug,
        "r": make_recommendation().slug,
        "hidden": make_recommendation(is_published=False).slug,
        "e": endorsement.pk,
        "w": waiting.pk,
        "p": make_report(endorsement, evidence=make_signed_page(name="plan.pdf")).pk,
        "bare": make_report(endorsement).pk,
        "o": town.slug,
        "left": make_municipality(left_on=timezone.localdate()).slug,
        "a": town.authority_id,
    }
    make = [
        lambda: None,
        make_user,
        make_member,
        lambda: make_representative(organisation=town).person,
        lambda: make_representative(organisation=town, is_manager=True).person,
        lambda: make_user(is_knowledge_manager=True),
        make_admin,
    ]
    if who := make[place]():
        client.force_login(who)
    answers = {}
    for page in PAGES:
        response = client.get(page.format(**names))
        answers[page] = response.status_code
        if response.streaming:
            list(response.streaming_content)
    assert answers == {
        page: (302 if "answer/" in page and place == 0 else statuses[place])
        for page, statuses in PAGES.items()
    }


# Queries -----------------------------------------------------------------------------------------------


def fill(recommendation, town, count):
    """So many of everything that the pages list."""
    for _ in range(count):
        mandate = make_representative(organisation=town)
        make_membership(make_community(access=Access.OPEN), mandate.person)
        make_recommendation(roundtable=recommendation.roundtable)
        make_endorsement(town)
        authority = make_authority(cluster=make_cluster(), lat=32.0, lon=35.0)
        endorsement = make_endorsement(make_municipality(authority=authority), recommendation)
        make_report(endorsement)
        make_link(recommendation, make_item(organisation=town))
        make_link(recommendation, make_item(visibility=Visibility.NETWORK))


@pytest.mark.parametrize("who", ["visitor", "representative", "admin"])
def test_pages_cost_the_same_queries_for_one_and_for_thirty(client, count_queries, town, recommendation, who):
    own = make_endorsement(town, recommendation)
    make_report(own)
    if who == "representative":
        client.force_login(make_representative(organisation=town).person)
    if who == "admin":
        client.force_login(make_admin())
    pages = [
        "/policy/",
        "/policy/adoption/",
        recommendation.get_absolute_url(),
        recommendation.roundtable.get_absolute_url(),
        own.get_absolute_url(),
        town.get_absolute_url(),
        f"/authorities/{town.authority_id}/",
    ]
    fill(recommendation, town, 1)
    one = {page: count_queries(page) for page in pages}
    fill(recommendation, town, 29)
    for _ in range(29):
        make_report(own, evidence=make_signed_page())
    assert {page: count_queries(page) for page in pages} == one
    print(one)
    assert max(one.values()) <= (8 if who == "visitor" else 15), one


# Bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["0", "-1", "x", "999999999999999999999", "٣", "1e9"])
def test_odd_page_numbers_show_an_existing_page(read, recommendation, number):
    for _ in range(2):
        make_endorsement(recommendation=recommendation)
    read(f"{recommendation.get_absolute_url()}?page={number}")


@pytest.mark.parametrize(
    "url", ["/policy/recommendations/none/", "/policy/roundtables/none/", "/organisations/אין/"]
)
def test_unknown_slugs_are_not_found(read, url):
    read(url, 404)


@pytest.mark.parametrize("body", [b"\x00\xff\xfe", b"stance=%00", b"stance=" + b"x" * 100_000])
def test_broken_forms_never_break_the_page(client, person, recommendation, body):
    url = f"{recommendation.get_absolute_url()}endorse/"
    response = client.generic("POST", url, body, "application/x-www-form-urlencoded")
    assert response.status_code in {200, 400}
    response = client.generic("POST", url, body, "multipart/form-data; boundary=x")
    assert response.status_code in {200, 400}
