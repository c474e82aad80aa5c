"""Where programmes stand by who pays: what counts, what ends, who may look, and that nothing tells of one programme."""

import pytest

from members.enums import OrganisationType
from members.models import LocalAuthority
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting, Visibility
from munistem.commons.terms.models import TermKind
from policy.enums import ProgrammeStatus
from policy.models import Programme
from policy.models.funding import (
    Narrowed,
    by_place,
    crowded_schools,
    ending_without_successor,
    overlaps,
    told_by_place,
)
from policy.rules.funder import can_list_funders, can_see_funding
from tests.knowledge.factories import make_term
from tests.members.factories import (
    make_admin,
    make_cluster,
    make_municipality,
    make_organisation,
    make_representative,
)
from tests.policy.programmes import make_figure, make_programme, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()


def make_foundation(**fields):
    return make_organisation(**{"type": OrganisationType.FOUNDATION, **fields})


@pytest.fixture
def foundation():
    return make_foundation(name_en="Rainbow Foundation")


@pytest.fixture
def officer(foundation, client):
    person = make_representative(organisation=foundation).person
    client.force_login(person)
    return person


@pytest.fixture
def subject():
    return make_term(kind=TermKind.SUBJECT, is_curated=True)


def looked(organisation, **fields):
    known = Programme.objects.all()
    return Narrowed(
        **{
            "programmes": known.in_year(YEAR),
            "all_programmes": known,
            "year": YEAR,
            "organisation": organisation.pk,
            **fields,
        }
    )


def address(organisation, more=""):
    return f"/policy/funders/{organisation.slug}/{more}"


# What is added up ----------------------------------------------------------------------------------------


def test_programmes_are_counted_by_who_pays(foundation, town):
    other = make_foundation()
    make_programme(town, funders=[foundation, other])
    make_programme(town, funders=[foundation, "The town"])
    make_programme(town)
    make_programme(make_municipality(), funders=[other])
    (row,) = by_place(looked(foundation), "authority_id")
    assert (row.place, row.programmes, row.unpaid, row.own) == (town.authority_id, 3, 1, 2)
    told = {(payer.organisation, payer.name): payer.number for payer in row.payers}
    assert told == {(foundation.pk, ""): 2, (other.pk, ""): 1, (None, "The town"): 1}
    everywhere = by_place(looked(foundation, only_own=False), "authority_id")
    assert [row.own for row in everywhere] == [2, 0]
    assert (everywhere[0].total, everywhere[0].own_together, everywhere[0].own_places) == (2, 2, 1)


def test_clusters_are_their_municipalities_together(foundation):
    cluster = make_cluster()
    for _each in range(2):
        town = make_municipality()
        LocalAuthority.objects.filter(pk=town.authority_id).update(cluster=cluster)
        make_programme(town, funders=[foundation])
    make_programme(make_municipality(), funders=[foundation])
    rows = {row.place: row for row in by_place(looked(foundation), "cluster_id")}
    assert set(rows) == {cluster.pk, None}
    assert (rows[cluster.pk].towns, rows[cluster.pk].programmes) == (2, 2)


def test_planned_and_past_programmes_are_not_of_the_year(foundation, town):
    make_programme(town, funders=[foundation], status=ProgrammeStatus.PLANNED)
    make_programme(town, funders=[foundation], until=YEAR - 1)
    make_programme(town, funders=[foundation], since=YEAR + 1)
    assert by_place(looked(foundation), "authority_id") == []


