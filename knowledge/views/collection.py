"""Collections: the list, one of them, and keeping it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities.rules import can_see_community
from knowledge.actions import collection as deeds
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.forms.collection import CollectForm, CollectionForm
from knowledge.models import Collection, CollectionItem, Item
from knowledge.rules import use as rules
from knowledge.views.follow import context_of_follow
from knowledge.views.item import item_of
from munistem.commons.enums import Visibility
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import isolated
from munistem.commons.text.pages import page_of

COLLECTIONS_A_PAGE = 24


def collection_of(request: HttpRequest, slug: str) -> Collection:
    """The collection of an address; 404 for what one may not know of."""
    shown = Collection.objects.visible_to(request.user).select_related("community", "created_by")
    return get_object_or_404(
        shown.defer("search_vector", "community__search_vector", "created_by__search_vector"), slug=slug
    )


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (reverse("list_items"), _("Knowledge")),
        (reverse("list_collections"), _("Collections")),
        *more,
    ]


@require_safe
def list_collections(request: HttpRequest) -> HttpResponse:
    """Choices of items, the lately changed first."""
    shown = Collection.objects.visible_to(request.user).standing().with_counts(request.user)
    page = page_of(request, shown.latest_first().defer("search_vector"), COLLECTIONS_A_PAGE)
    context = {"page": page, "can_collect": rules.can_collect(request.user), "crumbs": crumbs()[:1]}
    return render(request, "knowledge/collections.html", context)


@require_safe
def show_collection(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands in it, in its order, as far as the reader may see it."""
    collection, user = collection_of(request, slug), request.user
    is_public = collection.visibility == Visibility.PUBLIC and collection.closed_at is None
    context = {
        "collection": collection,
        "entries": entries_of(user, collection),
        "can_edit": rules.can_edit_collection(user, collection),
        "can_reopen": rules.can_reopen_collection(user, collection),
        "who_reads": who_reads(user, collection),
        "description": collection.text[:200] if is_public else "",
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


# Keeping -------------------------------------------------------------------------------------------------


@login_required
@limited("collection", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def start_collection(request: HttpRequest) -> HttpResponse:
    """Begin a collection; with ``?item=`` that item stands in it first."""
    user = request.user
    if not rules.can_collect(user):
        raise PermissionDenied
    form = CollectionForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        collection = deeds.start_collection(by=user, content=form.content(), nonce=form.cleaned_data["nonce"])
        if slug := request.GET.get("item", ""):
            deeds.add_to_collection(by=user, collection=collection, item=item_of(request, slug[:100]))
        return redirect("arrange_collection", slug=collection.slug)
    return render(request, "knowledge/edit_collection.html", {"form": form, "crumbs": crumbs()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_collection(request: HttpRequest, slug: str) -> HttpResponse:
    """Its title, words and readers; 409 with what was typed when somebody else changed them meanwhile."""
    collection, status = kept_by(request, slug), 200
    form = CollectionForm(request.POST or None, user=request.user, collection=collection)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.edit_collection(
                by=request.user,
                collection=collection,
                content=form.content(),
                seen=form.cleaned_data["seen"],
            )
            return redirect(collection)
        except StaleEdit:
            status = 409
            form.add_error(None, _("Somebody else changed it meanwhile. Look at it, and save again."))
            form.data = form.data.copy()  # type: ignore[misc]
            form.data["seen"] = collection.marker  # type: ignore[index]
    context = {
        "form": form,
        "collection": collection,
        "crumbs": crumbs((collection.get_absolute_url(), str(collection))),
    }
    return render(request, "knowledge/edit_collection.html", context, status=status)


def kept_by(request: HttpRequest, slug: str) -> Collection:
    """The collection of an address, for who may change it; 404 or 403 for others."""
    collection = collection_of(request, slug)
    if not rules.can_edit_collection(request.user, collection):
        raise PermissionDenied
    return collection


@login_required
@require_POST
def close_collection(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a collection off the shelves, or (``off=1``) put it back."""
    collection = collection_of(request, slug)
    try:
        if "off" in request.POST:
            deeds.reopen_collection(by=request.user, collection=collection)
            messages.success(request, _("The collection stands on the shelves again."))
            return redirect(collection)
        deeds.close_collection(by=request.user, collection=collection)
    except TooLate:
        raise PermissionDenied from None
    messages.success(request, _("The collection was closed. Nothing is lost; you can put it back."))
    mine = rules.can_see_collection(request.user, Collection.objects.get(pk=collection.pk))
    return redirect(collection if mine else reverse("list_collections"))


@login_required
@limited("collect", 200, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def collect_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Put an item into one of the collections one keeps."""
    item, user = item_of(request, slug), request.user
    if not rules.can_collect(user) or not rules.can_mark_item(user, item):
        raise PermissionDenied
    form = CollectForm(request.POST or None, collections=Collection.objects.kept_by(user).latest_first())
    if request.method == "POST" and form.is_valid():
        collection = form.cleaned_data["collection"]
        try:
            deeds.add_to_collection(by=user, collection=collection, item=item, note=form.cleaned_data["note"])
            return redirect(collection)
        except deeds.Full:
            told = _("This collection is full: %(most)d items are enough for one way through the library.")
            form.add_error("collection", told % {"most": deeds.MOST_ENTRIES})
    context = {
        "form": form,
        "item": item,
        "has_some": form.fields["collection"].queryset.exists(),  # type: ignore[attr-defined]
        "crumbs": [crumbs()[0], (item.get_absolute_url(), str(item))],
    }
    return render(request, "knowledge/collect.html", context)
