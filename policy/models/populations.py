"""Populations in the overall picture: how many of the participants of a municipality belong to each, as far as it is told.

A population of a cell is told as girls are (``honest.told_of``): who belongs to it, who does not, and those of whom it is
not known must each be nobody or ten and more. What is told of a municipality is the sum of what its cells tell.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from munistem.commons.terms.models import Term
from policy.enums import Quality
from policy.models.figures import PopulationFigure
from policy.models.honest import Counts, Honest, together
from policy.models.picture import Cell

#: The population that is told by figures of its own; told twice of different groups, a small one would follow by subtraction.
TOLD_APART = "girls"
#: Told as a part of participants that are known themselves.
KNOWN = Q(value__isnull=False, figure__participants__isnull=False, value__lte=F("figure__participants"))
ROUGH = Q(quality=Quality.ESTIMATED) | Q(figure__participants_quality=Quality.ESTIMATED)


def populations_of(
    authority: Any, year: int, cells: dict[Cell, Counts], *, figures: Any, tell: Callable[[Counts], Honest]
) -> list[tuple[Term, Honest]]:
    """Each population with what is told of it in a school year, ``girls`` being who belongs to it; two queries.

    cells: sums of the year from the same figures; tell: ``told_of`` for everyone, ``as_entered`` for who keeps them.
    """
    found: dict[int, list[Honest]] = {}
    for row in summed(authority, year, figures):
        cell = cells.get(Cell(row["figure__life_stage"], row["figure__setting"]), Counts())
        known = Counts(
            cell.told, row["untold"], cell.participants, row["belong"], row["counted"], bool(row["rough"])
        )
        found.setdefault(row["term"], []).append(tell(known))
    terms = Term.objects.filter(pk__in=found).in_order()
    return [(term, together(found[term.pk])) for term in terms]


def summed(authority: Any, year: int, figures: Any) -> Any:
    """A row for each cell and population."""
    rows = PopulationFigure.objects.filter(
        figure__in=figures.filter(programme__authority=authority, year=year).values("pk")
    )
    return rows.exclude(term__slug=TOLD_APART).order_by().values("figure__life_stage", "figure__setting", "term").annotate(
        belong=Coalesce(Sum("value", filter=KNOWN), 0),
        counted=Coalesce(Sum("figure__participants", filter=KNOWN), 0),
        untold=Count("pk", filter=~KNOWN),
        rough=Count("pk", filter=KNOWN & ROUGH),
    )  # fmt: skip
