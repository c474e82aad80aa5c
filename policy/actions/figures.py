"""The yearly figures of programmes, entered for a whole year of a programme at a time."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.models import LocalAuthority
from munistem.commons import audit
from policy.actions.programme import NotTheirs, lock
from policy.enums import Quality
from policy.models import PopulationFigure, Programme, ProgrammeFigure
from policy.models.figures import COUNTED
from policy.rules import programme as rules

MOST = 1_000_000
#: So many rows at most into which the figures of a year are split.
MOST_CELLS = 12


@dataclass(frozen=True)
class Counted:
    """A number and how it is known; ``value`` None is not known, whatever the quality says."""

    value: int | None = None
    is_estimated: bool = False

    @property
    def quality(self) -> Quality:
        if self.value is None:
            return Quality.UNKNOWN
        return Quality.ESTIMATED if self.is_estimated else Quality.MEASURED


UNKNOWN = Counted()


@dataclass(frozen=True)
class Said:
    """The figures of one row: of a life stage and a setting ("" where they are not split)."""

    life_stage: str = ""
    setting: str = ""
    counts: Mapping[str, Counted] = field(default_factory=dict)  # of COUNTED; what is missing is unknown
    populations: Mapping[int, Counted] = field(default_factory=dict)  # key of the term → participants of it

    @property
    def cell(self) -> tuple[str, str]:
        return self.life_stage, self.setting

    def of(self, name: str) -> Counted:
        return self.counts.get(name, UNKNOWN)


def counted_of(row: Any, name: str, quality: str) -> Counted:
    """A figure of a row that stands, by the names of its two columns."""
    return Counted(getattr(row, name), getattr(row, quality) == Quality.ESTIMATED)


class Impossible(Exception):
    """Figures that cannot be; ``problems`` are pairs of the column and the sentence that says why."""

    def __init__(self, problems: list[tuple[str, Any]]):
        super().__init__(problems)
        self.problems = problems


class StaleFigures(Exception):
    """Somebody changed the figures of this year after the table was opened."""


def whole_cell(programme: Programme) -> tuple[str, str]:
    """Stage and setting of figures that are not split: the only one there is, else ""."""
    stages, settings = programme.life_stages, programme.settings
    return stages[0] if len(stages) == 1 else "", settings[0] if len(settings) == 1 else ""


def cells_of(programme: Programme, *, by_stage: bool, by_setting: bool) -> list[tuple[str, str]]:
    """The rows into which figures are split, in the order of the continuum."""
    stage, setting = whole_cell(programme)
    stages = programme.life_stages if by_stage and programme.life_stages else [stage]
    settings = programme.settings if by_setting and programme.settings else [setting]
    return list(product(stages, settings))


def marker_of(figures: Iterable[ProgrammeFigure]) -> str:
    """Which state of a programme's year a table was made from; "" for one without figures."""
    rows = sorted(f"{row.life_stage} {row.setting} {row.pk} {row.changed_at.isoformat()}" for row in figures)
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16] if rows else ""


def problems_of(said: Said) -> list[tuple[str, Any]]:
    """What cannot be true in one row: pairs of the column (of COUNTED, or "population:<key>") and a sentence."""
    found: list[tuple[str, Any]] = []
    everyone = said.of("participants").value
    girls, boys = said.of("girls").value, said.of("boys").value
    for name, counted in said.counts.items():
        if counted.value is not None and counted.value > MOST:
            found.append((name, _("This number is too large. Check it.")))
    if everyone is None or found:
        return found
    if girls is not None and girls > everyone:
        found.append(("girls", _("There are more girls than participants.")))
    if boys is not None and boys > everyone:
        found.append(("boys", _("There are more boys than participants.")))
    if not found and girls is not None and boys is not None and girls + boys > everyone:
        found.append(("participants", _("Girls and boys together are more than the participants.")))
    for key, counted in said.populations.items():
        if counted.value is not None and counted.value > everyone:
            found.append((f"population:{key}", _("This is more than the participants.")))
    return found


def refuse_impossible(programme: Programme, rows: list[Said]) -> None:
    """Raise Impossible for rows that cannot stand together in a year of the programme."""
    problems = [problem for row in rows for problem in problems_of(row)]
    whole, cells = whole_cell(programme), [row.cell for row in rows]
    stages, settings = {*programme.life_stages, whole[0]}, {*programme.settings, whole[1]}
    if any(stage not in stages for stage, _setting in cells):
        problems.append(("life_stage", _("The programme does not serve this life stage.")))
    if any(setting not in settings for _stage, setting in cells):
        problems.append(("setting", _("The programme does not run in this setting.")))
    if len(set(cells)) < len(cells):
        problems.append(("life_stage", _("The same stage and setting stand here twice.")))
    if len(set(map(way_of, cells))) > 1:
        problems.append(("life_stage", _("Split all figures of the year in one way, or none.")))
    if problems:
        raise Impossible(problems)


