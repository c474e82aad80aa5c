"""Who may see and keep programmes and figures: rules and querysets compared over persons × situations."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting, Visibility
from policy.enums import ProgrammeStatus, Quality
from policy.models import PopulationFigure, Programme, ProgrammeFigure, ProgrammeFunder, ProgrammeSchool
from policy.rules import programme as rules
from tests.members.factories import fresh, make_authority, make_municipality
from tests.policy.programmes import (
    make_figure,
    make_population_figure,
    make_programme,
    make_school,
)
from tests.policy.test_rules import PERSONS

pytestmark = pytest.mark.django_db

OWN = {"representative", "manager"}


@pytest.fixture
def world():
    """Programmes of each visibility: of a town, of one that left, of a municipality that never was a member."""
    town, left = make_municipality(), make_municipality(left_on=timezone.localdate())
    for place in (town, left, make_authority()):
        for visibility in (Visibility.PUBLIC, Visibility.NETWORK):
            programme = make_programme(place, visibility=visibility, funders=["Somebody"])
            make_school(programme)
            make_population_figure(make_figure(programme, participants=30), value=12)
    return town


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        (Programme, rules.can_see_programme),
        (ProgrammeFunder, rules.can_see_programme_part),
        (ProgrammeSchool, rules.can_see_programme_part),
        (ProgrammeFigure, rules.can_see_figure),
        (PopulationFigure, rules.can_see_population_figure),
    ],
)
def test_rules_and_querysets_are_twins(world, model, rule):
    for name, make in PERSONS.items():
        person = make(world)
        by_query = set(model.objects.visible_to(fresh(person)).values_list("pk", flat=True))
        by_rule = {row.pk for row in model.objects.all() if rule(fresh(person), row)}
        assert by_query == by_rule, name


def test_keeping_is_a_twin_too(world):
    for name, make in PERSONS.items():
        person = make(world)
        by_query = set(Programme.objects.kept_by(fresh(person)).values_list("pk", flat=True))
        rows = Programme.objects.all()
        assert by_query == {row.pk for row in rows if rules.can_keep_programme(fresh(person), row)}, name


def test_figures_of_one_programme_are_for_who_keeps_it(world):
    figure = ProgrammeFigure.objects.filter(programme__authority=world.authority).first()
    seen = {name for name, make in PERSONS.items() if rules.can_see_figure(fresh(make(world)), figure)}
    assert seen == OWN | {"admin"}


def test_network_programmes_are_hidden_from_outside(world):
    programme = make_programme(world, visibility=Visibility.NETWORK)
    seen = {name for name, make in PERSONS.items() if rules.can_see_programme(fresh(make(world)), programme)}
    assert seen == OWN | {"outsider", "other town", "knowledge manager", "admin"}


def test_nobody_but_admins_keeps_what_is_no_member():
    town = make_municipality(left_on=timezone.localdate())
    keeps = {n for n, make in PERSONS.items() if rules.can_keep_programmes(fresh(make(town)), town.authority)}
    assert keeps == {"admin"}


@pytest.mark.parametrize(
    ("fields", "years"),
    [
        ({}, [2024, 2025, 2026]),
        ({"since": 2025}, [2025, 2026]),
        ({"until": 2025}, [2024, 2025]),
        ({"since": 2025, "until": 2025}, [2025]),
        ({"status": ProgrammeStatus.PLANNED}, []),
        ({"status": ProgrammeStatus.ENDED, "until": 2024}, [2024]),
    ],
)
def test_the_years_in_which_a_programme_runs(fields, years):
    programme = make_programme(**fields)
    assert [year for year in (2024, 2025, 2026) if Programme.objects.in_year(year)] == years
    assert [year for year in (2024, 2025, 2026) if programme.runs_in(year)] == years


def test_programmes_are_found_by_what_they_serve():
    both = make_programme(life_stages=[LifeStage.PRIMARY, LifeStage.SERVICE], settings=[Setting.FAMILY])
    make_programme(settings=[Setting.FORMAL])
    assert list(Programme.objects.at(stage="service")) == [both]
    assert list(Programme.objects.at(stage="primary", setting="family")) == [both]
    assert Programme.objects.at().count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"participants": None, "participants_quality": Quality.MEASURED},
        {"participants": 0, "participants_quality": Quality.UNKNOWN},
        {"participants": 10, "girls": 6, "boys": 5},
        {"participants": 10, "girls": 11},
        {"participants": 10, "boys": 11},
        {"life_stage": "kindergarten"},
        {"year": 1999},
    ],
)
def test_the_database_refuses_figures_that_cannot_be(fields):
    programme = make_programme()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_figure(programme, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"visibility": Visibility.COMMUNITY},
        {"since": 2026, "until": 2025},
        {"status": ProgrammeStatus.STOPPED},
        {"life_stages": ["cradle"]},
        {"settings": ["street"]},
    ],
)
def test_the_database_refuses_programmes_that_cannot_be(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_programme(**fields)


def test_one_cell_of_a_year_holds_one_figure_and_zero_is_known():
    figure = make_figure(make_programme(), current_school_year(), girls=0, participants=0)
    assert figure.girls_quality == Quality.MEASURED
    with pytest.raises(IntegrityError), transaction.atomic():
        make_figure(figure.programme, figure.year)
