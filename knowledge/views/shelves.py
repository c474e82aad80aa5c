"""What stands beside the list of the library – how much each value of a facet would show – kept a while for all who see the same.

The list itself is asked for each time; only these numbers, which go through everything that there is, may be some
seconds old. What everybody of a circle sees is counted once for all of them; for what a person sees beside it only the
works that it touches are counted anew.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import CharField, F, Q, QuerySet, Value
from django.utils.safestring import SafeString

from communities.models import Community
from knowledge.models import Item
from knowledge.models.shelf import count_in_hand
from members.models import Representative
from munistem.commons.awhile import Awhile
from munistem.commons.enums import LifeStage, Visibility
from munistem.commons.ready import ready
from munistem.commons.versions import printed

KEPT = Awhile(most=120)


@dataclass(frozen=True)
class Shelves:
    """Facets as the page offers them, what each life stage would show, and how many works there are."""

    facets: list[dict[str, Any]]
    stage_counts: dict[LifeStage, int]
    total: int

    @property
    def told(self) -> dict[str, Any]:
        """Context of the page."""
        told = {"facets": self.facets, "stage_counts": self.stage_counts, "total": self.total}
        return told | {"nav": self.nav if self.facets else ""}

    @cached_property
    def nav(self) -> SafeString:
        """The facets as they are printed: once, however often they are shown."""
        return printed("knowledge/_narrow.html", {"facets": self.facets})


# Who sees the same ---------------------------------------------------------------------------------------


class Sight(NamedTuple):
    """The same for all who see the same published items: their circle, and why they see others beside it."""

    circle: tuple[Visibility, ...]
    beside: tuple[tuple[str, int], ...] = ()


def sight(user: Any) -> Sight:
    """What this person sees of the library; one query, and of a few rows."""
    if user.is_authenticated and (user.is_staff or user.is_knowledge_manager):
        return Sight(tuple(Visibility))
    return Sight(circle_of(user), tuple(beside(user)) if user.is_authenticated else ())


def circle_of(user: Any) -> tuple[Visibility, ...]:
    """What everybody sees who is in the network, or who is not."""
    is_in_network = user.is_authenticated and user.is_in_network
    return (Visibility.PUBLIC, Visibility.NETWORK) if is_in_network else (Visibility.PUBLIC,)


@ready
def beside(user: Any) -> QuerySet:
    """Why a person sees items beside their circle: joined communities, managed organisations, and such items of their own."""
    managed = Representative.objects.active().managers().filter(person=user)
    own = Item.objects.filter(created_by=user).exclude(visibility__in=circle_of(user))
    joined = _named("community", Community.objects.joined_by(user), F("pk"))
    others = _named("organisation", managed, F("organisation")), _named("item", own, F("pk"))
    return joined.union(*others).order_by("what", "key")


def counts_for(user: Any, seen: Sight, chosen: Mapping[str, str], language: str) -> Mapping[str, Counter]:
    """``count_facets`` of all published items that a person sees: those of the circle, and what is beside it."""
    told, everybody = tuple(chosen.items()), Item.objects.published().filter(visibility__in=seen.circle)
    counts = KEPT.get((seen.circle, told, language), lambda: everybody.count_facets(chosen, language))
    if not seen.beside or not (works := works_beside(user)):
        return counts
    touched = Item.objects.visible_to(user).published().filter(Q(pk__in=works) | Q(edition_of__in=works))
    rows = list(touched.values_list("pk", "edition_of", "language", "facets", "visibility"))
    more = count_in_hand(rows, chosen, language)
    less = count_in_hand([row for row in rows if row[-1] in seen.circle], chosen, language)
    facets = counts.keys() | more.keys()
    return defaultdict(Counter, {facet: counts[facet] + more[facet] - less[facet] for facet in facets})


def works_beside(user: Any) -> set[int]:
    """The works of which a person sees an item beside their circle."""
    return {work or pk for pk, work in items_beside(user)}


@ready
def items_beside(user: Any) -> QuerySet:
    return Item.objects.beside(user, circle_of(user)).order_by().values_list("pk", "edition_of")


def _named(what: str, rows: QuerySet, key: F) -> QuerySet:
    return rows.order_by().annotate(what=Value(what, CharField()), key=key).values_list("what", "key")
