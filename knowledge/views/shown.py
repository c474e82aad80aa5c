"""The cards of the library: asked for as plain values, and printed once for all who are shown the same."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from knowledge.models import Item, Revision
from knowledge.models.item import CARD
from members.models import Organisation
from munistem.commons.pieces import frozen
from munistem.commons.versions import drawn_once, printed


def card_rows(items: Any) -> QuerySet:
    """What ``as_cards`` reads of each, as plain values."""
    return items.values_list(*CARD)


def print_cards(rows: Sequence[tuple[Any, ...]]) -> SafeString:
    """The list of cards; all that it says stands in the rows, but for the language and what day it is."""
    key = ("cards", get_language(), timezone.localdate(), frozen(list(rows)))
    return drawn_once(key, lambda: printed("knowledge/_cards.html", {"page": map(item_of, rows)}))


def item_of(row: tuple[Any, ...]) -> Item:
    """An item of which a card can be made, and nothing else."""
    told: dict[str, dict[str, Any]] = {"": {}, "published": {}, "organisation": {}}
    for name, value in zip(CARD, row, strict=True):
        thing, _bar, field = name.rpartition("__")
        told[thing][field] = value
    item = Item(**told[""])
    item.published = Revision(**told["published"])
    if item.organisation_id:
        item.organisation = Organisation(**told["organisation"])
    return item
