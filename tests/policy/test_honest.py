"""Small groups cannot be told from what is told, by no subtraction; sums of parts are their wholes."""

from itertools import product

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from members.models import LocalAuthority
from munistem.commons.enums import LifeStage, Setting, Visibility
from policy.enums import Gap
from policy.models import Programme
from policy.models.gaps import gaps_of
from policy.models.honest import SMALLEST, Counts, Honest, as_entered, is_small, together, told_of
from policy.models.nation import NOTHING, Many, told_by_year
from policy.models.picture import (
    Cell,
    figures_for_all,
    programmes_by_cell,
    years_of,
)
from tests.members.factories import make_municipality
from tests.policy.programmes import make_figure, make_programme

people = st.integers(0, 40)


@st.composite
def cells(draw):
    girls, others, rest = draw(people), draw(people), draw(people)
    told = draw(st.integers(1, 3)) if girls + others + rest else draw(st.integers(0, 2))
    return Counts(
        told, draw(st.integers(0, 2)), girls + others + rest, girls, girls + others, draw(st.booleans())
    )


def groups_of(cell):
    return (cell.girls, cell.counted - cell.girls, cell.participants - cell.counted)


def worlds_like(shown, most=40):
    """All ways in which the three groups of a cell may be filled so that the same is told of it."""
    found = []
    for girls, others, rest in product(range(most), repeat=3):
        cell = Counts(1, 0, girls + others + rest, girls, girls + others)
        if told_of(cell) == shown:
            found.append(groups_of(cell))
    return found


@given(cells())
def test_no_small_group_is_told(cell):
    told = told_of(cell)
    for value in (told.participants, told.girls, told.counted):
        assert value is None or not is_small(value)
    if told.girls is not None:
        assert not is_small(told.counted - told.girls)
        assert not is_small(told.participants - told.counted)


@pytest.mark.parametrize(
    "groups", [(3, 20, 0), (20, 3, 0), (20, 20, 3), (3, 3, 3), (1, 10, 10), (9, 0, 10), (5, 4, 30), (0, 4, 9)]
)
def test_from_what_is_told_of_a_cell_no_small_group_follows(groups):
    """Tried out: for each hidden small group another world tells the same and has another number there."""
    girls, others, _rest = groups
    shown = told_of(Counts(1, 0, sum(groups), girls, girls + others))
    worlds = worlds_like(shown)
    assert groups in worlds
    for place, people_there in enumerate(groups):
        if is_small(people_there):
            assert len({world[place] for world in worlds}) > 1


@given(st.lists(cells(), min_size=1, max_size=8))
def test_sums_of_parts_are_their_whole_in_any_order_and_grouping(rows):
    told = [told_of(row) for row in rows]
    whole = together(told)
    assert whole == together(reversed(told))
    half = len(told) // 2
    if half:
        assert whole == together([together(told[:half]), together(told[half:])])
    assert (whole.participants or 0) == sum(row.participants or 0 for row in told)
    assert whole.small == sum(row.small for row in told)


@given(st.lists(cells(), min_size=1, max_size=6), st.data())
def test_two_worlds_that_differ_only_in_what_is_hidden_are_told_alike(rows, data):
    """Whatever stands in a small cell, no cell, total or share says which of the two worlds it is."""
    others = []
    for row in rows:
        if told_of(row).small:
            few = data.draw(st.integers(1, SMALLEST - 1))
            girls = data.draw(st.integers(0, few))
            row = row._replace(participants=few, girls=girls, counted=few, is_rough=data.draw(st.booleans()))
        others.append(row)
    assert [told_of(row) for row in rows] == [told_of(row) for row in others]
    assert together(map(told_of, rows)) == together(map(told_of, others))


def test_unknown_is_never_zero_and_zero_is_known():
    assert told_of(Counts(untold=2)) == Honest(untold=2)
    assert told_of(Counts(told=1)).participants == 0
    assert together([Honest(untold=1), Honest(small=1)]).participants is None
    assert as_entered(Counts(1, 0, 4, 1, 4)).girls == 1


