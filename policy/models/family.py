"""Municipalities that are alike: the only ones that a municipality is compared with, by a distance that is written down.

The distance adds up, squared, how far two municipalities lie apart in the logarithm of their residents, their socio-economic
and their periphery cluster, each in standard deviations over the register, and one for different population groups; its root
is the distance. Where one of the two is not known, they count as one standard deviation apart. The family are the nearest
eight, and up to four more that are no farther than ``NEAR``.
"""

from collections.abc import Iterable
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Avg, Case, F, FloatField, QuerySet, StdDev, Value, When
from django.db.models.functions import Coalesce, Ln, Power, Sqrt

from members.models import LocalAuthority

SMALLEST_FAMILY, LARGEST_FAMILY, NEAR = 8, 12, 1.0
#: What municipalities are alike in, besides their population group.
ALIKE_IN = ("size", "socioeconomic_cluster", "periphery_cluster")


def family_of(authority: LocalAuthority) -> list[LocalAuthority]:
    """The 8 to 12 municipalities that are most alike, the nearest first, each with its ``distance``; two queries."""
    found = list(nearest_to(authority).defer("search_vector", "search_title")[:LARGEST_FAMILY])
    return [row for place, row in enumerate(found) if place < SMALLEST_FAMILY or row.distance <= NEAR]


def nearest_to(authority: LocalAuthority) -> QuerySet:
    """All others by their ``distance``, the nearest first; asks once for the spread over the register."""
    places = LocalAuthority.objects.annotate(
        size=Case(When(population__gt=0, then=Ln(F("population"))), output_field=FloatField())
    )
    spread = places.aggregate(
        **{f"mean_{name}": Avg(name) for name in ALIKE_IN},
        **{f"sd_{name}": StdDev(name) for name in ALIKE_IN},
        **{f"own_{name}": Avg(Case(When(pk=authority.pk, then=F(name)))) for name in ALIKE_IN},
    )
    apart: Any = Case(
        When(population_group=authority.population_group, then=Value(0.0)),
        default=Value(1.0),
        output_field=FloatField(),
    )
    for name in ALIKE_IN:
        own, deviation = spread[f"own_{name}"], spread[f"sd_{name}"] or 1.0
        known = None if own is None else Power((F(name) - Value(float(own))) / Value(float(deviation)), 2.0)
        one = Value(1.0, output_field=FloatField())
        apart += one if known is None else Coalesce(known, one, output_field=FloatField())
    return places.exclude(pk=authority.pk).annotate(distance=Sqrt(apart)).order_by("distance", "pk")


class Range(NamedTuple):
    """A measure inside a family: of how many it is known, their middle, lowest and highest."""

    known: int
    middle: float
    lowest: float
    highest: float


def range_of(values: Iterable[float | None]) -> Range | None:
    """None where fewer than three are known: of two, each is half of the range."""
    known = sorted(value for value in values if value is not None)
    return Range(len(known), median(known), known[0], known[-1]) if len(known) > 2 else None
