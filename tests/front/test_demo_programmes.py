"""Made-up programmes: as many as asked for, the same for a seed, and true in the eyes of the database."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q

from members.enums import OrganisationType
from members.models import LocalAuthority
from policy.models import Programme, ProgrammeFigure
from policy.rules.programme import can_see_programme
from tests.knowledge.factories import make_term
from tests.members.factories import fresh, make_authority, make_organisation

pytestmark = pytest.mark.django_db

OPTIONS = {"programmes": 60, "years": 3, "seed": 7, "today": date(2026, 11, 24), "verbosity": 0}


@pytest.fixture(autouse=True)
def trial(settings):
    settings.DEMO = True
    make_authority(population=200_000, population_group="jewish")
    make_authority(population=9_000, population_group="arab")
    make_authority(population=None)
    make_organisation(type=OrganisationType.FOUNDATION)
    make_term(slug="robotics")


def load(**options):
    call_command("load_programmes", **{**OPTIONS, **options})


def written():
    return sorted(
        ProgrammeFigure.objects.values_list(
            *(
                "programme__name",
                "programme__authority__population",
                "programme__since",
                "year",
                "life_stage",
            ),
            *("setting", "places", "participants", "girls", "boys"),
        ),
        key=str,
    )


def test_refused_outside_a_trial(settings):
    settings.DEMO = settings.TRIAL = False
    with pytest.raises(CommandError, match="DEMO=1"):
        load()


def test_as_many_as_asked_for_more_of_them_where_more_people_live():
    load()
    counts = [
        Programme.objects.of(row).count() for row in LocalAuthority.objects.order_by("-population", "pk")
    ]
    assert sum(counts) == 60
    assert max(counts) == Programme.objects.filter(authority__population=200_000).count()
    assert set(Programme.objects.values_list("language", flat=True)) == {"he", "ar"}
    assert not Programme.objects.exclude(Q(name__contains="הדגמה") | Q(name__contains="تجريبي")).exists()
    years = set(ProgrammeFigure.objects.values_list("year", flat=True))
    assert years == {2024, 2025, 2026}
    assert ProgrammeFigure.objects.filter(participants__isnull=True).exists()
    assert ProgrammeFigure.objects.filter(participants__gt=0, participants__lt=10).exists()
    assert can_see_programme(fresh(None), Programme.objects.filter(visibility="public").first())


def test_figures_stand_only_where_the_programme_runs_and_serves():
    load()
    for figure in ProgrammeFigure.objects.select_related("programme"):
        programme = figure.programme
        assert programme.runs_in(figure.year)
        assert figure.life_stage in {*programme.life_stages, ""}
        assert figure.setting in {*programme.settings, ""}


def test_the_same_seed_gives_the_same_programmes():
    load()
    first = written()
    Programme.objects.all().delete()
    load()
    assert written() == first
    Programme.objects.all().delete()
    load(seed=8)
    assert written() != first


def test_authorities_beyond_the_register_are_made_up_once():
    for _twice in range(2):
        load(authorities=7)
    assert LocalAuthority.objects.count() == 7
    assert Programme.objects.count() == 120
    assert LocalAuthority.objects.filter(name_he__contains="הדגמה").count() == 4
