"""What public sources tell of local authorities: as the files have it, empty cells untold, safe to load again."""

import shutil

import pytest
from django.core.management import call_command

from members.actions.figures import load_figures
from members.actions.register import DATA, BadRegister
from members.enums import FigureSource, Measure
from members.models import AuthorityFigure
from munistem.commons.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    call_command("load_register", verbosity=0)


def told(code, measure):
    rows = AuthorityFigure.objects.filter(authority=code, measure=measure).latest_first()
    return [(row.year, row.value, row.whole) for row in rows]


def test_figures_are_those_of_the_files(loaded):
    assert told(28, Measure.MATRICULATION) == [(2023, 87.0, None)]
    assert told(28, Measure.HIGH_SCHOOL) == [(2023, 830.0, None)]
    assert told(28, Measure.MATH) == [(2022, 77.0, 104 + 59 + 77), (2021, 85.0, 94 + 84 + 85)]
    assert told(28, Measure.PHYSICS) == [(2022, 43.0, None), (2021, 43.0, None)]
    assert AuthorityFigure.objects.filter(measure=Measure.MATRICULATION).count() == 257


def test_what_is_withheld_has_no_row_and_zero_is_zero(loaded):
    assert told(26, Measure.MATH) == []
    assert told(26, Measure.HIGH_SCHOOL) == [(2023, 0.0, None)]
    assert told(1770, Measure.MATRICULATION) == []


def test_every_figure_names_its_source_and_its_whole(loaded):
    for measure in Measure:
        rows = AuthorityFigure.objects.filter(measure=measure)
        assert set(rows.values_list("source", flat=True)) == {measure.source}
        assert str(measure.whole)
    assert Measure.MATH.source == FigureSource.EDUCATION
    assert Measure.PUPILS.source == FigureSource.CBS


def test_loading_again_changes_nothing_and_a_change_is_noted(loaded):
    assert load_figures() == (0, 0)
    AuthorityFigure.objects.filter(authority=28, measure=Measure.PUPILS).update(value=1)
    assert load_figures() == (0, 1)
    assert AuditEvent.objects.filter(deed="update_figure").count() == 1


@pytest.mark.parametrize(("old", "new"), [("28,מזכרת בתיה,87.0", "28,מזכרת בתיה,many"), ("\n28,", "\n4,")])
def test_a_bad_file_changes_nothing_and_names_the_row(loaded, tmp_path, old, new):
    for name in ("education.csv", "education_stem_long.csv"):
        shutil.copy(DATA / name, tmp_path)
    path = tmp_path / "education.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace(old, new, 1))
    with pytest.raises(BadRegister, match=r"^28 |^4:"):
        load_figures(folder=tmp_path)
    assert told(28, Measure.MATRICULATION) == [(2023, 87.0, None)]
