"""Yearly figures: what may stand, the table of a year, its parts, and what is copied from the year before."""

import pytest
from django.db import IntegrityError, connection

from munistem.commons.audit.models import AuditEvent
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.enums import LifeStage, Setting
from policy.actions.counting import NoNumber, counted_in, written
from policy.actions.figures import (
    UNKNOWN,
    Counted,
    Impossible,
    Said,
    StaleFigures,
    cells_of,
    copy_year,
    enter_figures,
    marker_of,
)
from policy.actions.programme import NotTheirs
from policy.enums import ProgrammeStatus, Quality
from policy.models import PopulationFigure, ProgrammeFigure
from tests.members.factories import fresh, make_admin, make_member
from tests.policy.programmes import make_figure, make_population, make_population_figure, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("120", Counted(120)),
        (" 1,200 ", Counted(1200)),
        ("1 200", Counted(1200)),
        ("0", Counted(0)),
        ("", UNKNOWN),
        ("?", UNKNOWN),
        ("–", UNKNOWN),
        ("לא ידוע", UNKNOWN),
        ("غير معروف", UNKNOWN),
        ("~30", Counted(30, True)),
        ("כ-30", Counted(30, True)),
        ("כ־1,500", Counted(1500, True)),
        ("حوالي 40", Counted(40, True)),
        ("about 12", Counted(12, True)),
        ("25 (הערכה)", Counted(25, True)),
        ("١٢٠", Counted(120)),
        ("12.0", Counted(12)),
    ],
)
def test_numbers_are_read_as_people_write_them(text, found):
    assert counted_in(text) == found
    assert counted_in(written(found)) == found


@pytest.mark.parametrize("text", ["many", "-3", "12.5", "1e3", "½", "²", "12/13", "=1+1", "9" * 12, "1,20"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(NoNumber):
        counted_in(text)


# The deed ------------------------------------------------------------------------------------------------


def said(stage="primary", setting="formal", populations=None, **counts):
    told = {name: Counted(value) if isinstance(value, int) else value for name, value in counts.items()}
    return Said(stage, setting, told, populations or {})


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (said(participants=10, girls=11), "girls"),
        (said(participants=10, boys=11), "boys"),
        (said(participants=10, girls=6, boys=5), "participants"),
        (said(participants=10_000_000), "participants"),
        (said(stage="service", participants=5), "life_stage"),
        (said(stage="", participants=5), "life_stage"),
        (said(setting="industry", participants=5), "setting"),
    ],
)
def test_figures_that_cannot_be_are_refused_with_the_column(town, person, row, column):
    programme = make_programme(town)
    with pytest.raises(Impossible) as refused:
        enter_figures(by=fresh(person), programme=programme, year=YEAR, rows=[row])
    assert refused.value.problems[0][0] == column
    assert not ProgrammeFigure.objects.exists()


def test_a_year_is_split_in_one_way(town, person):
    programme = make_programme(town, life_stages=[LifeStage.PRIMARY, LifeStage.SERVICE])
    with pytest.raises(Impossible):
        enter_figures(
            by=fresh(person), programme=programme, year=YEAR, rows=[said(""), said("primary", participants=1)]
        )
    with pytest.raises(Impossible):
        enter_figures(
            by=fresh(person), programme=programme, year=YEAR, rows=[said("primary"), said("primary")]
        )
    both = [said("primary", participants=10), said("service", participants=20)]
    enter_figures(by=fresh(person), programme=programme, year=YEAR, rows=both)
    enter_figures(by=fresh(person), programme=programme, year=YEAR, rows=[said("", participants=30)])
    assert list(ProgrammeFigure.objects.values_list("life_stage", "participants")) == [("", 30)]


def test_database_refuses_a_year_that_is_whole_and_split():
    programme = make_programme(life_stages=[LifeStage.PRIMARY, LifeStage.SERVICE])
    make_figure(programme, life_stage=LifeStage.PRIMARY)
    make_figure(programme, life_stage=LifeStage.SERVICE)
    make_figure(programme, YEAR - 1)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
    make_figure(programme)
    with pytest.raises(IntegrityError, match="both whole and split"), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def test_what_stands_already_is_written_once(town, person):
    programme, term = make_programme(town), make_population()
    rows = [said(participants=20, girls=Counted(9, True), populations={term.pk: Counted(4)})]
    for _twice in range(2):
        enter_figures(by=fresh(person), programme=programme, year=YEAR, rows=rows)
    figure = ProgrammeFigure.objects.get()
    assert (figure.girls_quality, figure.boys_quality) == (Quality.ESTIMATED, Quality.UNKNOWN)
    assert PopulationFigure.objects.get().value == 4
    assert AuditEvent.objects.filter(deed="enter_figures").count() == 1


