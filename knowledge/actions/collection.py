"""Collections: begun, kept in order, closed and put back; of what comes in, those who follow them hear."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from knowledge.actions.news import tell_of_entry
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.models import Collection, CollectionItem, Item
from knowledge.rules import use as rules
from munistem.commons import audit
from munistem.commons.search.actions import index
from munistem.commons.text.slugs import free_slug

#: Words that stand for pages of their own.
TAKEN_SLUGS = {"new", "feed"}
MOST_ENTRIES = 200
FIELDS = ("title", "text", "language", "visibility", "community")


class Full(Exception):
    """A collection would hold more than MOST_ENTRIES items."""


@transaction.atomic
def start_collection(*, by: Any, content: Mapping[str, Any], nonce: UUID | None = None) -> Collection:
    """Begin an empty collection; content: by field (see FIELDS). A form sent twice makes one. Raises TooLate."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
    if known := Collection.objects.filter(nonce=nonce, created_by=by).first() if nonce else None:
        return known
    if not rules.can_collect(by):
        raise TooLate
    fields = {name: content[name] for name in FIELDS}
    collection = _new(created_by=by, nonce=nonce, **fields)
    index(collection)
    audit.record("start_collection", collection, by=by)
    return collection


def _new(*, nonce: UUID | None, **fields: Any) -> Collection:
    slug = free_slug(Collection, str(fields["title"]))
    if slug in TAKEN_SLUGS:
        slug = f"{slug}-1"
    own = nonce if nonce and not Collection.objects.filter(nonce=nonce).exists() else uuid4()
    try:
        with transaction.atomic():
            return Collection.objects.create(slug=slug, nonce=own, **fields)
    except IntegrityError:
        return Collection.objects.create(slug=f"{slug[:60]}-{uuid4().hex[:6]}", nonce=uuid4(), **fields)


@transaction.atomic
def edit_collection(
    *, by: Any, collection: Collection, content: Mapping[str, Any], seen: str = ""
) -> Collection:
    """Change what it is called and for whom it is. Raises StaleEdit when its words changed meanwhile, TooLate."""
    row = _take(collection, by=by)
    changed = [name for name in FIELDS if getattr(row, name) != content[name]]
    if not changed:
        return row
    if seen and seen != row.marker:
        raise StaleEdit
    for name in changed:
        setattr(row, name, content[name])
    row.save(update_fields=changed)
    index(row)
    _touch(row)
    audit.record("edit_collection", row, by=by, changed=changed)
    return row


@transaction.atomic
def add_to_collection(*, by: Any, collection: Collection, item: Item, note: str = "") -> CollectionItem:
    """Put an item at the end; one that stands there stays where it is. Raises TooLate for what may not be done, Full."""
    row = _take(collection, by=by)
    known = row.entries.filter(item=item).select_related("item").first()
    if known:
        return known
    if not rules.can_mark_item(by, item):
        raise TooLate
    if row.entries.count() >= MOST_ENTRIES:
        raise Full
    last = row.entries.aggregate(last=Max("position"))["last"] or 0
    entry = CollectionItem.objects.create(
        collection=row, item=item, position=last + 1, note=note, added_by=by
    )
    _touch(row)
    audit.record("add_to_collection", row, by=by, item=item.pk)
    tell_of_entry(entry, by=by)
    return entry


@transaction.atomic
def place_entry(*, by: Any, entry: CollectionItem, before: int | None) -> None:
    """Put an entry before another one (its key), or at the end; done again, nothing moves. Raises TooLate."""
    row = _take(entry.collection, by=by)
    keys = list(row.entries.in_order().values_list("pk", flat=True))
    if entry.pk not in keys or (before is not None and before not in keys):
        raise TooLate
    if before == entry.pk:
        return
    keys.remove(entry.pk)
    keys.insert(len(keys) if before is None else keys.index(before), entry.pk)
    for place, key in enumerate(keys, 1):
        CollectionItem.objects.filter(pk=key).exclude(position=place).update(position=place)
    _touch(row)


@transaction.atomic
def note_entry(*, by: Any, entry: CollectionItem, note: str) -> None:
    """Say why an item stands there. Raises TooLate."""
    row = _take(entry.collection, by=by)
    if row.entries.filter(pk=entry.pk).update(note=note):
        _touch(row)


@transaction.atomic
def remove_entry(*, by: Any, entry: CollectionItem) -> None:
    """Take an item out of the collection; harmless when it is gone. Raises TooLate."""
    row = _take(entry.collection, by=by)
    if row.entries.filter(pk=entry.pk).delete()[0]:
        _touch(row)
        audit.record("remove_from_collection", row, by=by, item=entry.item_id)


@transaction.atomic
def close_collection(*, by: Any, collection: Collection) -> Collection:
    """Take it off the shelves; nothing is lost. Harmless when it is closed; raises TooLate for who may not."""
    row = Collection.objects.select_for_update(of=("self",), no_key=True).get(pk=collection.pk)
    if row.closed_at is not None:
        return row
    if not rules.can_edit_collection(by, row):
        raise TooLate
    row.closed_at, row.closed_by = timezone.now(), by
    row.save(update_fields=["closed_at", "closed_by"])
    audit.record("close_collection", row, by=by)
    return row


@transaction.atomic
def reopen_collection(*, by: Any, collection: Collection) -> Collection:
    """Put it back. Harmless when it is open; raises TooLate for who may not."""
    row = Collection.objects.select_for_update(of=("self",), no_key=True).get(pk=collection.pk)
    if row.closed_at is None:
        return row
    if not rules.can_reopen_collection(by, row):
        raise TooLate
    row.closed_at, row.closed_by = None, None
    row.save(update_fields=["closed_at", "closed_by"])
    audit.record("reopen_collection", row, by=by)
    return row


def _take(collection: Collection, *, by: Any) -> Collection:
    """The row, locked, if this person may change it now."""
    rows = Collection.objects.select_for_update(of=("self",), no_key=True).select_related("community")
    row = rows.get(pk=collection.pk)
    if not rules.can_edit_collection(by, row):
        raise TooLate
    return row


def _touch(collection: Collection) -> None:
    Collection.objects.filter(pk=collection.pk).update(changed_at=timezone.now())
