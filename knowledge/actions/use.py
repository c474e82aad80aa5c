"""Using: saying that an item was useful, and keeping it at hand; each counts once a person."""

from typing import Any

from django.db import transaction

from knowledge.actions.keep import lock
from knowledge.actions.write import TooLate
from knowledge.models import Item, Saved, Useful
from knowledge.rules.use import can_call_useful, can_mark_item
from munistem.commons import audit


@transaction.atomic
def call_useful(*, by: Any, item: Item, benefit: str = "", note: str = "") -> Useful:
    """Say that an item was useful, and perhaps how; said again, the later words hold. Raises TooLate for who may not."""
    row = lock(item)
    if not can_call_useful(by, row):
        raise TooLate
    mark, is_new = Useful.objects.get_or_create(item=row, person=by)
    if benefit or note:
        mark.benefit, mark.note = benefit, note
        mark.save(update_fields=["benefit", "note"])
    if is_new:
        _count(row)
        audit.record("call_useful", row, by=by)
    return mark


@transaction.atomic
def uncall_useful(*, by: Any, item: Item) -> None:
    """Take that back. Harmless when there is nothing to take back."""
    row = lock(item)
    if Useful.objects.filter(item=row, person=by).delete()[0]:
        _count(row)
        audit.record("uncall_useful", row, by=by)


@transaction.atomic
def save_for_later(*, by: Any, item: Item) -> None:
    """Put an item on one's shelf. Raises TooLate for who may not see it any more; no trail is kept of it."""
    row = lock(item)
    if not can_mark_item(by, row):
        raise TooLate
    if Saved.objects.get_or_create(item=row, person=by)[1]:
        _count(row)


@transaction.atomic
def unsave(*, by: Any, item: Item) -> None:
    """Take it from the shelf. Harmless when it does not stand there."""
    row = lock(item)
    if Saved.objects.filter(item=row, person=by).delete()[0]:
        _count(row)


def _count(item: Item) -> None:
    """Write what the marks add up to, while the item is locked."""
    Item.objects.filter(pk=item.pk).update(
        useful_count=item.useful_marks.count(), saved_count=item.saved_marks.count()
    )


@transaction.atomic
def forget_marks(*, by: Any, person: Any) -> None:
    """Who left the network has no shelf and follows nothing; that items were useful stays as a number of nobody.

    Harmless when repeated.
    """
    items = list(Item.objects.filter(saved_marks__person=person).order_by("pk"))
    for item in items:
        unsave(by=person, item=item)
    Useful.objects.filter(person=person).exclude(note="").update(note="")
    person.follows.all().delete()