def test_two_people_do_not_write_over_each_other(town, person):
    programme = make_programme(town)
    figure = make_figure(programme, YEAR, participants=10)
    seen = marker_of([figure])
    enter_figures(by=fresh(person), programme=programme, year=YEAR, rows=[said(participants=11)], seen=seen)
    with pytest.raises(StaleFigures):
        enter_figures(
            by=fresh(person), programme=programme, year=YEAR, rows=[said(participants=12)], seen=seen
        )
    assert ProgrammeFigure.objects.get().participants == 11


def test_strangers_enter_and_copy_nothing(town):
    programme, stranger = make_programme(town), fresh(make_member())
    with pytest.raises(NotTheirs):
        enter_figures(by=stranger, programme=programme, year=YEAR, rows=[said(participants=1)])
    with pytest.raises(NotTheirs):
        copy_year(by=stranger, authority=town.authority, year=YEAR)


def test_last_year_is_copied_as_estimates_once(town):
    admin, term = fresh(make_admin()), make_population()
    programme = make_programme(town, terms=[term])
    before = make_figure(programme, YEAR - 1, participants=20, girls=0)
    make_population_figure(before, term=term, value=5)
    make_figure(make_programme(town, until=YEAR - 1), YEAR - 1, participants=7)
    make_figure(make_programme(town, status=ProgrammeStatus.PLANNED), YEAR - 1, participants=7)
    entered = make_figure(make_programme(town), YEAR, participants=1)
    make_figure(entered.programme, YEAR - 1, participants=9)
    make_figure(make_programme(), YEAR - 1, participants=9)
    assert [copy_year(by=admin, authority=town.authority, year=YEAR) for _twice in range(2)] == [1, 0]
    copied = ProgrammeFigure.objects.get(programme=programme, year=YEAR)
    assert (copied.participants, copied.participants_quality) == (20, Quality.ESTIMATED)
    assert (copied.girls, copied.girls_quality) == (0, Quality.ESTIMATED)
    assert (copied.boys, copied.boys_quality) == (None, Quality.UNKNOWN)
    assert copied.is_carried_over
    assert copied.populations.get().quality == Quality.ESTIMATED
    assert ProgrammeFigure.objects.of_year(YEAR).count() == 2


def test_cells_follow_the_continuum():
    programme = make_programme(
        life_stages=[LifeStage.PRIMARY, LifeStage.SERVICE], settings=[Setting.FORMAL, Setting.FAMILY]
    )
    assert cells_of(programme, by_stage=False, by_setting=False) == [("", "")]
    assert cells_of(programme, by_stage=True, by_setting=False) == [("primary", ""), ("service", "")]
    assert len(cells_of(programme, by_stage=True, by_setting=True)) == 4


# The table -----------------------------------------------------------------------------------------------


def table_url(town):
    return f"/policy/authorities/{town.authority_id}/figures/{YEAR}/"


def row(programme, seen="", **counts):
    return {f"p{programme.pk}-{name}": value for name, value in {"seen": seen, **counts}.items()}


def test_a_table_keeps_each_row_by_itself(client, read, person, town):
    one, two, three = (make_programme(town, name=name) for name in ("Alpha", "Beta", "Gamma"))
    page = read(table_url(town))
    assert "3 programmes on this page have no figures yet." in page
    data = {
        **row(one, participants="25", girls="~9", boys=""),
        **row(two, participants="10", girls="11"),
        **row(three),
        "save": "all",
    }
    response = client.post(table_url(town), data)
    page = response.content.decode()
    assert response.status_code == 200
    assert "There are more girls than participants." in page
    assert 'value="11"' in page
    kept = ProgrammeFigure.objects.get()
    assert (kept.programme, kept.participants, kept.girls) == (one, 25, 9)
    assert (kept.girls_quality, kept.boys_quality) == (Quality.ESTIMATED, Quality.UNKNOWN)


