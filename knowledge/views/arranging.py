"""What stands in a collection: found and put in, moved up and down, with a word on each; all by plain buttons."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.actions import collection as deeds
from knowledge.actions.write import TooLate
from knowledge.forms.collection import EntryForm
from knowledge.models import Collection, CollectionItem, Item
from knowledge.views.collection import crumbs, entries_of, kept_by
from knowledge.views.item import item_of
from munistem.commons.guards.limits import limited
from munistem.commons.guards.middleware import int_or_zero
from munistem.commons.text.names import harmless

LONGEST_QUERY = 200
MOST_FOUND = 10


@login_required
@require_safe
def arrange_collection(request: HttpRequest, slug: str) -> HttpResponse:
    """The entries with their buttons, and (``?q=``) items to put in."""
    return arranged(request, kept_by(request, slug))


def arranged(
    request: HttpRequest, collection: Collection, wrong: dict[int, EntryForm] | None = None
) -> HttpResponse:
    """The page; wrong: forms that were not right, by the key of their entry."""
    entries = entries_of(request.user, collection)
    query = harmless(request.GET.get("q", ""))[:LONGEST_QUERY]
    context = {
        "collection": collection,
        "entries": with_places(entries, wrong or {}),
        "query": query,
        "found": found(request.user, query, entries) if query else None,
        "crumbs": crumbs((collection.get_absolute_url(), str(collection))),
    }
    return render(request, "knowledge/arrange_collection.html", context)


def with_places(entries: list[CollectionItem], wrong: dict[int, EntryForm]) -> list[dict[str, Any]]:
    """Each entry with the one before which it goes when it is moved up or down; "end" is behind all."""
    keys = [entry.pk for entry in entries]
    return [
        {
            "entry": entry,
            "item": entry.item,
            "up": keys[place - 1] if place else "",
            "down": "" if entry is entries[-1] else (keys[place + 2] if place + 2 < len(keys) else "end"),
            "form": wrong.get(entry.pk)
            or EntryForm(initial={"note": entry.note}, auto_id=f"id_%s_{entry.pk}"),
        }
        for place, entry in enumerate(entries)
    ]


def found(user: Any, query: str, entries: list[CollectionItem]) -> list[Item]:
    """Items that fit the words and do not stand in it yet."""
    held = {entry.item_id for entry in entries}
    rows = Item.objects.visible_to(user).published().matching(query).as_cards()
    return [item for item in rows[: MOST_FOUND + len(held)] if item.pk not in held][:MOST_FOUND]


@login_required
@limited("collect", 200, 3600)
@require_POST
def add_entry(request: HttpRequest, slug: str) -> HttpResponse:
    """Put an item (``item=`` its slug) at the end."""
    collection = kept_by(request, slug)
    item = item_of(request, request.POST.get("item", "")[:100])
    try:
        deeds.add_to_collection(by=request.user, collection=collection, item=item)
    except deeds.Full:
        told = _("This collection is full: %(most)d items are enough for one way through the library.")
        messages.error(request, told % {"most": deeds.MOST_ENTRIES})
    except TooLate:
        raise PermissionDenied from None
    return redirect("arrange_collection", slug=slug)


@login_required
@limited("collect", 600, 3600)
@require_POST
def change_entry(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Move an entry before another one (``before=`` its key, or ``end``), say why it stands there (``note=``), or take it out (``off=1``)."""
    collection, sent = kept_by(request, slug), request.POST
    shown = CollectionItem.objects.visible_to(request.user).filter(collection=collection)
    if "off" in sent and not shown.filter(pk=pk).exists():
        return redirect("arrange_collection", slug=slug)
    entry = get_object_or_404(shown.select_related("collection"), pk=pk)
    form = EntryForm(sent, auto_id=f"id_%s_{pk}")
    is_note = "off" not in sent and "before" not in sent
    if is_note and not form.is_valid():
        return arranged(request, collection, wrong={pk: form})
    try:
        do(entry, sent, form, by=request.user)
    except TooLate:
        messages.info(request, _("The order changed meanwhile. Try again."))
    return redirect(f"{collection.get_absolute_url()}arrange/#entry-{pk}")


def do(entry: CollectionItem, sent: Any, form: EntryForm, *, by: Any) -> None:
    """Do what a button says."""
    if "off" in sent:
        deeds.remove_entry(by=by, entry=entry)
    elif before := sent.get("before", ""):
        deeds.place_entry(by=by, entry=entry, before=None if before == "end" else int_or_zero(before))
    else:
        deeds.note_entry(by=by, entry=entry, note=form.cleaned_data["note"])
