"""Municipalities are compared with those that are alike only."""

import pytest

from members.enums import PopulationGroup
from members.models import AuthorityFigure
from munistem.commons.days.school import current_school_year
from policy.models.family import LARGEST_FAMILY, SMALLEST_FAMILY, family_of, range_of
from tests.members.factories import make_authority
from tests.policy.programmes import make_figure, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()


def make_place(population=50_000, **fields):
    told = {
        "socioeconomic_cluster": 5,
        "periphery_cluster": 5,
        "population_group": PopulationGroup.JEWISH,
        **fields,
    }
    return make_authority(population=population, **told)


def test_family_holds_the_most_alike_nearest_first(django_assert_num_queries):
    own = make_place()
    twins = [make_place(50_000 + 100 * number) for number in range(1, 8)]
    far = [
        make_place(2_000_000),
        make_place(socioeconomic_cluster=10),
        make_place(periphery_cluster=1),
        make_place(population_group=PopulationGroup.ARAB),
    ]
    with django_assert_num_queries(2):
        family = family_of(own)
    assert family[: len(twins)] == twins
    assert SMALLEST_FAMILY <= len(family) <= LARGEST_FAMILY
    assert own not in family
    assert [row.distance for row in family] == sorted(row.distance for row in family)
    assert set(family[len(twins) :]) <= set(far)


def test_another_population_group_lies_one_apart():
    own = make_place()
    other = make_place(population_group=PopulationGroup.DRUZE)
    assert {row.pk: round(row.distance, 6) for row in family_of(own)} == {other.pk: 1.0}


def test_what_is_not_known_counts_as_one_apart():
    own = make_place(None, socioeconomic_cluster=None)
    other = make_place(10_000)
    assert [(row, round(row.distance**2, 6)) for row in family_of(own)] == [(other, 2.0)]


def test_no_more_than_twelve():
    own = make_place()
    for _each in range(20):
        make_place()
    assert len(family_of(own)) == LARGEST_FAMILY


def test_a_range_is_told_of_three_or_more():
    assert range_of([1, None, 2]) is None
    assert range_of([3, 1, None, 2]) == (3, 2, 1, 3)


def test_the_page_compares_what_everyone_is_told(read, client, django_assert_max_num_queries):
    own = make_place()
    for number in range(10):
        place = make_place(name_en=f"Twin {number}")
        make_figure(make_programme(place), YEAR, participants=100, girls=30 + number)
        AuthorityFigure.objects.create(
            authority=place, measure="matriculation", year=2023, value=60 + number, source="cbs"
        )
    with django_assert_max_num_queries(15):
        page = read(f"/policy/picture/{own.pk}/family/")
    assert "Twin 9" in page
    assert "39%" in page
    assert "Central Bureau of Statistics" in page
    small = make_place()
    make_figure(make_programme(small), YEAR, participants=9, girls=9)
    assert "100%" not in read(f"/policy/picture/{own.pk}/family/")


def test_a_municipality_of_which_nothing_is_known_has_a_page(read):
    assert "not known" in read(f"/policy/picture/{make_authority().pk}/family/")
