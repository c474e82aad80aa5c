"""Programmes and their yearly figures: a handful in the demo's municipalities, thousands for measuring."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from members.enums import OrganisationType, PopulationGroup
from members.models import LocalAuthority, Organisation
from munistem.commons.days.school import school_year_of
from munistem.commons.enums import LifeStage, Setting, Visibility
from munistem.commons.terms.models import Term
from munistem.front.management.demo.kinds import (
    KINDS,
    MARK,
    PARTS,
    PAYERS,
    PROVIDERS,
    QUALITY,
    SCHOOLS,
    Kind,
)
from munistem.front.management.demo.pouring import Calendar, pour, spread
from policy.actions.figures import Counted, whole_cell
from policy.actions.programme import school_mark
from policy.enums import ProgrammeStatus
from policy.models import PopulationFigure, Programme, ProgrammeFigure, ProgrammeFunder, ProgrammeSchool

ARABIC = {PopulationGroup.ARAB, PopulationGroup.DRUZE, PopulationGroup.BEDOUIN, PopulationGroup.CIRCASSIAN}
#: The populations that figures of a place are told by, besides those of a programme.
OF_GROUP = {
    PopulationGroup.BEDOUIN: "bedouin-society",
    PopulationGroup.DRUZE: "druze-and-circassians",
    PopulationGroup.ARAB: "arab-society",
}
SMALLEST_TOWN = 3_000


@dataclass
class Written:
    """Rows on their way into the database, in the order in which they need each other."""

    programmes: list[Programme] = field(default_factory=list)
    terms: list[Any] = field(default_factory=list)
    funders: list[ProgrammeFunder] = field(default_factory=list)
    schools: list[ProgrammeSchool] = field(default_factory=list)
    figures: list[ProgrammeFigure] = field(default_factory=list)
    populations: list[PopulationFigure] = field(default_factory=list)

    def pour(self) -> None:
        """Keys are known only once a table is written, so whoever refers to it is told again."""
        pour(self.programmes)
        for row in (*self.terms, *self.funders, *self.schools, *self.figures):
            row.programme = row.programme
        for rows in (self.terms, self.funders, self.schools, self.figures):
            pour(rows)
        for part in self.populations:
            part.figure = part.figure
        pour(self.populations)


@dataclass
class World:
    """What programmes refer to."""

    terms: dict[str, Term]
    foundations: list[Organisation]
    calendar: Calendar
    years: int

    @property
    def this_year(self) -> int:
        return school_year_of(self.calendar.today)


def run_programmes(
    authorities: Sequence[LocalAuthority], count: int, years: int, calendar: Calendar, rng: Random
) -> int:
    """Write so many programmes with so many years of figures, more of them where more people live; returns how many."""
    foundations = Organisation.objects.filter(type=OrganisationType.FOUNDATION).order_by("pk")
    terms = {term.slug: term for term in Term.objects.curated().order_by("pk")}
    world = World(terms, list(foundations.defer("search_vector")), calendar, years)
    shares = spread(count, [max(SMALLEST_TOWN, row.population or 0) ** 0.6 for row in authorities])
    written = Written()
    for authority, share in zip(authorities, shares, strict=True):
        kinds = rng.sample(KINDS, k=min(share, len(KINDS) - rng.randint(2, 9)))
        kinds += rng.choices(kinds or KINDS, k=share - len(kinds))
        for kind in kinds:
            write_one(authority, kind, world, written, rng)
    written.pour()
    return len(written.programmes)


def write_one(authority: LocalAuthority, kind: Kind, world: World, written: Written, rng: Random) -> None:
    language = "ar" if authority.population_group in ARABIC else "he"
    row = programme_of(authority, kind, language, world, rng)
    written.programmes.append(row)
    slugs = [*kind.subjects, *kind.populations]
    if (own := OF_GROUP.get(authority.population_group)) and own not in slugs and rng.random() < 0.4:
        slugs.append(own)
    terms = [world.terms[slug] for slug in slugs if slug in world.terms]
    through = Programme.terms.through
    written.terms += [through(programme=row, term=term) for term in terms]
    written.funders += funders_of(row, language, world, rng)
    written.schools += schools_of(row, kind, language, rng)
    populations = [term for term in terms if term.slug in {*kind.populations, own} and term.slug != "girls"]
    factor = min(4.0, max(0.15, (authority.population or 20_000) / 50_000)) ** 0.7 * rng.uniform(0.6, 1.5)
    first = world.this_year - world.years + 1
    for year in range(max(first, row.since or first), min(world.this_year, row.until or world.this_year) + 1):
        if row.status == ProgrammeStatus.PLANNED or rng.random() < 0.08:
            continue  # nobody entered that year
        size = max(1, round(kind.size * factor * (1 + 0.05 * (year - first)) * rng.uniform(0.85, 1.15)))
        write_year(row, year, size, kind.girls, populations, written, rng)


def programme_of(
    authority: LocalAuthority, kind: Kind, language: str, world: World, rng: Random
) -> Programme:
    """The programme itself; in the demo plainly named as made up."""
    since = world.this_year - rng.randint(0, world.years + 3)
    status = rng.choices(ProgrammeStatus.values, [4, 80, 10, 6])[0]
    is_over = status in (ProgrammeStatus.ENDED, ProgrammeStatus.STOPPED)
    until = rng.randint(since, world.this_year) if is_over else None
    if status == ProgrammeStatus.RUNNING and rng.random() < 0.12:
        until = world.this_year  # it ends this year
    at = world.calendar.ago(rng.uniform(5, 300))
    name = kind.ar if language == "ar" else kind.he
    return Programme(
        authority=authority,
        name=f"{name}{rng.choice(PARTS[language])} {MARK[language]}",
        language=language,
        what=kind.ar_what if language == "ar" else kind.he_what,
        provider=rng.choice(PROVIDERS[language]),
        life_stages=[stage for stage in LifeStage.values if stage in kind.stages],
        settings=[setting for setting in Setting.values if setting in kind.settings],
        since=world.this_year + 1 if status == ProgrammeStatus.PLANNED else since,
        until=until,
        status=status,
        quality_assurance=QUALITY[language] if rng.random() < 0.35 else "",
        visibility=Visibility.NETWORK if rng.random() < 0.1 else Visibility.PUBLIC,
        created_at=at,
        changed_at=at + timedelta(days=1),
    )


def funders_of(row: Programme, language: str, world: World, rng: Random) -> list[ProgrammeFunder]:
    """The town, a ministry or a foundation; sometimes two of them, sometimes nobody knows."""
    told: list[ProgrammeFunder] = []
    if world.foundations and rng.random() < 0.35:
        told.append(ProgrammeFunder(programme=row, organisation=rng.choice(world.foundations)))
    if rng.random() < 0.75:
        told.append(ProgrammeFunder(programme=row, name=rng.choice(PAYERS[language]), position=len(told)))
    return told


def schools_of(row: Programme, kind: Kind, language: str, rng: Random) -> list[ProgrammeSchool]:
    if Setting.FORMAL not in kind.settings:
        return []
    names = rng.sample(SCHOOLS[language], k=rng.randint(1, 4))
    return [
        ProgrammeSchool(programme=row, name=name, mark=school_mark(name, ""), position=place)
        for place, name in enumerate(names)
    ]


def write_year(
    row: Programme,
    year: int,
    size: int,
    girls: float,
    populations: Sequence[Term],
    written: Written,
    rng: Random,
) -> None:
    """One row, or one for each stage where the programme tells them apart."""
    stage, setting = whole_cell(row)
    cells = [(stage, setting)]
    if len(row.life_stages) > 1 and rng.random() < 0.7:
        cells = [(one, setting) for one in row.life_stages]
    for (one, where), share in zip(
        cells, spread(size, [rng.uniform(0.6, 1.4) for _cell in cells]), strict=True
    ):
        figure = ProgrammeFigure(programme=row, year=year, life_stage=one, setting=where)
        for name, counted in counts_of(share, girls, rng).items():
            setattr(figure, name, counted.value)
            setattr(figure, f"{name}_quality", counted.quality)
        figure.changed_at = row.changed_at
        written.figures.append(figure)
        for term in populations:
            known = figure.participants is not None and rng.random() < 0.7
            value = round((figure.participants or 0) * rng.uniform(0.1, 0.9)) if known else None
            counted = Counted(value, rng.random() < 0.5)
            written.populations.append(
                PopulationFigure(figure=figure, term=term, value=counted.value, quality=counted.quality)
            )


def counts_of(size: int, girls: float, rng: Random) -> dict[str, Counted]:
    """Counted, estimated or not known, each for itself."""
    is_estimated = rng.random() < 0.25
    share = min(1.0, max(0.0, girls + rng.uniform(-0.12, 0.12)))
    of_girls = min(size, round(size * share))
    told = {
        "places": Counted(round(size * rng.uniform(1.0, 1.3)), is_estimated),
        "participants": Counted(size, is_estimated),
        "girls": Counted(of_girls, is_estimated),
        "boys": Counted(size - of_girls, is_estimated),
    }
    chance = rng.random()
    hidden = ("girls", "boys") if chance < 0.12 else ("places",) if chance < 0.3 else ()
    if rng.random() < 0.05:
        hidden = ("places", "participants", "girls", "boys")
    return {name: Counted() if name in hidden else counted for name, counted in told.items()}
