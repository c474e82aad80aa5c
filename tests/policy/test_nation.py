"""Pictures of many municipalities: sums of what each of them tells, the same for every reader, without small groups."""

import csv
import io
import json
import re

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.enums import District
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting, Visibility
from policy.models import ProgrammeFigure
from policy.models.honest import told_of
from policy.models.picture import figures_for_all, years_of
from tests.members.factories import (
    make_admin,
    make_authority,
    make_cluster,
    make_municipality,
    make_organisation,
    make_representative,
)
from tests.policy.programmes import make_figure, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()
NATION = "/policy/picture/national/"
#: Each example takes back what it made.
TAKEN_BACK = [HealthCheck.function_scoped_fixture]
STAGES = [LifeStage.PRIMARY, LifeStage.SERVICE]


def words(page):
    """The text of a page, without what marks it up."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split())


def cluster_page(cluster):
    return reverse("show_cluster_picture", args=[cluster.slug])


@pytest.fixture
def cluster():
    return make_cluster(name_en="Two Rivers")


@pytest.fixture
def places(cluster):
    """Three municipalities, of which two are in the cluster and two in the north."""
    north, south = District.NORTH, District.SOUTH
    return [
        make_authority(cluster=cluster, district=north, name_en="Appleton"),
        make_authority(cluster=cluster, district=south, name_en="Birchville"),
        make_authority(district=north, name_en="Cedar Hill"),
    ]


def make_told(place, people, girls, stage=LifeStage.PRIMARY, **fields):
    return make_figure(
        make_programme(place, life_stages=[stage], **fields), YEAR, participants=people, girls=girls
    )


def test_a_cell_tells_how_many_of_how_many_of_whom_and_from_where(read, places):
    for place, people in zip(places, (100, 50, 8), strict=True):
        make_told(place, people, people // 2)
    page = words(read(NATION))
    assert "3 programmes in 3 of 3 municipalities" in page
    assert (
        "150 participants 50% girls 75 of 150 told by 2 of 3 municipalities · one small group left out"
        in page
    )
    assert "Source: the municipalities" in page
    assert "One municipality tells nothing of participants. One small group is left out" in page
    assert "158" not in page


def test_a_cluster_and_a_district_are_told_by_themselves(read, cluster, places):
    for place, people in zip(places, (100, 50, 30), strict=True):
        make_told(place, people, people // 2)
    assert "150 participants" in words(read(cluster_page(cluster)))
    assert "130 participants" in words(read(f"{NATION}?district=north"))
    assert "180 participants" in words(read(NATION))
    assert "180 participants" in words(read(f"{NATION}?district=moon"))


def test_its_municipalities_stand_by_name_with_their_pictures(read, cluster, places):
    make_told(places[1], 100, 50)
    page = read(cluster_page(cluster))
    assert re.findall("Appleton|Birchville|Cedar Hill", page) == ["Appleton", "Birchville"]
    assert words(page).count("tells no figures yet") == 1
    assert f"/policy/picture/{places[0].pk}/?year={YEAR}" in page


def test_the_country_leads_to_its_districts_and_clusters(read, cluster, places):
    make_told(places[0], 100, 50)
    page = read(NATION)
    assert f"{NATION}?district=north&amp;year={YEAR}" in page
    assert f"{cluster_page(cluster)}?year={YEAR}" in page
    assert "Two Rivers told by 1 of 2 municipalities" in words(page)


def test_pages_lead_to_it(read, cluster):
    town = make_municipality(authority=make_authority(cluster=cluster))
    of_cluster = make_organisation(type="cluster", cluster=cluster)
    assert NATION in read("/policy/")
    for page in (
        f"/policy/picture/{town.authority_id}/",
        town.get_absolute_url(),
        of_cluster.get_absolute_url(),
    ):
        assert cluster_page(cluster) in read(page)


def test_earlier_years_are_shown_and_chosen(read, town):
    programme = make_programme(town)
    for year, people in ((YEAR, 40), (YEAR - 1, 30), (YEAR - 6, 70)):
        make_figure(programme, year, participants=people, girls=people // 2)
    page = read(NATION)
    assert f"?year={YEAR - 1}" in page
    assert f"?year={YEAR - 6}" not in page
    assert "30 participants" in words(read(f"{NATION}?year={YEAR - 1}"))
    assert "40 participants" in words(read(f"{NATION}?year=1066"))


def test_nothing_entered_is_no_gap(read, cluster):
    page = words(read(cluster_page(cluster)))
    assert "Nothing was entered for this school year" in page
    assert "No programme" not in page


def test_only_what_runs_nowhere_and_few_girls_are_marked(read, town):
    make_told(town, 100, 20)
    make_figure(make_programme(town, life_stages=[LifeStage.SERVICE]), YEAR)
    page = words(read(NATION))
    assert page.count("No programme") == 26
    assert page.count("Few girls") == 1
    assert page.count("Not known") == 0


def test_every_reader_is_told_the_same(client, read, cluster, places):
    make_told(places[0], 100, 50)
    make_told(places[0], 7, 3, LifeStage.SERVICE)
    make_told(places[1], 500, 300, visibility=Visibility.NETWORK)
    before = [words(read(page)) for page in (NATION, cluster_page(cluster))]
    keeper = make_representative(organisation=make_municipality(authority=places[0])).person
    for person in (keeper, make_admin()):
        client.force_login(person)
        assert [words(read(page)) for page in (NATION, cluster_page(cluster))] == before
    assert "7 participants" not in before[0]
    assert "1 programme " in before[0]


def test_sums_are_kept_for_a_while(client, read, town):
    make_told(town, 100, 50)
    assert "100 participants" in words(read(NATION))
    make_told(town, 30, 15)
    assert "100 participants" in words(read(NATION))
    with CaptureQueriesContext(connection) as asked:
        client.get(NATION)
    assert not any("programmefigure" in query["sql"] for query in asked)
    cache.clear()
    assert "130 participants" in words(read(NATION))


@pytest.mark.parametrize("address", ["clusters/none/", "clusters/none/table.csv", "clusters/none/list.json"])
def test_a_cluster_that_is_none_is_not_known(client, address):
    assert client.get(f"/policy/picture/{address}").status_code == 404


# To take along -------------------------------------------------------------------------------------------


def table(client, page):
    text = client.get(page).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_holds_each_cell_with_its_source(client, cluster, places):
    make_told(places[0], 100, 40)
    make_told(places[1], 50, 5)
    make_figure(make_programme(places[0], settings=[Setting.FORMAL, Setting.FAMILY]), YEAR, participants=30)
    rows = table(client, f"{cluster_page(cluster)}table.csv")
    assert len(rows) == 29
    one = next(row for row in rows if row["Participants"] == "150")
    assert (one["Girls"], one["Girls among how many"], one["Groups that tell nothing of girls"]) == (
        "40",
        "100",
        "1",
    )
    assert (one["Programmes"], one["Municipalities with a programme"], one["Municipalities"]) == (
        "3",
        "2",
        "2",
    )
    assert all(row["Source"] and row["School year"] for row in rows)
    unsplit = next(row for row in rows if not row["Setting"])
    assert unsplit["Participants"] == "30"
    empty = next(row for row in rows if row["Life stage"] == "Employment")
    assert (empty["Participants"], empty["Quality of the figures"]) == ("", "Not known")


def test_programs_get_the_same(client, cluster, places):
    make_told(places[0], 100, 40)
    ProgrammeFigure.objects.update(participants_quality="estimated")
    told = json.loads(client.get(f"{NATION}list.json?district=north").content)
    assert (told["district"], told["cluster"], told["year"], told["municipalities"]) == (
        "north",
        None,
        YEAR,
        2,
    )
    assert len(told["cells"]) == 28
    assert told["all"]["participants"] == 100
    assert told["all"]["quality"] == "estimated"
    assert told["source"]


# Two worlds ----------------------------------------------------------------------------------------------

#: Place, stage, participants, girls, whether everyone may read of the programme.
figures = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(STAGES), st.integers(0, 30), st.integers(0, 30), st.booleans()
    ),
    min_size=1,
    max_size=8,
)


def published(client, cluster, places):
    """All that anyone is told of these municipalities."""
    cache.clear()
    pages = [NATION, f"{NATION}?district=north", cluster_page(cluster)]
    pages += [f"/policy/picture/{place.pk}/" for place in places]
    files = [
        f"{page}{file}" for page in (NATION, cluster_page(cluster)) for file in ("table.csv", "list.json")
    ]
    answers = [client.get(page) for page in [*pages, *files]]
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.content.decode() for answer in answers]
    return [words(text) if "<main" in text else text for text in told]


def hide_otherwise(data):
    """Other numbers wherever nothing is told: in small cells, in small groups of cells, in programmes of the network."""
    rows = list(ProgrammeFigure.objects.select_related("programme").order_by("pk"))
    public = [row for row in rows if row.programme.visibility == Visibility.PUBLIC]
    cells = {}
    for row in public:
        cells.setdefault((row.programme.authority_id, row.life_stage), []).append(row)
    for code, stage in cells:
        mine = cells[code, stage]
        (counts,) = (
            found
            for cell, found in years_of(mine[0].programme.authority, figures=figures_for_all())[YEAR].items()
            if cell.stage == stage
        )
        told = told_of(counts)
        if told.small:
            people = data.draw(st.integers(1, 9))
            girls = data.draw(st.integers(0, people))
        elif told.veiled:
            people = counts.participants
            few = data.draw(st.integers(1, min(9, people)))
            girls = few if data.draw(st.booleans()) else people - few
        else:
            continue
        first, *others = mine
        for row in others:
            row.participants = row.girls = 0
            row.save()
        first.participants, first.girls = people, girls
        first.save()
    for row in rows:
        if row.programme.visibility == Visibility.NETWORK:
            row.participants, row.girls = data.draw(st.integers(20, 90)), data.draw(st.integers(0, 20))
            row.save()


@settings(max_examples=15, suppress_health_check=TAKEN_BACK)
@given(figures, st.data())
def test_two_worlds_that_differ_in_what_is_hidden_are_published_alike(client, rows, data):
    with transaction.atomic():
        cluster = make_cluster(name_en="Two Rivers")
        places = [make_authority(cluster=cluster, district=District.NORTH) for _each in range(2)]
        places.append(make_authority(district=District.NORTH))
        for place, stage, people, girls, is_public in rows:
            visibility = Visibility.PUBLIC if is_public else Visibility.NETWORK
            make_told(places[place], people, min(girls, people), stage, visibility=visibility)
        before = published(client, cluster, places)
        hide_otherwise(data)
        assert published(client, cluster, places) == before
        transaction.set_rollback(True)


@settings(max_examples=10, suppress_health_check=TAKEN_BACK)
@given(figures)
def test_sums_of_parts_are_their_whole(client, rows):
    """Municipalities → cluster and the others → the country, as the files tell it; and cells → all."""
    with transaction.atomic():
        cache.clear()
        pairs = [(make_cluster(), make_authority(district=District.NORTH)) for _each in range(3)]
        for cluster, place in pairs:
            place.cluster = cluster
            place.save()
        for place, stage, people, girls, _is_public in rows:
            make_told(pairs[place][1], people, min(girls, people), stage)
        parts = [json.loads(client.get(f"{cluster_page(one)}list.json").content) for one, _place in pairs]
        whole = json.loads(client.get(f"{NATION}list.json").content)
        names = set(whole["all"]) - {"quality"}
        for place, cell in enumerate(whole["cells"]):
            for name in names:
                assert (cell[name] or 0) == sum(part["cells"][place][name] or 0 for part in parts)
        for name in names - {"municipalities_that_tell", "municipalities_with_a_programme"}:
            assert (whole["all"][name] or 0) == sum(cell[name] or 0 for cell in whole["cells"])
        for part, (_cluster, place) in zip(parts, pairs, strict=True):
            own = years_of(place, figures=figures_for_all()).get(YEAR, {})
            told = {cell: told_of(counts) for cell, counts in own.items()}
            assert (part["all"]["participants"] or 0) == sum(row.participants or 0 for row in told.values())
        transaction.set_rollback(True)


def test_as_many_queries_for_thirty_municipalities_as_for_one(client, cluster, django_assert_max_num_queries):
    counts = []
    for more in (1, 29):
        for number in range(more):
            place = make_authority(cluster=cluster, district=District.values[number % 7])
            for stage in STAGES:
                make_told(place, 50, 25, stage)
        asked = []
        cache.clear()
        for page in (NATION, cluster_page(cluster), f"{NATION}table.csv", f"{NATION}list.json"):
            with django_assert_max_num_queries(15) as caught:
                assert client.get(page).status_code == 200
            asked.append(len(caught))
        counts.append(asked)
    assert counts[0] == counts[1]
