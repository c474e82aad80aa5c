"""Recommendations as their readers see them: reasons, steps, linked items, the table of adoption, the admin."""

import pytest
from django.utils import timezone

from members.enums import District, OrganisationType, PopulationGroup
from munistem.commons.enums import Visibility
from policy.enums import EndorsementState, Stance
from policy.models import RecommendationItem
from tests.knowledge.factories import make_item
from tests.members.factories import (
    make_admin,
    make_authority,
    make_cluster,
    make_member,
    make_municipality,
    make_organisation,
    make_user,
)
from tests.policy.factories import (
    make_endorsement,
    make_link,
    make_recommendation,
    make_report,
    make_roundtable,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def test_policy_shows_recommendations_with_their_numbers_and_how_mine_stands(
    read, recommendation, person, town
):
    make_endorsement(recommendation=recommendation)
    make_endorsement(make_organisation(type=OrganisationType.CLUSTER), recommendation)
    make_endorsement(make_municipality(left_on=timezone.localdate()), recommendation)
    make_endorsement(recommendation=recommendation, state=EndorsementState.REVOKED)
    make_recommendation(title_en="Not for the public", is_published=False)
    page = read("/policy/")
    assert "A named manager" in page
    assert "one municipality endorsed it" in page
    assert "Not answered yet" in page
    assert "Not for the public" not in page
    make_endorsement(town, recommendation, stance=Stance.CONSIDERING)
    assert "Considering" in read("/policy/")


def test_unpublished_roundtable_takes_its_recommendations_along(read):
    hidden = make_recommendation(roundtable=make_roundtable(is_published=False, title_en="Secret table"))
    read(hidden.get_absolute_url(), 404)
    read(hidden.roundtable.get_absolute_url(), 404)
    assert "Secret table" not in read("/policy/")


def test_roundtable_without_a_date_says_so(read, recommendation):
    assert "The date is not known" in read(recommendation.roundtable.get_absolute_url())


def test_recommendation_shows_reasons_steps_endorsers_map_and_reports(read, recommendation, client):
    authority = make_authority(lat=32.9, lon=35.3)
    endorsement = make_endorsement(make_municipality(authority=authority, name_en="Hilltop"), recommendation)
    make_endorsement(make_municipality(name_en="Riverside"), recommendation, stance=Stance.CONSIDERING)
    make_endorsement(make_municipality(name_en="Undecided"), recommendation, state=EndorsementState.WAITING)
    make_report(endorsement, body="An early word")
    make_report(endorsement, body="The latest word")
    page = read(recommendation.get_absolute_url())
    for part in (
        "The first reason.",
        "Then do that",
        "Hilltop",
        "Council decision",
        "Riverside",
        "The latest word",
    ):
        assert part in page
    assert "An early word" not in page
    assert "Undecided" not in page
    assert '<circle class="map__dot" data-tone="teal"' in page
    assert "Answer for" not in page


def test_linked_items_are_shown_to_those_who_may_see_them(read, recommendation, client):
    make_link(recommendation, make_item(title="For everyone"))
    make_link(recommendation, make_item(title="For members", visibility=Visibility.NETWORK))
    make_link(recommendation, make_item(title="Taken out", withdrawn=True))
    page = read(recommendation.get_absolute_url())
    assert "For everyone" in page
    assert "For members" not in page
    client.force_login(make_member())
    page = read(recommendation.get_absolute_url())
    assert "For members" in page
    assert "Taken out" not in page


def test_representative_finds_the_one_step_to_take(read, recommendation, person, town):
    url = recommendation.get_absolute_url()
    step = f"{url}endorse/"
    assert step in read(url)
    waiting = make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    page = read(url)
    assert "waits for confirmation" in page
    assert step not in page
    waiting.delete()
    make_endorsement(town, recommendation, state=EndorsementState.RETURNED)
    assert "The page is not signed." in read(url)
    own = make_endorsement(town, recommendation)
    page = read(url)
    assert f"{own.get_absolute_url()}report/" in page
    assert "The page is not signed." not in page


# Items -------------------------------------------------------------------------------------------------


def test_curator_finds_links_and_takes_away_items(client, read, recommendation):
    item = make_item(title="How we began")
    make_item(title="How we stopped", withdrawn=True)
    client.force_login(make_user(is_knowledge_manager=True))
    base = f"{recommendation.get_absolute_url()}items/"
    assert [row["value"] for row in client.get(f"{base}find/?q=how we").json()] == [item.slug]
    for typed in (item.slug, f"https://portal.example{item.get_absolute_url()}?a=b", "how we began"):
        client.post(base, {"item": typed})
        assert RecommendationItem.objects.get().item == item
    assert "How we began" in read(recommendation.get_absolute_url())
    client.post(f"{base}{item.pk}/remove/")
    assert not RecommendationItem.objects.exists()
    response = client.post(base, {"item": "How we stopped"}, follow=True)
    assert "No published item is called so." in response.content.decode()
    assert client.post(base, {"item": ""}).status_code == 302


def test_others_link_nothing(client, person, recommendation):
    item = make_item()
    base = f"{recommendation.get_absolute_url()}items/"
    assert client.post(base, {"item": item.slug}).status_code == 403
    make_link(recommendation, item)
    assert client.post(f"{base}{item.pk}/remove/").status_code == 403


# Adoption ----------------------------------------------------------------------------------------------


def test_table_of_adoption_counts_what_is_confirmed(read, client, town, recommendation):
    make_endorsement(town, recommendation)
    make_endorsement(recommendation=recommendation, stance=Stance.ALREADY_DOING)
    make_endorsement(make_municipality(name_en="Undecided"), recommendation, state=EndorsementState.WAITING)
    make_municipality(name_en="Gone", left_on=timezone.localdate())
    make_organisation(name_en="No town")
    page = read("/policy/adoption/")
    for part in ("Sandhill", "Undecided", "one endorses", "one does it already", "3 municipalities"):
        assert part in page
    assert "Gone" not in page
    assert "No town" not in page
    assert "Waiting for confirmation" not in page
    client.force_login(make_admin())
    page = read("/policy/adoption/")
    assert "Waiting for confirmation" in page
    assert "one endorses" in page


def test_answer_in_force_stands_in_the_table_while_a_new_one_waits(client, read, town, recommendation):
    make_endorsement(town, recommendation, stance=Stance.CONSIDERING)
    make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    client.force_login(make_admin())
    page = read("/policy/adoption/")
    assert "Considering" in page
    assert "Waiting for confirmation" not in page


def test_table_is_filtered_and_odd_filters_are_ignored(read):
    cluster = make_cluster()
    north = make_authority(district=District.NORTH, cluster=cluster, population_group=PopulationGroup.ARAB)
    make_municipality(authority=north, name_en="Northtown")
    make_municipality(authority=make_authority(district=District.SOUTH), name_en="Southtown")
    make_recommendation()
    for query in (f"district=north&cluster={cluster.pk}&group=arab", "district=north", "group=arab"):
        page = read(f"/policy/adoption/?{query}")
        assert "Northtown" in page
        assert "Southtown" not in page
    for query in (
        "district=nowhere",
        "cluster=99999999999999999999",
        "cluster=x",
        "group=%27",
        "district=%00"[:9],
    ):
        page = read(f"/policy/adoption/?{query}")
        assert "Northtown" in page
        assert "Southtown" in page
    assert "No municipality here" in read("/policy/adoption/?district=haifa")


# The admin ---------------------------------------------------------------------------------------------


def test_admin_says_where_a_recommendation_stands_and_never_what_it_says(client, read, recommendation):
    client.force_login(make_admin())
    url = f"/admin/policy/recommendation/{recommendation.pk}/change/"
    read(url)
    given = {"roundtable": recommendation.roundtable_id, "number": 7, "slug": "seventh", "title_en": "Other"}
    assert client.post(url, given).status_code == 302
    recommendation.refresh_from_db()
    assert (recommendation.number, recommendation.slug, recommendation.is_published) == (7, "seventh", False)
    assert recommendation.title_en == "A named manager"
    assert client.get("/admin/policy/recommendation/add/").status_code == 403
    for model in ("roundtable", "recommendation", "endorsement", "progressreport"):
        read(f"/admin/policy/{model}/")
    assert client.get(f"/admin/policy/recommendation/{recommendation.pk}/delete/").status_code == 403