@pytest.mark.parametrize(
    ("programmes", "told", "whole", "gaps"),
    [
        (0, Honest(), None, [Gap.EMPTY]),
        (1, Honest(100, 50, 100), None, []),
        (1, Honest(100, 39, 100), None, [Gap.GIRLS]),
        (1, Honest(100, 40, 100), None, []),
        (1, Honest(100, 50, 100), 1001, [Gap.REACH]),
        (1, Honest(100, 50, 100), 1000, []),
        (1, Honest(100, 50, 100, untold=1), 5000, [Gap.UNKNOWN]),
        (1, Honest(), None, [Gap.UNKNOWN]),
        (1, Honest(100), None, [Gap.UNKNOWN]),
        (1, Honest(100, veiled=1), None, []),
        (1, Honest(small=1), 1000, []),
        (0, Honest(0, None, None), None, [Gap.UNKNOWN]),
    ],
)
def test_gaps_follow_the_written_rule(programmes, told, whole, gaps):
    assert gaps_of(programmes, told, whole) == gaps


# In the database -----------------------------------------------------------------------------------------


def many_of(told):
    """The sum of what municipalities tell, and how many of them tell participants."""
    known = [row for row in told if row is not None]
    return Many(together(known), sum(row.participants is not None for row in known))


rows_of_figures = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([LifeStage.PRIMARY, LifeStage.SERVICE]),
        st.one_of(st.none(), st.integers(0, 30)),
        st.one_of(st.none(), st.integers(0, 30)),
        st.booleans(),
    ),
    max_size=12,
)


@pytest.mark.django_db
@settings(max_examples=15)
@given(rows_of_figures)
def test_the_database_tells_what_the_rule_tells(django_db_blocker, rows):
    """Twins: sums of many municipalities are the sums of what each of them tells."""
    with transaction.atomic():
        towns = [make_municipality() for _each in range(3)]
        for place, stage, participants, girls, is_public in rows:
            visibility = Visibility.PUBLIC if is_public else Visibility.NETWORK
            programme = make_programme(towns[place], life_stages=[stage], visibility=visibility)
            if girls is not None and participants is not None:
                girls = min(girls, participants)
            make_figure(programme, 2026, participants=participants, girls=girls)
        parts = [years_of(town.authority, figures=figures_for_all()).get(2026, {}) for town in towns]
        told = [{cell: told_of(counts) for cell, counts in part.items()} for part in parts]
        year = told_by_year(LocalAuthority.objects.all(), range(2020, 2027)).get(2026, NOTHING)
        assert year.cells == {cell: many_of(row.get(cell) for row in told) for row in told for cell in row}
        for stage in year.stages:
            parts = [[row for cell, row in one.items() if cell.stage == stage] for one in told]
            assert year.stages[stage] == many_of(together(rows) for rows in parts if rows)
        assert year.whole == many_of(together(one.values()) for one in told)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_years_and_cells_are_summed_and_network_programmes_are_told_to_nobody(django_assert_num_queries):
    town = make_municipality()
    for number in (30, 12):
        make_figure(make_programme(town), 2026, participants=number, girls=11)
    make_figure(make_programme(town, visibility=Visibility.NETWORK), 2026, participants=500)
    make_figure(make_programme(town), 2025)
    cell = Cell(LifeStage.PRIMARY, Setting.FORMAL)
    with django_assert_num_queries(1):
        years = years_of(town.authority, figures=figures_for_all())
    assert list(years) == [2026, 2025]
    assert years[2026] == {cell: Counts(2, 0, 42, 22, 42)}
    assert years[2025] == {cell: Counts(untold=1)}
    assert told_by_year(LocalAuthority.objects.all(), range(2026, 2027))[2026].cells == {
        cell: Many(Honest(42, 22, 42), 1)
    }


@pytest.mark.django_db
def test_a_programme_counts_in_each_cell_that_it_serves():
    town = make_municipality()
    make_programme(town, settings=[Setting.FORMAL, Setting.FAMILY])
    make_programme(town, settings=[])
    counts = programmes_by_cell(Programme.objects.of(town.authority))
    assert counts[Cell("", "")] == counts[Cell(LifeStage.PRIMARY, "")] == 2
    assert counts[Cell(LifeStage.PRIMARY, Setting.FAMILY)] == 1
