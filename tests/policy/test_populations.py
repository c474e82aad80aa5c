"""Populations of a municipality: told as girls are, by cell, and added up; small groups are told to nobody else."""

import re

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Visibility
from policy.models import PopulationFigure
from policy.models.honest import Honest, as_entered, is_small, told_of
from policy.models.picture import figures_for_all, years_of
from policy.models.populations import populations_of
from tests.members.factories import make_municipality, make_representative
from tests.policy.programmes import make_figure, make_population, make_population_figure, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()
STAGES = [LifeStage.PRIMARY, LifeStage.SERVICE]


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split())


def told(authority, *, figures=None, tell=told_of):
    figures = figures_for_all() if figures is None else figures
    cells = years_of(authority, figures=figures).get(YEAR, {})
    return dict(populations_of(authority, YEAR, cells, figures=figures, tell=tell))


def make_told(town, term, people, value, stage=LifeStage.PRIMARY, **fields):
    figure = make_figure(
        make_programme(town, life_stages=[stage], **fields), YEAR, participants=people, girls=people // 2
    )
    return make_population_figure(figure, term=term, value=value)


def test_a_population_is_told_with_those_of_whom_it_is_known(town):
    term = make_population()
    make_told(town, term, 100, 40)
    make_told(town, term, 50, 10, LifeStage.SERVICE)
    make_told(town, term, 30, None, LifeStage.SERVICE)
    assert told(town.authority) == {term: Honest(180, 50, 150, untold=1)}


@pytest.mark.parametrize(("people", "value"), [(100, 3), (100, 95), (7, 7), (9, 0)])
def test_small_groups_are_not_told(town, people, value):
    term = make_population()
    make_told(town, term, people, value)
    row = told(town.authority)[term]
    assert (row.girls, row.counted, row.small + row.veiled) == (None, None, 1)
    assert told(town.authority, tell=as_entered)[term].girls == value


def test_those_of_whom_it_is_not_known_may_not_be_few(town):
    term = make_population()
    make_told(town, term, 100, 50)
    make_told(town, term, 5, None)
    assert told(town.authority)[term].girls is None


def test_nobody_is_told_and_more_than_all_is_not_known(town):
    term, other = make_population(), make_population()
    figure = make_told(town, term, 100, 0).figure
    make_population_figure(figure, term=other, value=101)
    assert told(town.authority)[term].girls == 0
    assert told(town.authority)[other] == Honest(100, untold=1)


def test_girls_are_told_once_so_that_no_group_follows_from_the_difference(town):
    girls = make_population(slug="girls")
    make_told(town, girls, 100, 50)
    make_figure(make_programme(town), YEAR, participants=20, girls=5)
    assert told(town.authority) == {}


def test_the_page_tells_numerator_denominator_and_source(client, read, town):
    first = make_population(name_en="Arab society", position=1)
    second = make_population(name_en="Haredi society", position=2)
    figure = make_told(town, first, 120, 30).figure
    make_population_figure(figure, term=second, value=4)
    address = f"/policy/picture/{town.authority_id}/"
    page = words(read(address))
    assert (
        "Arab society 30 25% of 120 0 Haredi society a small group, not told 1 Source: the municipality"
        in page
    )
    client.force_login(make_representative(organisation=town).person)
    assert "Haredi society 4 3% of 120" in words(read(address))
    assert "a small group, not told 1" in words(read(f"{address}?as=others"))


def test_programmes_of_the_network_are_in_no_population(read, town):
    make_told(town, make_population(name_en="Arab society"), 100, 50, visibility=Visibility.NETWORK)
    page = words(read(f"/policy/picture/{town.authority_id}/"))
    assert "No figures by population are told for this year." in page


def test_as_many_queries_for_thirty_as_for_one(client, town, django_assert_max_num_queries):
    counts = []
    for more in (1, 29):
        for number in range(more):
            make_told(town, make_population(), 100, 50, STAGES[number % 2])
        with django_assert_max_num_queries(15) as asked:
            assert client.get(f"/policy/picture/{town.authority_id}/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


#: Stage, participants, those who belong to the first and to the second population (None: not known).
parts = st.lists(
    st.tuples(
        st.sampled_from(STAGES),
        st.integers(0, 40),
        st.one_of(st.none(), st.integers(0, 40)),
        st.one_of(st.none(), st.integers(0, 40)),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts, st.data())
def test_two_worlds_that_differ_in_what_is_hidden_are_shown_alike(client, rows, data):
    with transaction.atomic():
        town, terms = make_municipality(), [make_population(position=1), make_population(position=2)]
        for stage, people, *values in rows:
            figure = make_figure(
                make_programme(town, life_stages=[stage]), YEAR, participants=people, girls=people
            )
            for term, value in zip(terms, values, strict=True):
                make_population_figure(figure, term=term, value=None if value is None else min(value, people))
        cache.clear()
        before = words(client.get(f"/policy/picture/{town.authority_id}/").content.decode())
        for term in terms:
            for stage in STAGES:
                fill_otherwise(town.authority, term, stage, data)
        after = words(client.get(f"/policy/picture/{town.authority_id}/").content.decode())
        assert after == before
        transaction.set_rollback(True)


def fill_otherwise(authority, term, stage, data):
    """Another number of those who belong, where the cell does not tell it and would not tell the other number either."""
    mine = PopulationFigure.objects.filter(term=term, figure__life_stage=stage, value__isnull=False)
    mine = list(mine.select_related("figure").order_by("pk"))
    (counts,) = [
        found
        for cell, found in years_of(authority, figures=figures_for_all())[YEAR].items()
        if cell.stage == stage
    ] or [None]
    if not mine or counts is None:
        return
    counted, belong = sum(row.figure.participants for row in mine), sum(row.value for row in mine)
    groups = (belong, counted - belong, counts.participants - counted)
    if not counted or not (is_small(counts.participants) or any(map(is_small, groups))):
        return
    is_free = is_small(counts.participants) or is_small(groups[2])
    wanted = data.draw(
        st.integers(0, counted).filter(lambda n: is_free or is_small(n) or is_small(counted - n))
    )
    for row in mine:
        row.value = min(wanted, row.figure.participants)
        wanted -= row.value
        row.save()
