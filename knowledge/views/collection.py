"""Collections: the list, one of them, and keeping it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from communities.rules import can_see_community
from knowledge.models import Collection, CollectionItem, Item
from knowledge.rules import use as rules
from knowledge.views.follow import context_of_follow
from munistem.commons.enums import Visibility
from munistem.commons.text.names import isolated
from munistem.commons.text.pages import page_of

COLLECTIONS_A_PAGE = 24


def collection_of(request: HttpRequest, slug: str) -> Collection:
    """The collection of an address; 404 for what one may not know of."""
    shown = Collection.objects.visible_to(request.user).select_related("community", "created_by")
    return get_object_or_404(shown.defer("community__search_vector", "created_by__search_vector"), slug=slug)


def crumbs() -> list[tuple[str, str]]:
    return [(reverse("list_items"), _("Knowledge")), (reverse("list_collections"), _("Collections"))]


@require_safe
def list_collections(request: HttpRequest) -> HttpResponse:
    """Choices of items, the lately changed first."""
    shown = Collection.objects.visible_to(request.user).standing().with_counts(request.user)
    page = page_of(request, shown.select_related("community").latest_first(), COLLECTIONS_A_PAGE)
    context = {"page": page, "can_collect": rules.can_collect(request.user), "crumbs": crumbs()[:1]}
    return render(request, "knowledge/collections.html", context)


@require_safe
def show_collection(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands in it, in its order, as far as the reader may see it."""
    collection, user = collection_of(request, slug), request.user
    context = {
        "collection": collection,
        "entries": entries_of(user, collection),
        "can_edit": rules.can_edit_collection(user, collection),
        "can_reopen": rules.can_reopen_collection(user, collection),
        "who_reads": who_reads(user, collection),
        "description": collection.text[:200] if collection.visibility == "public" else "",
        "crumbs": crumbs(),
        **context_of_follow(user, "collection", slug),
    }
    return render(request, "knowledge/collection.html", context)


def who_reads(user: Any, collection: Collection) -> str:
    """In words, without the name of a community the reader may not know of."""
    if collection.visibility == Visibility.PUBLIC:
        return _("Visible to everyone")
    if collection.visibility == Visibility.NETWORK:
        return _("Visible to members of the network")
    if collection.community and can_see_community(user, collection.community):
        name = isolated(collection.community.name)
        return _("Visible to members of %(community)s") % {"community": name}
    return _("Visible to members of one community")


def entries_of(user: Any, collection: Collection) -> list[CollectionItem]:
    """The entries this person may see, each with the card of its item; two queries."""
    rows = list(CollectionItem.objects.visible_to(user).filter(collection=collection).in_order())
    cards = Item.objects.filter(pk__in=[row.item_id for row in rows]).as_cards().in_bulk()
    for row in rows:
        row.item = cards[row.item_id]
    return rows
