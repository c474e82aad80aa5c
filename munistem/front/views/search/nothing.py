"""What the page offers when nothing was found, or little of what was asked for: an answer that a librarian gave, wider looks, people to ask."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from communities.models import Community
from knowledge.models import Item
from munistem.commons.guards.limits import reader_of
from munistem.commons.search.unanswered.actions import answer_to, note_unanswered
from munistem.front.views.search.asking import Asking

MOST_COMMUNITIES = 4
OF_ITEM = "knowledge.item:"


def instead(request: HttpRequest, asking: Asking) -> dict[str, Any]:
    """Of a search that found nothing, or little; one of the whole portal is noted for the librarian, without who made it."""
    query = asking.text
    if request.method == "GET" and not asking.is_narrowed:
        note_unanswered(query=query, asker=reader_of(request), language=(get_language() or "he")[:2])
    return {
        "answer": answer_for(request.user, query),
        "communities": communities_to_ask(request.user, query),
        "wider": asking.url(community="") if asking.is_narrowed else "",
    }


def answer_for(user: Any, query: str) -> Item | None:
    """The item that a knowledge manager put as the answer, if this reader may see it."""
    known = answer_to(query)
    if not known.startswith(OF_ITEM):
        return None
    items = Item.objects.visible_to(user).published().as_cards()
    return items.filter(pk=known.removeprefix(OF_ITEM)).first()


def communities_to_ask(user: Any, query: str) -> list[dict[str, Any]]:
    """Communities in which the reader may ask, each with the address of a topic that begins with these words."""
    if not user.is_authenticated:
        return []
    joined = Community.objects.joined_by(user).current().by_name().only("slug", "name", "language")
    return [
        {
            "name": community.name,
            "url": f"{reverse('open_topic', args=[community.slug])}?{urlencode({'title': query})}",
        }
        for community in joined[:MOST_COMMUNITIES]
    ]
