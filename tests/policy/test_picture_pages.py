"""The overall picture as it is shown: to others in sums without small groups, to who keeps the figures as entered."""

import re

import pytest

from members.models import AuthorityFigure
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting, Visibility
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_municipality,
    make_representative,
)
from tests.policy.programmes import make_figure, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()


def words(page):
    """The text of a page, without what marks it up."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split())


def address(place, query=""):
    return f"/policy/picture/{getattr(place, 'authority_id', None) or place.pk}/{query}"


@pytest.mark.parametrize(("code", "status"), [("999999999", 404), ("rule", 200), ("0", 404)])
def test_addresses_answer(client, code, status):
    assert client.get(f"/policy/picture/{code}/").status_code == status


def test_a_cell_tells_numerator_and_denominator(read, town):
    make_figure(make_programme(town), YEAR, participants=120, girls=60)
    page = words(read(address(town)))
    assert "120 participants 50 % girls 60 of 120" in page.replace("50%", "50 %")
    assert "27 cells of 28 have a gap" in page
    assert "Source: the municipality" in page


def test_small_groups_are_told_to_who_keeps_them_only(client, read, town):
    make_figure(make_programme(town), YEAR, participants=7, girls=3)
    others = words(read(address(town)))
    assert "a small group, not told" in others
    assert "7 participants" not in others
    assert "One small group is left out" in others
    for person in (make_representative(organisation=town).person, make_admin()):
        client.force_login(person)
        assert "7 participants" in words(read(address(town)))
        page = words(read(address(town, "?as=others")))
        assert "7 participants" not in page
        assert "This is what others see" in page
    client.force_login(make_representative().person)
    assert "7 participants" not in words(read(address(town)))


def test_network_programmes_change_no_figure_that_others_are_told(client, read, town):
    make_figure(make_programme(town), YEAR, participants=100, girls=50)
    before = read(address(town))
    make_figure(make_programme(town, visibility=Visibility.NETWORK), YEAR, participants=300, girls=100)
    assert read(address(town)) == before
    client.force_login(make_member())
    page = words(read(address(town)))
    assert "2 programmes" in page
    assert "400 participants" not in page
    assert "100 participants" in page


def test_gaps_are_named_in_words(client, read, town):
    make_figure(make_programme(town), YEAR, participants=100, girls=20)
    make_programme(town, life_stages=[LifeStage.SERVICE])
    school = make_programme(town, life_stages=[LifeStage.UPPER_SECONDARY])
    make_figure(school, YEAR, participants=50, girls=25)
    AuthorityFigure.objects.create(
        authority=town.authority, measure="high_school", year=2023, value=1000, source="cbs"
    )
    page = words(read(address(town)))
    assert page.count("No programme") == 25
    assert page.count("Few girls") == page.count("Reaches few") == 1
    assert "5% of 1000 pupils" in page or "5% of 1,000 pupils" in page


def test_of_a_year_without_programmes_nothing_is_called_a_gap(read):
    page = words(read(address(make_authority())))
    assert "Nothing was entered for this school year" in page
    assert "No programme" not in page


def test_earlier_years_are_shown_and_chosen(read, town):
    programme = make_programme(town)
    for year, people in ((YEAR, 40), (YEAR - 1, 30), (YEAR - 2, 5)):
        make_figure(programme, year, participants=people, girls=people // 2)
    page = read(address(town))
    assert f"?year={YEAR - 1}" in page
    assert "30 participants" in words(read(address(town, f"?year={YEAR - 1}")))
    assert "40 participants" in words(read(address(town, "?year=1066")))
    assert "5 participants" not in words(read(address(town, f"?year={YEAR - 2}"))).replace("15", "")


def test_background_stands_with_year_and_source_and_unknown_is_said(read, town):
    AuthorityFigure.objects.create(
        authority=town.authority, measure="math", year=2022, value=77, whole=240, source="education"
    )
    page = words(read(address(town)))
    assert "Mathematics, 5 units examinees in its schools · 2022/23 77 32% of 240 not known" in page
    assert "Ministry of Education" in page
    assert "No public source tells: Physics, 5 units." in page
    assert "matriculation results of girls and boys" in page


def test_pages_of_the_municipality_lead_to_its_picture(read, town):
    for page in (town.authority.get_absolute_url(), town.get_absolute_url()):
        assert address(town) in read(page)


def test_the_picture_takes_as_many_queries_for_many_programmes_as_for_one(
    client, person, town, django_assert_max_num_queries
):
    counts = []
    for more in (1, 29):
        for number in range(more):
            stage = LifeStage.values[number % 7]
            programme = make_programme(town, life_stages=[stage], settings=[Setting.values[number % 4]])
            for year in range(YEAR - 5, YEAR + 1):
                make_figure(programme, year, participants=50, girls=25)
        with django_assert_max_num_queries(15) as asked:
            assert client.get(address(town)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_municipality_outside_the_network_has_a_picture_too(read):
    town = make_municipality(left_on=None)
    place = make_authority()
    make_figure(make_programme(place), YEAR, participants=20, girls=10)
    assert "20 participants" in words(read(address(place)))
    assert "20 participants" not in words(read(address(town)))