@transaction.atomic
def enter_figures(
    *,
    by: Any,
    programme: Programme,
    year: int,
    rows: Iterable[Said],
    seen: str | None = None,
    keeps_others: bool = False,
) -> list[ProgrammeFigure]:
    """Let these rows be all that is known of a year of a programme; what stands already so stays untouched.

    seen: the marker of the table that was filled in; keeps_others: rows of other parts stay, where the year is split in
    the same way. Raises NotTheirs, StaleFigures and Impossible.
    """
    programme, wanted = lock(programme.pk), list(rows)
    if not rules.can_keep_programme(by, programme):
        raise NotTheirs
    standing = {(row.life_stage, row.setting): row for row in _of_year(programme, year)}
    cells, ways = {said.cell for said in wanted}, {way_of(said.cell) for said in wanted}
    others = [cell for cell in standing if keeps_others and cell not in cells and way_of(cell) in ways]
    gone = standing.keys() - cells - set(others)
    if not gone and all(same(standing.get(said.cell), said) for said in wanted):
        return list(standing.values())
    if seen is not None and seen != marker_of(standing.values()):
        raise StaleFigures
    refuse_impossible(programme, [*wanted, *(Said(*cell) for cell in others)])
    ProgrammeFigure.objects.filter(pk__in=[standing[cell].pk for cell in gone]).delete()
    kept = [_keep(programme, year, said, standing.get(said.cell)) for said in wanted]
    audit.record("enter_figures", programme, by=by, year=year, rows=len(kept))
    return kept


def way_of(cell: tuple[str, str]) -> tuple[bool, bool]:
    """How a row is split: by stage, by setting."""
    return bool(cell[0]), bool(cell[1])


def same(row: ProgrammeFigure | None, said: Said) -> bool:
    """Whether a row says this already; one that was carried over says it only once somebody has looked at it."""
    if row is None or row.is_carried_over:
        return False
    counts = all(
        (getattr(row, name), getattr(row, f"{name}_quality")) == (said.of(name).value, said.of(name).quality)
        for name in COUNTED
    )
    populations = {one.term_id: (one.value, one.quality) for one in row.populations.all()}
    return counts and populations == {
        key: (counted.value, counted.quality) for key, counted in said.populations.items()
    }


def _of_year(programme: Programme, year: int) -> list[ProgrammeFigure]:
    return list(
        ProgrammeFigure.objects.filter(programme=programme, year=year).prefetch_related("populations")
    )


def _keep(programme: Programme, year: int, said: Said, row: ProgrammeFigure | None) -> ProgrammeFigure:
    if row is not None and same(row, said):
        return row
    row = row or ProgrammeFigure(
        programme=programme, year=year, life_stage=said.life_stage, setting=said.setting
    )
    for name in COUNTED:
        setattr(row, name, said.of(name).value)
        setattr(row, f"{name}_quality", said.of(name).quality)
    row.is_carried_over = False
    row.save()
    row.populations.all().delete()
    PopulationFigure.objects.bulk_create(
        PopulationFigure(figure=row, term_id=key, value=counted.value, quality=counted.quality)
        for key, counted in said.populations.items()
    )
    return row


@transaction.atomic
def copy_year(*, by: Any, authority: LocalAuthority, year: int) -> int:
    """Carry the figures of the year before into a year, as estimates, for running programmes that have none of it yet.

    Returns for how many programmes. Raises NotTheirs.
    """
    if not rules.can_keep_programmes(by, authority):
        raise NotTheirs
    running = Programme.objects.of(authority).in_year(year)
    waiting = running.exclude(pk__in=ProgrammeFigure.objects.of_year(year).values("programme"))
    locked = list(waiting.select_for_update(of=("self",), no_key=True).order_by("pk"))
    before = ProgrammeFigure.objects.of_year(year - 1).filter(programme__in=locked)
    copied = [_carried(row, year) for row in before.prefetch_related("populations").order_by("pk")]
    ProgrammeFigure.objects.bulk_create([row for row, _parts in copied])
    PopulationFigure.objects.bulk_create(part for _row, parts in copied for part in parts)
    done = {row.programme_id for row, _parts in copied}
    if done:
        audit.record("copy_figures", authority, by=by, year=year, programmes=len(done))
    return len(done)


def _carried(row: ProgrammeFigure, year: int) -> tuple[ProgrammeFigure, list[PopulationFigure]]:
    """The row as an estimate of the next year, with its populations; unsaved."""
    copy = ProgrammeFigure(
        programme_id=row.programme_id,
        year=year,
        life_stage=row.life_stage,
        setting=row.setting,
        is_carried_over=True,
    )
    for name in COUNTED:
        value = getattr(row, name)
        setattr(copy, name, value)
        setattr(copy, f"{name}_quality", Counted(value, is_estimated=True).quality)
    parts = [
        PopulationFigure(
            figure=copy,
            term_id=one.term_id,
            value=one.value,
            quality=Counted(one.value, is_estimated=True).quality,
        )
        for one in row.populations.all()
    ]
    return copy, parts
