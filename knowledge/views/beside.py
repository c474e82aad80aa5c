"""What rooms above show on the page of an item of some kind."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from knowledge.models import Item, Revision

#: (request, item) → context of a panel with its ``template``, None for nothing.
Panel = Callable[[HttpRequest, Item], dict[str, Any] | None]
PANELS: dict[str, Panel] = {}


def shown_beside(kind: str, draw: Panel) -> None:
    """Let a room above show something on the pages of items of a kind."""
    PANELS[kind] = draw


def panel_beside(request: HttpRequest, item: Item, revision: Revision) -> dict[str, Any] | None:
    """The panel of an item whose published revision is shown, if there is one for its kind and this reader."""
    draw = PANELS.get(revision.kind)
    if draw is None or item.published_id != revision.pk:
        return None
    item.published = revision
    return draw(request, item)
