"""From a gap onward: only what the reader may know of, and only of municipalities that are alike."""

import pytest
from django.core.management import call_command

from knowledge.actions.keep import history_told
from knowledge.enums import ItemKind
from members.enums import OrganisationType
from members.models import LocalAuthority
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Visibility
from policy.enums import Indicator
from policy.models import Recommendation
from tests.knowledge.factories import make_item
from tests.members.factories import make_cluster, make_member, make_municipality, make_organisation
from tests.policy.calls import make_call
from tests.policy.factories import make_recommendation
from tests.policy.programmes import make_figure, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()


def address(town, cell="primary/formal"):
    return f"/policy/picture/{town.authority_id}/gaps/{cell}/"


@pytest.mark.parametrize(
    ("cell", "status"), [("primary/formal", 200), ("moon/formal", 404), ("primary/x", 404)]
)
def test_addresses_answer(client, town, cell, status):
    assert client.get(address(town, cell)).status_code == status


def test_a_gap_leads_to_recommendations_cases_funders_and_peers(read, client, town):
    make_figure(make_programme(town), YEAR, participants=100, girls=20)
    recommendation = make_recommendation(title_en="Girls first", life_stages=[])
    version = recommendation.current_version
    version.indicators = [Indicator.GIRLS_SHARE]
    with history_told():
        version.save()
    other = make_recommendation(title_en="About something else", life_stages=[LifeStage.SERVICE])
    peer = make_municipality(name_en="Alike")
    LocalAuthority.objects.filter(pk=peer.authority_id).update(name_en="Alike")
    foundation = make_organisation(type=OrganisationType.FOUNDATION, name_en="Rainbow Foundation")
    make_programme(peer, funders=[foundation])
    make_item(
        organisation=peer,
        title="How we did it",
        kind=ItemKind.CASE_STUDY,
        life_stages=[LifeStage.PRIMARY],
        visibility=Visibility.PUBLIC,
    )
    page = read(address(town))
    for part in ("Few girls", "Girls first", "Alike", "Rainbow Foundation", "How we did it", "20 of"):
        assert part in page.replace("<bdi>", "").replace("</bdi>", ""), part
    assert other.title not in page
    assert "No gap" not in page
    assert address(town) in read(f"/policy/picture/{town.authority_id}/")


def test_each_gap_offers_what_closes_it_before_what_is_for_its_life_stage(read, town):
    call_command("load_founding_content", verbosity=0)
    make_figure(make_programme(town), YEAR, participants=100, girls=20)
    title = {row.slug: row.title for row in Recommendation.objects.all()}
    for cell, first, later in (
        ("primary/formal", ["declared-stem-policy", "stem-excellence-manager"], "overall-picture"),
        ("primary/family", ["more-resources", "overall-picture"], "municipality-leads"),
    ):
        page = read(address(town, cell))
        above, below = page.split("Also recommended for this life stage")
        assert all(title[slug] in above for slug in first)
        assert title[later] in below
        assert title[later] not in above


def test_programmes_of_the_network_are_told_to_the_network_only(client, read, town):
    peer = make_municipality(name_en="Alike")
    LocalAuthority.objects.filter(pk=peer.authority_id).update(name_en="Alike")
    foundation = make_organisation(type=OrganisationType.FOUNDATION, name_en="Rainbow Foundation")
    make_programme(peer, funders=[foundation], visibility=Visibility.NETWORK)
    page = read(address(town))
    assert "Rainbow Foundation" not in page
    assert "Alike" not in page
    client.force_login(make_member())
    page = read(address(town))
    assert "Rainbow Foundation" in page
    assert "Alike" in page


def test_the_page_takes_as_many_queries_for_many_as_for_one(
    client, person, town, django_assert_max_num_queries
):
    counts = []
    for more in (1, 10):
        for _each in range(more):
            peer = make_municipality()
            make_programme(peer, funders=[make_organisation(type=OrganisationType.FOUNDATION)])
            make_item(
                organisation=peer,
                kind=ItemKind.CASE_STUDY,
                life_stages=[LifeStage.PRIMARY],
                visibility=Visibility.PUBLIC,
            )
            make_recommendation(life_stages=[LifeStage.PRIMARY])
            make_call(days=30_000, asked={"clusters": make_cluster().slug})
            make_call(days=30_000)
        with django_assert_max_num_queries(15) as asked:
            assert client.get(address(town)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