def test_saving_one_row_leads_back_to_it(client, person, town):
    programme = make_programme(town)
    data = {**row(programme, participants="25", places_estimated="on"), "save": str(programme.pk)}
    assert client.post(table_url(town), data)["Location"] == f"{table_url(town)}#programme-{programme.pk}"


def test_not_known_is_one_tap_and_never_zero(client, person, town):
    programme = make_programme(town)
    data = {**row(programme, participants="typed by mistake"), "unknown": str(programme.pk)}
    assert client.post(table_url(town), data).status_code == 302
    figure = ProgrammeFigure.objects.get()
    assert (figure.participants, figure.participants_quality) == (None, Quality.UNKNOWN)
    data = row(programme, marker_of([figure]), participants="0") | {"save": "all"}
    client.post(table_url(town), data)
    figure.refresh_from_db()
    assert (figure.participants, figure.participants_quality) == (0, Quality.MEASURED)


def test_a_stale_row_is_not_kept_and_comes_back(client, person, town):
    programme = make_programme(town)
    make_figure(programme, YEAR, participants=10)
    response = client.post(table_url(town), {**row(programme, "old", participants="12"), "save": "all"})
    assert response.status_code == 409
    assert "Someone changed this row in the meantime." in response.content.decode()
    assert 'value="12"' in response.content.decode()
    assert ProgrammeFigure.objects.get().participants == 10


def test_copied_rows_stay_marked_until_looked_at(client, read, person, town):
    programme = make_programme(town)
    make_figure(programme, YEAR - 1, participants=10)
    client.post(f"{table_url(town)}copy/")
    client.post(f"{table_url(town)}copy/")
    page = read(table_url(town))
    assert "Copied, to be checked" in page
    figure = ProgrammeFigure.objects.of_year(YEAR).get()
    shown = row(programme, marker_of([figure]), participants="10", participants_estimated="on")
    client.post(table_url(town), {**shown, "save": "all"})
    assert "Copied, to be checked" in read(table_url(town))
    client.post(table_url(town), {**shown, "save": str(programme.pk)})
    assert "Copied, to be checked" not in read(table_url(town))


def test_rows_of_other_towns_are_not_touched(client, person, town):
    stranger = make_programme()
    client.post(table_url(town), {**row(stranger, participants="5"), "save": "all"})
    assert not ProgrammeFigure.objects.exists()


def test_the_table_takes_as_many_queries_for_25_rows_as_for_one(
    client, person, town, django_assert_max_num_queries
):
    counts = []
    for more in (1, 24):
        for _n in range(more):
            make_population_figure(make_figure(make_programme(town), YEAR, participants=20), value=3)
        with django_assert_max_num_queries(14) as asked:
            client.get(table_url(town))
        counts.append(len(asked))
    assert counts[0] == counts[1]


# The parts of one programme ------------------------------------------------------------------------------


def test_figures_are_split_by_stage_and_population(client, read, person, town):
    term = make_population(name_en="Haredi society")
    programme = make_programme(
        town, life_stages=[LifeStage.PRIMARY, LifeStage.SERVICE], terms=[term, make_population(slug="girls")]
    )
    url = f"/policy/programmes/{programme.pk}/figures/{YEAR}/"
    page = read(f"{url}?split=stage")
    assert "Haredi society" in page
    assert page.count('inputmode="numeric"') == 10
    data = {
        "seen": "",
        "primary-formal-participants": "30",
        f"primary-formal-population_{term.pk}": "31",
        "service-formal-participants": "8",
    }
    assert "more than the participants" in client.post(f"{url}?split=stage", data).content.decode()
    data[f"primary-formal-population_{term.pk}"] = "~12"
    response = client.post(f"{url}?split=stage", data)
    assert response["Location"] == table_url(town)
    told = PopulationFigure.objects.values_list("value", "quality").order_by("figure")
    assert list(told) == [(12, Quality.ESTIMATED), (None, Quality.UNKNOWN)]
    page = read(table_url(town))
    assert "Change its parts" in page
    assert "38" in page
    assert 'aria-current="page">By life stage' in read(url)
    assert client.post(f"{url}?split=stage", {**data, "service-formal-participants": "9"}).status_code == 409


def test_school_years_are_said_in_both_calendars():
    assert school_year_name(2026) == "2026/27"
