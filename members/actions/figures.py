"""What public sources tell of local authorities, as the files of ``members/data`` have it; empty cells tell nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from members.actions.register import DATA, BadRegister, Loaded, rows_of
from members.enums import Measure
from members.models import AuthorityFigure, LocalAuthority
from munistem.commons import audit

#: Columns of ``education.csv`` by what they tell and the year in which its school year begins.
COLUMNS = {
    "bagrut_eligible_pct_2024": (Measure.MATRICULATION, 2023),
    "bagrut_univ_threshold_pct_2024": (Measure.UNIVERSITY, 2023),
    "entered_higher_ed_within_8y_pct": (Measure.HIGHER_EDUCATION, 2024),
    "pupils_total_2024": (Measure.PUPILS, 2023),
    "pupils_high_school_2024": (Measure.HIGH_SCHOOL, 2023),
}
#: Units in which mathematics is examined; together they are all its examinees.
UNITS = ("3", "4", "5")


class Told(NamedTuple):
    code: int
    measure: str
    year: int
    value: float
    whole: int | None


@transaction.atomic
def load_figures(*, folder: Path = DATA, by: Any = None) -> Loaded:
    """Bring the figures up to the files; figures that they no longer name stay. Raises BadRegister.

    folder: where ``education.csv`` and ``education_stem_long.csv`` lie; the register must be loaded. Safe to run again.
    """
    places = set(LocalAuthority.objects.values_list("pk", flat=True))
    known = {(row.authority_id, row.measure, row.year): row for row in AuthorityFigure.objects.all()}
    new, changed = [], []
    for told in (*shares_of(folder), *subjects_of(folder)):
        if told.code not in places:
            raise BadRegister(f"{told.code}: no local authority has this number")
        row = known.get((told.code, told.measure, told.year))
        if row is None:
            source = Measure(told.measure).source
            new.append(AuthorityFigure(authority_id=told.code, source=source, **fields_of(told)))
        elif (row.value, row.whole) != (told.value, told.whole):
            row.value, row.whole = told.value, told.whole
            row.save(update_fields=["value", "whole"])
            audit.record("update_figure", row, by=by)
            changed.append(row)
    AuthorityFigure.objects.bulk_create(new)
    return Loaded(len(new), len(changed))


def fields_of(told: Told) -> dict[str, Any]:
    return {"measure": told.measure, "year": told.year, "value": told.value, "whole": told.whole}


def shares_of(folder: Path) -> Iterator[Told]:
    """Shares and numbers of pupils of the Central Bureau of Statistics."""
    for row in rows_of(folder / "education.csv"):
        for column, (measure, year) in COLUMNS.items():
            if row[column]:
                yield told_by(row, measure, year, row[column])


def subjects_of(folder: Path) -> Iterator[Told]:
    """Examinees at 5 units; in mathematics out of all examinees, where no unit was withheld by the ministry."""
    rows = list(rows_of(folder / "education_stem_long.csv"))
    maths = {
        (row["cbs_code"], row["class_of"], row["units"]): row["examinees"]
        for row in rows
        if row["subject_key"] == Measure.MATH
    }
    for row in rows:
        if row["units"] != "5" or row["subject_key"] not in Measure.values or not row["examinees"]:
            continue
        parts = [maths.get((row["cbs_code"], row["class_of"], unit)) or "" for unit in UNITS]
        whole = sum(map(int, parts)) if row["subject_key"] == Measure.MATH and all(parts) else None
        yield told_by(row, row["subject_key"], int(row["class_of"]) - 1, row["examinees"], whole)


def told_by(row: dict[str, str], measure: str, year: int, value: str, whole: int | None = None) -> Told:
    try:
        return Told(int(row["cbs_code"]), str(measure), year, float(value), whole)
    except ValueError as error:
        raise BadRegister(f"{row.get('cbs_code')} {row.get('name_he')}: {error}") from error
