"""What stands beside the list of the library – how much each value of a facet would show – kept a while for all who see the same.

The list itself is asked for each time; only these numbers, which go through everything that there is, may be some
seconds old.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from knowledge.models import Item
from munistem.commons.enums import LifeStage, Visibility
from munistem.commons.ready import ready

SECONDS = 0 if settings.TESTING else 20
MOST = 60


@dataclass(frozen=True)
class Shelves:
    """Facets as the page offers them, what each life stage would show, and how many works there are."""

    facets: list[dict[str, Any]]
    stage_counts: dict[LifeStage, int]
    total: int


_kept: "OrderedDict[Hashable, tuple[float, Shelves]]" = OrderedDict()


def shelves_of(key: Hashable, count: Callable[[], Shelves]) -> Shelves:
    """What was counted under this key in the last seconds, else what is counted now.

    key: what is looked at, in which language, and the reader's ``sight``.
    """
    at, shelves = _kept.get(key, (0.0, None))
    if shelves is None or time.monotonic() - at >= SECONDS:
        shelves = count()
        _kept[key] = time.monotonic(), shelves
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return shelves


def sight(user: Any) -> Hashable:
    """The same for all who see the same published items: their circle, and by number what they see beyond it."""
    if not user.is_authenticated:
        return "public"
    if user.is_staff or user.is_knowledge_manager:
        return "all"
    return user.is_in_network, tuple(beyond(user))


@ready
def beyond(user: Any) -> QuerySet:
    """Keys of published items that a person sees beside those of their circle: of their communities, and their own."""
    circle = [Visibility.PUBLIC, Visibility.NETWORK] if user.is_in_network else [Visibility.PUBLIC]
    rows = Item.objects.visible_to(user).published().exclude(visibility__in=circle)
    return rows.order_by("pk").values_list("pk", flat=True)
