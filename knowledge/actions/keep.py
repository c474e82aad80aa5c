"""Keeping: locks, the index, and taking an item out of the library and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from knowledge import emails, rules
from knowledge.enums import RevisionState
from knowledge.models import Item
from munistem.commons import audit, pdf
from munistem.commons.files.models import StoredFile
from munistem.commons.search.actions import index


class Kept(Exception):
    """The item is (or is no longer) withdrawn already."""


def lock(item: Item) -> Item:
    """The item's row with what is published of it, held until the transaction ends."""
    rows = Item.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("published", "organisation", "withdrawn_by", "created_by").get(pk=item.pk)


def index_items_of(stored: StoredFile) -> None:
    """Index the items whose published revision holds a file anew, now that its text is known."""
    for item in Item.objects.filter(published__files__file=stored):
        index(item)


def papers_of(item: Item) -> str:
    """Under which name the PDFs of an item are kept."""
    return f"item-{item.pk}"


def forget_papers(item: Item) -> None:
    """What was made of an item as PDF goes once the deed stands; for readers it is made anew of what stands then."""
    transaction.on_commit(lambda: pdf.forget(papers_of(item)))


@contextmanager
def history_told() -> Iterator[None]:
    """Open the lock on what was published (decision 0019), for what tells of a past that never was: demo and tests."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('munistem.history', 'told', false)")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("select set_config('munistem.history', '', false)")


@transaction.atomic
def withdraw(*, by: Any, item: Item, reason: str) -> Item:
    """Take an item out of the library; nothing is deleted. What waited for review becomes a draft. Raises Kept."""
    item = lock(item)
    if not rules.can_withdraw_item(by, item):
        raise Kept
    item.withdrawn_at, item.withdrawn_by, item.withdrawn_reason = timezone.now(), by, reason
    item.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    for waiting in item.revisions.filter(state=RevisionState.SUBMITTED):
        waiting.state, waiting.submitted_at = RevisionState.DRAFT, None
        waiting.version += 1
        waiting.save(update_fields=["state", "submitted_at", "version"])
    forget_papers(item)
    audit.record("withdraw_item", item, by=by, reason=reason)
    emails.tell_authors("item_withdrawn", item.current, by=by, why=reason)
    return item


@transaction.atomic
def restore(*, by: Any, item: Item) -> Item:
    """Put a withdrawn item back where it was. Raises Kept."""
    item = lock(item)
    if not rules.can_restore_item(by, item):
        raise Kept
    item.withdrawn_at, item.withdrawn_by, item.withdrawn_reason = None, None, ""
    item.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    audit.record("restore_item", item, by=by)
    emails.tell_authors("item_restored", item.current, by=by)
    return item
