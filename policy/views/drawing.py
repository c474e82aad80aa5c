"""The overall picture of a municipality as a page draws it: stages and cells with what is told of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.enums import FigureSource, Measure
from members.models import AuthorityFigure, LocalAuthority
from munistem.commons.days.school import school_year_name
from munistem.commons.enums import LifeStage, Setting, Visibility
from policy.enums import Gap
from policy.models import ProgrammeFigure
from policy.models.gaps import WITH_WHOLE, gaps_of
from policy.models.honest import Counts, Honest, as_entered, together, told_of
from policy.models.picture import BY_GIRLS, KNOWN, Cell, programmes_by_cell
from policy.views.programme import list_url


@dataclass
class Part:
    """A cell: what runs there, what is told of it, what is missing."""

    setting: Setting
    programmes: int
    told: Honest
    gaps: list[Gap]
    whole: int | None
    url: str
    gap_url: str

    @property
    def reach(self) -> int | None:
        """Participants among all whom the cell is for, in per cent."""
        known = self.whole and self.told.participants is not None
        return round(100 * self.told.participants / self.whole) if known else None


@dataclass
class Stage:
    """A life stage with its four settings; ``rest`` is told of the stage without a setting."""

    stage: LifeStage
    place: int
    programmes: int
    told: Honest
    rest: Honest | None
    parts: list[Part]


@dataclass
class Picture:
    """A municipality in one school year, as one reader is told it."""

    authority: LocalAuthority
    year: int
    stages: list[Stage]
    programmes: int
    told: Honest
    rest: Honest | None
    is_raw: bool

    @property
    def is_empty(self) -> bool:
        return not self.programmes and not self.told.is_known and not self.told.small

    @property
    def counts(self) -> dict[str, int]:
        return {row.stage: row.programmes for row in self.stages}

    @property
    def missing(self) -> list[str]:
        """Stages in which nothing runs."""
        return [] if self.is_empty else [row.stage for row in self.stages if not row.programmes]

    @property
    def details(self) -> dict[str, str]:
        """What stands under each stage of the ribbon."""
        known = [row for row in self.stages if row.told.participants is not None]
        return {row.stage: people_words(row.told.participants) for row in known}

    @property
    def gap_count(self) -> int:
        return sum(bool(part.gaps) for row in self.stages for part in row.parts)


def people_words(count: int | None) -> str:
    told = count or 0
    return ngettext("%(count)s participant", "%(count)s participants", told) % {"count": f"{told:,}"}


@dataclass
class Seen:
    """What a picture is drawn from: what runs by cell, what is told of it, for how many pupils a cell is there."""

    running: Counter[Cell]
    told: dict[Cell, Honest]
    wholes: dict[Cell, float]

    @property
    def is_nothing(self) -> bool:
        return not self.running and not self.told


def draw(authority: LocalAuthority, year: int, seen: Seen, *, is_raw: bool) -> Picture:
    stages = [stage_of(stage, place, authority, year, seen) for place, stage in enumerate(LifeStage, 1)]
    unplaced = [row for cell, row in seen.told.items() if not cell.stage]
    return Picture(
        authority,
        year,
        stages,
        seen.running[Cell("", "")],
        together(seen.told.values()),
        together(unplaced) if unplaced else None,
        is_raw,
    )


def seen_of(programmes: Any, cells: dict[Cell, Counts], wholes: dict[Cell, float], *, is_raw: bool) -> Seen:
    """programmes: those that the reader may know of; cells: sums of the year; is_raw: whether the reader keeps them."""
    tell = as_entered if is_raw else told_of
    told = {cell: tell(counts) for cell, counts in cells.items()}
    return Seen(programmes_by_cell(programmes), told, wholes)


def stage_of(stage: LifeStage, place: int, authority: LocalAuthority, year: int, seen: Seen) -> Stage:
    parts = []
    for setting in Setting:
        cell = Cell(stage, setting)
        running, honest, whole = seen.running[cell], seen.told.get(cell, Honest()), seen.wholes.get(cell)
        gaps = [] if seen.is_nothing else gaps_of(running, honest, whole)
        url = list_url(authority, stage=stage.value, setting=setting.value, year=year)
        onward = reverse("show_gap", args=[authority.pk, stage.value, setting.value])
        whole_pupils = int(whole) if whole else None
        parts.append(Part(setting, running, honest, gaps, whole_pupils, url, f"{onward}?year={year}"))
    of_stage = together(row for cell, row in seen.told.items() if cell.stage == stage)
    return Stage(stage, place, seen.running[Cell(stage, "")], of_stage, seen.told.get(Cell(stage, "")), parts)


# What stands behind it -----------------------------------------------------------------------------------


@dataclass
class Background:
    """A measure of a public source: its latest figure and the one before."""

    measure: Measure
    latest: AuthorityFigure | None
    before: AuthorityFigure | None

    @property
    def year(self) -> str:
        return school_year_name(self.latest.year) if self.latest else ""

    @property
    def percent(self) -> int | None:
        """Where the source tells of how many."""
        return (
            round(100 * self.latest.value / self.latest.whole) if self.latest and self.latest.whole else None
        )


def background_of(authority: LocalAuthority) -> list[Background]:
    """Every measure in its order, told or not; one query."""
    found: dict[str, list[AuthorityFigure]] = {}
    for row in AuthorityFigure.objects.filter(authority=authority).latest_first():
        found.setdefault(row.measure, []).append(row)
    rows = [(measure, [*found.get(measure, []), None, None]) for measure in Measure]
    return [Background(measure, told[0], told[1]) for measure, told in rows]


def by_source(background: list[Background]) -> list[tuple[str, list[Background]]]:
    """What is told, by its source."""
    told = [row for row in background if row.latest]
    return [
        (source.label, rows)
        for source in FigureSource
        if (rows := [row for row in told if row.latest and row.latest.source == source])
    ]


def wholes_of(background: list[Background]) -> dict[Cell, float]:
    """For how many pupils a cell is there, where a public source tells it."""
    pupils = {row.measure: row.latest.value for row in background if row.latest}
    return {Cell(*WITH_WHOLE): pupils[Measure.HIGH_SCHOOL]} if pupils.get(Measure.HIGH_SCHOOL) else {}


def unknowns_of(picture: Picture, programmes: Any, background: list[Background]) -> list[str]:
    """What we do not know, each in a sentence."""
    return [*figures_missing(programmes, picture.year), *unknown_facts(picture, background)]


def unknown_facts(picture: Picture, background: list[Background]) -> list[str]:
    """Besides figures that are missing: small groups, and what no public source tells."""
    authority = picture.authority
    told = []
    if picture.told.small:
        text = ngettext(
            "One small group is left out of the figures.",
            "%(count)s small groups are left out of the figures.",
            picture.told.small,
        )
        told.append(text % {"count": picture.told.small})
    facts = [
        (_("Residents"), authority.population),
        (_("Socio-economic cluster"), authority.socioeconomic_cluster),
        (_("Periphery cluster"), authority.periphery_cluster),
        (_("Population group"), authority.population_group or None),
        *((row.measure.label, row.latest) for row in background),
    ]
    told += [
        _("No public source tells: %(what)s.") % {"what": name} for name, value in facts if value is None
    ]
    told.append(_("No public source tells matriculation results of girls and boys by municipality."))
    return told


def figures_missing(programmes: Any, year: int) -> list[str]:
    """Of how many programmes participants, girls, stage or setting are not known.

    Figures of a programme that is for the network are in no sum, so that to the picture they are unknown: whether there
    are some is known to who keeps the programme alone.
    """
    marked = with_figures_marked(programmes, year).order_by()
    rows = marked.values_list("has_people", "has_girls", "life_stages", "settings", "visibility")
    return missing_words(
        (people and shown == Visibility.PUBLIC, girls and shown == Visibility.PUBLIC, stages, settings)
        for people, girls, stages, settings, shown in rows
    )


def with_figures_marked(programmes: Any, year: int) -> Any:
    """Annotate ``has_people`` and ``has_girls``: whether they are known in a school year."""
    rows = ProgrammeFigure.objects.filter(programme=OuterRef("pk"), year=year)
    return programmes.annotate(has_people=Exists(rows.filter(KNOWN)), has_girls=Exists(rows.filter(BY_GIRLS)))


def missing_words(marked: Iterable[tuple[bool, bool, list[str], list[str]]]) -> list[str]:
    """marked: for each programme whether participants and girls are known, its life stages and settings."""
    known = list(marked)
    counted = [
        (_("Participants of %(count)s of %(all)s programmes"), sum(not row[0] for row in known)),
        (_("Girls in %(count)s of %(all)s programmes"), sum(not row[1] for row in known)),
        (_("Life stage of %(count)s of %(all)s programmes"), sum(not row[2] for row in known)),
        (_("Setting of %(count)s of %(all)s programmes"), sum(not row[3] for row in known)),
    ]
    return [text % {"count": count, "all": len(known)} for text, count in counted if count]