@pytest.mark.parametrize(
    ("name", "second", "doubles"),
    [
        ("another funder", {}, True),
        ("the same funder", {"own": True}, False),
        ("somebody called by name", {"named": "The town"}, True),
        ("another stage", {"life_stages": [LifeStage.EMPLOYMENT]}, False),
        ("another subject", {"terms": ()}, False),
        ("another town", {"elsewhere": True}, False),
        ("nobody named", {"named": None}, False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_two_funders_double_in_one_cell(foundation, town, subject, name, second, doubles):
    make_programme(town, funders=[foundation], terms=[subject])
    payers = [foundation] if second.pop("own", False) else [make_foundation()]
    if "named" in second:
        named = second.pop("named")
        payers = [named] if named else []
    place = make_municipality() if second.pop("elsewhere", False) else town
    make_programme(place, **{"funders": payers, "terms": [subject], **second})
    rows = overlaps(looked(foundation))
    assert len(rows) == int(doubles)
    if doubles:
        assert (rows[0].stage, rows[0].term, rows[0].programmes, rows[0].is_own) == (
            "primary",
            subject.pk,
            2,
            True,
        )


def test_one_programme_that_two_pay_for_is_no_double(foundation, town, subject):
    make_programme(town, funders=[foundation, make_foundation()], terms=[subject])
    assert overlaps(looked(foundation)) == []


def test_doubles_of_others_are_shown_when_asked_for(foundation, town, subject):
    for _each in range(2):
        make_programme(town, funders=[make_foundation()], terms=[subject])
    assert overlaps(looked(foundation)) == []
    (row,) = overlaps(looked(foundation, only_own=False))
    assert not row.is_own


@pytest.mark.parametrize(("count", "more_than", "is_found"), [(3, 3, False), (4, 3, True), (2, 1, True)])
def test_a_school_is_crowded_with_more_than_so_many(foundation, town, count, more_than, is_found):
    for _each in range(count):
        make_school(make_programme(town, funders=[foundation]), "Sunrise", mark="sunrise")
        make_school(make_programme(make_municipality(), funders=[foundation]), "Sunrise", mark="sunrise")
    rows = crowded_schools(looked(foundation), more_than)
    assert [(row.name, row.programmes, row.own) for row in rows] == [("Sunrise", count, count)] * is_found


@pytest.mark.parametrize(
    ("name", "successor", "stages"),
    [
        ("nothing", None, ["primary"]),
        ("same stage and setting", {}, []),
        (
            "same stage and subject, other setting",
            {"settings": [Setting.INDUSTRY], "about": True},
            [],
        ),
        ("same stage only", {"settings": [Setting.INDUSTRY]}, ["primary"]),
        ("other stage", {"life_stages": [LifeStage.EMPLOYMENT]}, ["primary"]),
        ("planned for next year", {"status": ProgrammeStatus.PLANNED, "since": YEAR + 1}, []),
        ("planned for later", {"status": ProgrammeStatus.PLANNED, "since": YEAR + 2}, ["primary"]),
        ("ends too", {"until": YEAR}, ["primary"]),
        ("was stopped", {"status": ProgrammeStatus.STOPPED, "until": YEAR + 1}, ["primary"]),
        ("elsewhere", {"elsewhere": True}, ["primary"]),
        ("nothing told of it", {"life_stages": [], "settings": []}, ["primary"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_ends_is_followed_by_stage_and_setting_or_subject(
    foundation, town, subject, name, successor, stages
):
    ends = make_programme(town, funders=[foundation], until=YEAR, terms=[subject])
    if successor is not None:
        place = make_municipality() if successor.pop("elsewhere", False) else town
        make_programme(place, terms=[subject] if successor.pop("about", False) else (), **successor)
    found = {row.programme: row.stages for row in ending_without_successor(looked(foundation))}
    assert found.get(ends.pk, []) == stages


def test_stages_are_followed_one_by_one(foundation, town):
    both = [LifeStage.PRIMARY, LifeStage.LOWER_SECONDARY]
    make_programme(town, funders=[foundation], until=YEAR, life_stages=both)
    make_programme(town)
    (row,) = ending_without_successor(looked(foundation))
    assert row.stages == ["lower_secondary"]


def test_what_ends_without_a_told_stage_is_shown(foundation, town):
    make_programme(town, funders=[foundation], until=YEAR, life_stages=[])
    (row,) = ending_without_successor(looked(foundation))
    assert row.stages == [""]


def test_participants_are_those_that_cells_tell(town):
    make_figure(make_programme(town), YEAR, participants=120)
    make_figure(make_programme(town, life_stages=[LifeStage.EMPLOYMENT]), YEAR, participants=4)
    make_figure(make_programme(town, visibility=Visibility.NETWORK), YEAR, participants=500)
    told = told_by_place(YEAR, "", [town.authority_id], [])
    assert told == {("town", town.authority_id): (120, 1)}
    assert told_by_place(YEAR, "employment", [town.authority_id], []) == {
        ("town", town.authority_id): (None, 1)
    }


# The page ------------------------------------------------------------------------------------------------


def test_an_officer_sees_all_tables(read, officer, foundation, town, subject):
    other = make_foundation(name_en="Sunset Fund")
    for payer in (foundation, other, foundation, foundation):
        programme = make_programme(town, funders=[payer], terms=[subject], visibility=Visibility.NETWORK)
        make_school(programme, "Sunrise", mark="sunrise")
    make_programme(
        town,
        name="Last Robots",
        funders=[foundation],
        until=YEAR,
        life_stages=[LifeStage.SERVICE],
    )
    page = read(address(foundation))
    for part in ("Sunset Fund", "Sunrise", "Last Robots", "Schools with more than 3 programmes", "Military"):
        assert part in page, part
    assert "Sunrise" not in read(address(foundation, "?more=4"))
    assert "Last Robots" not in read(address(foundation, "?stage=primary"))
    assert "Sunset Fund" not in read(address(foundation, f"?year={YEAR - 1}&stage=employment"))


def test_filters_that_mean_nothing_are_left_out(client, officer, foundation):
    for query in (
        "?year=x",
        "?year=99999",
        "?more=0",
        "?more=1e9",
        "?cluster=x",
        "?stage=moon",
        "?whose=%00",
    ):
        assert client.get(address(foundation, query)).status_code in (200, 400), query


def test_filters_narrow_by_place(read, officer, foundation, town, subject):
    cluster = make_cluster()
    LocalAuthority.objects.filter(pk=town.authority_id).update(
        cluster=cluster, district="north", name_en="Hilltop"
    )
    make_programme(town, funders=[foundation], terms=[subject])
    link = f"authority={town.authority_id}"
    for query, is_seen in {
        "": True,
        "district=north": True,
        "district=south": False,
        f"cluster={cluster.pk}": True,
        "stage=primary": True,
        "stage=employment": False,
        f"subject={subject.slug}": True,
        f"year={YEAR + 1}": True,
    }.items():
        assert (link in read(address(foundation, f"?{query}"))) is is_seen, query


@pytest.mark.parametrize("table", ["municipalities", "clusters", "overlaps", "schools", "ending"])
def test_tables_are_taken_along_with_formulas_defused(client, officer, foundation, town, subject, table):
    for payer in (foundation, "=cmd()"):
        programme = make_programme(
            town,
            name="+Robots",
            funders=[payer, foundation] if payer != foundation else [payer],
            terms=[subject],
            until=YEAR,
            settings=[],
        )
        make_school(programme, "@Sunrise", mark="sunrise")
    answer = client.get(address(foundation, f"{table}.csv?more=1&whose=all"))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert len(lines) > 1
    cells = [part.strip('"') for line in lines[1:] for part in line.split(",")]
    assert not [part for part in cells if part[:1] in ("=", "+", "@")]


def test_a_table_that_is_none_is_not_found(client, officer, foundation):
    assert client.get(address(foundation, "moon.csv")).status_code == 404


def test_many_rows_take_as_many_queries_as_one(
    client, officer, foundation, subject, django_assert_max_num_queries
):
    counts = []
    for more in (1, 29):
        for number in range(more):
            town = make_municipality()
            LocalAuthority.objects.filter(pk=town.authority_id).update(cluster=make_cluster())
            for payer in (foundation, make_foundation()):
                one = make_programme(town, funders=[payer], terms=[subject], until=YEAR)
                make_school(one, mark=f"school {number}")
            make_figure(one, YEAR, participants=50)
        with django_assert_max_num_queries(15) as asked:
            assert client.get(address(foundation, "?more=1")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


# Who may look --------------------------------------------------------------------------------------------


def test_only_its_own_people_and_admins_see_a_funder(client, foundation, town):
    other = make_foundation()
    make_programme(town, funders=[make_organisation(type=OrganisationType.COMPANY)])
    people = {
        make_representative(organisation=foundation).person: 200,
        make_admin(): 200,
        make_representative(organisation=other).person: 403,
        make_representative(organisation=town).person: 403,
    }
    assert client.get(address(foundation)).status_code == 302
    for person, status in people.items():
        client.force_login(person)
        assert client.get(address(foundation)).status_code == status
        assert client.get(address(foundation, "overlaps.csv")).status_code == status


def test_whoever_pays_is_a_funder_but_no_municipality(town):
    company, admin = make_organisation(type=OrganisationType.COMPANY), make_admin()
    person = make_representative(organisation=company).person
    assert can_see_funding(person, company, pays=True)
    assert not can_see_funding(person, company, pays=False)
    assert not can_see_funding(admin, town, pays=True)
    assert not can_list_funders(person)
    assert can_list_funders(make_representative(organisation=make_foundation()).person)
    assert not can_list_funders(make_representative(organisation=town).person)


def test_the_list_has_ones_own_only_and_all_for_admins(read, client, officer, foundation):
    make_foundation(name_en="Sunset Fund")
    assert "Rainbow Foundation" in read("/policy/funders/")
    assert "Sunset Fund" not in read("/policy/funders/")
    client.force_login(make_admin())
    assert "Sunset Fund" in read("/policy/funders/")
    client.force_login(make_representative(organisation=make_municipality()).person)
    assert client.get("/policy/funders/").status_code == 403


def test_figures_of_one_programme_are_told_nowhere(read, officer, foundation, town):
    programme = make_programme(town, funders=[foundation], visibility=Visibility.NETWORK)
    make_figure(programme, YEAR, participants=7391, girls=4827)
    page = read(address(foundation))
    assert "7391" not in page.replace(",", "")
    assert "4827" not in page.replace(",", "")
