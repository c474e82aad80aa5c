"""The overall picture of a municipality: sums of figures by cell, in the database; ``nation`` adds up many of them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from munistem.commons.enums import Visibility
from policy.enums import Quality
from policy.models.figures import ProgrammeFigure
from policy.models.honest import SMALLEST, Counts
from policy.models.programme import Programme

KNOWN = Q(participants__isnull=False)
#: Figures that tell how many of their participants are girls.
BY_GIRLS = Q(participants__isnull=False, girls__isnull=False)
ROUGH = Q(participants_quality=Quality.ESTIMATED) | Q(girls_quality=Quality.ESTIMATED)


class Cell(NamedTuple):
    """A place in the picture; "" where figures are not split by it."""

    stage: str
    setting: str


def figures_for_all() -> Any:
    """Figures that enter what everyone is told: those of programmes that everyone may read of."""
    return ProgrammeFigure.objects.filter(programme__visibility=Visibility.PUBLIC)


def summed(figures: Any, *by: str) -> Any:
    """Figures as sums by the given columns and cell, one row each."""
    return figures.order_by().values(*by, "life_stage", "setting").annotate(
        told=Count("pk", filter=KNOWN),
        untold=Count("pk", filter=~KNOWN),
        people=Coalesce(Sum("participants"), 0),
        girls_known=Coalesce(Sum("girls", filter=BY_GIRLS), 0),
        counted=Coalesce(Sum("participants", filter=BY_GIRLS), 0),
        rough=Count("pk", filter=KNOWN & ROUGH),
    )  # fmt: skip


def counts_of(row: dict[str, Any]) -> Counts:
    return Counts(
        row["told"], row["untold"], row["people"], row["girls_known"], row["counted"], bool(row["rough"])
    )


def years_of(authority: Any, *, figures: Any) -> dict[int, dict[Cell, Counts]]:
    """Year → cell → sums of a municipality, the latest year first; one query."""
    return years_of_each(figures.filter(programme__authority=authority)).get(authority.pk, {})


def years_of_each(figures: Any) -> dict[int, dict[int, dict[Cell, Counts]]]:
    """Municipality → year → cell → sums, the latest year first; one query."""
    found: dict[int, dict[int, dict[Cell, Counts]]] = {}
    rows = summed(figures, "programme__authority", "year")
    for row in sorted(rows, key=lambda row: -row["year"]):
        years = found.setdefault(row["programme__authority"], {})
        years.setdefault(row["year"], {})[Cell(row["life_stage"], row["setting"])] = counts_of(row)
    return found


def programmes_by_cell(programmes: Any) -> Counter[Cell]:
    """How many programmes serve each cell, each life stage (setting "") and all together ("", "")."""
    return counted_by_cell(programmes.order_by().values_list("life_stages", "settings"))


def counted_by_cell(served: Iterable[tuple[list[str], list[str]]]) -> Counter[Cell]:
    """The same of what has been fetched: life stages and settings of each programme."""
    found: Counter[Cell] = Counter()
    for stages, settings in served:
        found[Cell("", "")] += 1
        for stage in stages:
            found[Cell(stage, "")] += 1
            found.update(Cell(stage, setting) for setting in settings)
    return found


# Of many municipalities ----------------------------------------------------------------------------------

SMALL = Q(people__gt=0, people__lt=SMALLEST)
#: Twin of the groups in ``honest.told_of``.
VEILED = (
    Q(girls_known__gt=0, girls_known__lt=SMALLEST)
    | Q(counted__gt=F("girls_known"), counted__lt=F("girls_known") + SMALLEST)
    | Q(people__gt=F("counted"), people__lt=F("counted") + SMALLEST)
)


def told_cells(figures: Any, *by: str) -> Any:
    """Twin of ``honest.told_of`` in the database: what is told of each municipality's cells, by other columns besides."""
    is_told = Q(told__gt=0) & ~SMALL
    has_girls = is_told & Q(counted__gt=0)
    return summed(figures, "programme__authority", *by).annotate(
        shown=Case(When(is_told, then=F("people"))),
        shown_girls=Case(When(has_girls & ~VEILED, then=F("girls_known"))),
        shown_counted=Case(When(has_girls & ~VEILED, then=F("counted"))),
        small=Case(When(Q(told__gt=0) & SMALL, then=Value(1)), default=Value(0)),
        veiled=Case(When(has_girls & VEILED, then=Value(1)), default=Value(0)),
    )


def programmes_shown(user: Any, authority: Any, year: int) -> Any:
    """Programmes that the reader may know of and that run in a school year."""
    return Programme.objects.visible_to(user).of(authority).in_year(year)
