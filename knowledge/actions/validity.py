"""Asking by the clock whether items are still right, and what becomes of the answer; silence is shown to readers."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from knowledge import rules
from knowledge.actions.keep import lock
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.emails import validity as emails
from knowledge.enums import ItemKind, StillRight, When
from knowledge.models import Item, ValidityQuestion
from knowledge.models.details import valid_by_default
from munistem.commons import audit
from munistem.commons.days.quiet import is_quiet

BEFORE = timedelta(days=30)
#: Who said so lately until when an item holds is not asked again so soon.
LATELY = timedelta(days=45)
#: Nothing is asked about days that were over long ago: those items came in so.
LONG_AGO = timedelta(days=60)
FROM_HOUR, UNTIL_HOUR = 8, 20


def ask_authors(now: datetime | None = None) -> int:
    """Ask those who keep items whose day comes near or is over; returns about how many. Harmless when done again."""
    now = timezone.localtime(now or timezone.now())
    if is_quiet(now) or not FROM_HOUR <= now.hour < UNTIL_HOUR:
        return 0
    today = now.date()
    asked = ValidityQuestion.objects.filter(item=OuterRef("pk"), day=OuterRef("valid_until"))
    items = Item.objects.published().order_by("valid_until", "pk")
    soon = items.filter(valid_until__range=(today, today + BEFORE)).exclude(published__kind=ItemKind.CALL)
    soon = soon.filter(Q(published__decided_at__lte=now - LATELY)).exclude(Exists(asked))
    over = items.filter(valid_until__range=(today - LONG_AGO, today - timedelta(days=1)))
    over = over.exclude(Exists(asked.filter(when=When.OVER)))
    due = [(pk, When.SOON) for pk in soon.values_list("pk", flat=True)]
    due += [(pk, When.OVER) for pk in over.values_list("pk", flat=True)]
    return sum(ask(pk, when, today) for pk, when in due)


@transaction.atomic
def ask(pk: int, when: When, today: date) -> bool:
    """Ask about one item, if that is still due; returns whether it was asked."""
    item = lock(Item(pk=pk))
    if not item.published_id or item.withdrawn_at or item.valid_until is None:
        return False
    if (item.valid_until < today) != (when == When.OVER):
        return False
    question, is_new = ValidityQuestion.objects.get_or_create(item=item, day=item.valid_until, when=when)
    if is_new:
        question.item = item
        emails.ask(question)
        audit.record("ask_whether_still_right", item, by=None, day=str(item.valid_until), when=when)
    return is_new


@transaction.atomic
def confirm(*, by: Any, item: Item, seen: date) -> Item:
    """Say that an item is still right: it holds for another while. Said twice counts once.

    seen: the day that was asked about; raises StaleEdit when it is another one now. Raises TooLate for who does not
    keep the item, and for calls: their day is their deadline, which is changed in the text.
    """
    item = lock(item)
    if not rules.can_confirm_item(by, item):
        raise TooLate
    if item.valid_until != seen:
        if ValidityQuestion.objects.filter(item=item, day=seen, answer=StillRight.YES).exists():
            return item
        raise StaleEdit
    assert item.published
    item.valid_until = valid_by_default(item.published.kind, item.published.details, timezone.localdate())
    item.save(update_fields=["valid_until"])
    questions = ValidityQuestion.objects.filter(item=item, day=seen, answer="")
    if not questions.update(answer=StillRight.YES, answered_at=timezone.now(), answered_by=by):
        ValidityQuestion.objects.create(
            item=item,
            day=seen,
            when=When.SOON,
            answer=StillRight.YES,
            answered_at=timezone.now(),
            answered_by=by,
        )
    audit.record("confirm_item", item, by=by, day=str(seen), until=str(item.valid_until))
    emails.settle(item)
    return item
