"""What the annual brief of a municipality tells: fetched once, said in any language (see ``annual_paper``)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q

from members.models import LocalAuthority, Organisation
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import Visibility
from policy.enums import Gap
from policy.models import Programme, ProgrammeFigure, ProgrammeFunder
from policy.models.family import Range, family_of, range_of
from policy.models.gaps import Gapped, weightiest
from policy.models.honest import Counts, Honest, as_entered, together, told_of
from policy.models.picture import Cell, counted_by_cell, figures_for_all, programmes_shown, years_of_each
from policy.views.briefs.commitments import Commitment, commitments_of
from policy.views.drawing import (
    Background,
    Part,
    Picture,
    Seen,
    background_of,
    draw,
    wholes_of,
    with_figures_marked,
)
from policy.views.gap import MOVES

MOST_YEARS, MOST_PEERS = 6, 3


@dataclass
class NamedGap:
    """One of the gaps that weigh most: where, which, what is told of the cell, and who of the family runs something there."""

    gapped: Gapped
    part: Part
    peers: list[tuple[LocalAuthority, str]] = field(default_factory=list)


@dataclass
class Compared:
    """One's own figure beside the range of the family, in the unit of its measure."""

    own: float | None
    range: Range | None


@dataclass
class Annual:
    """A municipality in one school year, as one reader is told it."""

    picture: Picture
    years: list[tuple[int, Honest]]
    programmes: list[Any]
    background: list[Background]
    gaps: list[NamedGap]
    commitments: list[Commitment]
    family: list[LocalAuthority]
    cells_in_use: Compared
    girls: Compared

    @property
    def authority(self) -> LocalAuthority:
        return self.picture.authority

    @property
    def year(self) -> int:
        return self.picture.year

    @property
    def is_raw(self) -> bool:
        return self.picture.is_raw

    @property
    def funders(self) -> list[tuple[str, int]]:
        """By how many programmes each pays for, in the reader's language; those that nobody pays for are not among them."""
        found = Counter(funder.label for row in self.programmes for funder in row.payers)
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))

    @property
    def without_funder(self) -> int:
        return sum(not row.payers for row in self.programmes)


def annual_of(user: Any, authority: LocalAuthority, asked: str, *, is_raw: bool) -> Annual:
    """Ten queries. asked: the year of the address, or ""; is_raw: as it was entered, else as everyone is told it."""
    reader = user if is_raw else AnonymousUser()
    family = family_of(authority)
    sums = sums_of(reader, authority, family, asked, is_raw=is_raw)
    own, year = sums.get(authority.pk, {}), year_of(sums.get(authority.pk, {}), asked)
    programmes, background = programmes_of(reader, authority, year), background_of(authority)
    served = [(row.life_stages, row.settings) for row in programmes]
    tell, run = as_entered if is_raw else told_of, run_by(family, year)
    told = {cell: tell(counts) for cell, counts in own.get(year, {}).items()}
    seen = Seen(counted_by_cell(served), told, wholes_of(background))
    picture = draw(authority, year, seen, is_raw=is_raw)
    return Annual(
        picture,
        years_until(year, own, tell),
        programmes,
        background,
        gaps_in(picture, family, run),
        commitments_of(reader, Organisation.objects.members().filter(authority=authority)),
        family,
        Compared(cells_of(served), range_of(cells_of(run[row.pk]) for row in family)),
        girls_beside(picture, [sums.get(row.pk, {}).get(year, {}) for row in family]),
    )


def years_until(year: int, own: dict[int, dict[Cell, Counts]], tell: Any) -> list[tuple[int, Honest]]:
    """The sums of the last school years, the earliest first."""
    return [(one, together(map(tell, own[one].values()))) for one in sorted(own) if one <= year][-MOST_YEARS:]


def year_of(own: dict[int, Any], asked: str) -> int:
    """The school year asked for if it is told, or is the present one; else the latest that is told."""
    now = current_school_year()
    offered = {str(year): year for year in [*own, now]}
    return offered.get(asked) or max((year for year in own if year <= now), default=now)


def sums_of(
    user: Any, authority: LocalAuthority, family: list[LocalAuthority], asked: str, *, is_raw: bool
) -> dict[int, dict[int, dict[Cell, Counts]]]:
    """Of the municipality in all years, of its family what enters what everyone is told; one query."""
    own = ProgrammeFigure.objects.visible_to(user) if is_raw else figures_for_all()
    others = Q(programme__authority__in=[row.pk for row in family], programme__visibility=Visibility.PUBLIC)
    if asked.isascii() and asked.isdigit() and len(asked) == 4:
        others &= Q(year=int(asked))
    mine = Q(programme__authority=authority, pk__in=own.values("pk"))
    return years_of_each(ProgrammeFigure.objects.filter(mine | others))


def programmes_of(user: Any, authority: LocalAuthority, year: int) -> list[Any]:
    """What runs, each with its ``payers`` and whether its figures are known; two queries."""
    payers = ProgrammeFunder.objects.select_related("organisation").defer("organisation__search_vector")
    rows = with_figures_marked(programmes_shown(user, authority, year), year)
    return list(rows.by_name().prefetch_related(Prefetch("funders", payers.in_order(), to_attr="payers")))


# Gaps and the family -------------------------------------------------------------------------------------

#: Municipality → what everyone may know that it runs: name, life stages, settings.
Run = dict[int, list[tuple[str, list[str], list[str]]]]


def run_by(family: list[LocalAuthority], year: int) -> Run:
    found: Run = {row.pk: [] for row in family}
    rows = Programme.objects.visible_to(AnonymousUser()).filter(authority__in=found).in_year(year).by_name()
    for code, *told in rows.values_list("authority", "name", "life_stages", "settings"):
        found[code].append(tuple(told))
    return found


def gaps_in(picture: Picture, family: list[LocalAuthority], run: Run) -> list[NamedGap]:
    parts = {(row.stage.value, part.setting.value): part for row in picture.stages for part in row.parts}
    peers = {place: peers_in(place, family, run) for place, part in parts.items() if part.gaps}
    gapped = [
        Gapped(*place, gap, part.told, part.whole, len(peers[place]))
        for place, part in parts.items()
        for gap in part.gaps
    ]
    found = [((one.stage, one.setting), one) for one in weightiest(gapped)]
    return [NamedGap(one, parts[place], peers[place][:MOST_PEERS]) for place, one in found]


def peers_in(
    place: tuple[str, str], family: list[LocalAuthority], run: Run
) -> list[tuple[LocalAuthority, str]]:
    """Those that run something in a life stage and setting, the most alike first, each with one programme."""
    stage, setting = place
    found = []
    for row in family:
        here = (name for name, stages, settings in run[row.pk] if stage in stages and setting in settings)
        if name := next(here, ""):
            found.append((row, name))
    return found


def cells_of(served: Any) -> int | None:
    """In how many cells something runs; None where nothing was entered: it is not known."""
    cells = {(stage, setting) for *_name, stages, settings in served for stage in stages for setting in settings}  # fmt: skip
    return len(cells) if served else None


def girls_beside(picture: Picture, family: list[dict[Cell, Counts]]) -> Compared:
    shares = [together(map(told_of, cells.values())).girls_share for cells in family]
    return Compared(picture.told.girls_share, range_of(shares))


def is_moved(one: Commitment, gap: Gap) -> bool:
    """Whether a recommendation should move just this."""
    version = one.recommendation.current_version
    return version is not None and MOVES[gap] in version.indicators
