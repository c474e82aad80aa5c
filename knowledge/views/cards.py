"""What pages outside say of themselves, beside their links."""

from typing import Any

from django.urls import reverse

from knowledge.models import Item, Revision
from knowledge.views.media import shown_link


def with_cards(item: Item, revision: Revision) -> list[dict[str, Any]]:
    """Links of a revision fetched ``with_parts`` and ``with_cards_of_links``, each with its card if there is one."""
    cards = {row["url"]: row for row in revision.card_rows}  # type: ignore[attr-defined]
    links = [shown_link(row) for row in revision.link_rows]  # type: ignore[attr-defined]
    return [link | shown_card(item, link, cards.get(link["url"])) for link in links]


def shown_card(item: Item, link: dict[str, Any], card: dict[str, Any] | None) -> dict[str, Any]:
    """What the author wrote goes before what the page says."""
    if card is None:
        return {"card": None}
    is_named = link["title"] != link["url"]
    shown = {
        "picture": reverse("serve_link_picture", args=[item.slug, card["pk"]]) if card["picture_id"] else "",
        "description": card["description"],
        "language": card["language"],
        "site": card["site"],
        "length": clock_length(card["seconds"]),
    }
    return {"card": shown, "title": link["title"] if is_named else card["title"] or link["title"]}


def clock_length(seconds: int | None) -> str:
    """``4:13`` or ``1:02:09``."""
    if not seconds:
        return ""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
