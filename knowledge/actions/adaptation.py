"""Adapting: an organisation says that it does what an item tells of, is asked after a term, and tells how it went."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.actions.keep import lock
from knowledge.actions.write import TooLate
from knowledge.emails import adaptation as emails
from knowledge.enums import Shown
from knowledge.models import Adaptation, Item
from knowledge.models.adaptation import QUESTIONS
from knowledge.rules.use import can_adapt_item, can_report_adaptation
from munistem.commons import audit

#: About a half of a school year.
TERM = timedelta(days=150)
#: So long after the questions one more letter goes out, and no other.
AGAIN = timedelta(days=21)


@transaction.atomic
def adapt(*, by: Any, item: Item, purpose: str, shown: str, due_on: date) -> Adaptation:
    """Say for one's organisation that it adapts an item, and introduce both sides. Said again, nothing is sent again.

    One that was given up begins anew. Raises TooLate for who may not.
    """
    row = lock(item)
    if not can_adapt_item(by, row):
        raise TooLate
    known = Adaptation.objects.filter(item=row, organisation=by.acting_for).first()
    if known and known.given_up_at is None:
        return known
    adaptation = known or Adaptation(item=row, organisation=by.acting_for)
    adaptation.purpose, adaptation.shown, adaptation.due_on = purpose, shown, due_on
    adaptation.begun_at, adaptation.begun_by = timezone.now(), by
    adaptation.asked_at = adaptation.reminded_at = adaptation.given_up_at = adaptation.given_up_by = None
    adaptation.save()
    _count(row)
    audit.record("adapt_item", adaptation, by=by, item=row.pk, shown=shown)
    emails.introduce(adaptation, by=by)
    return adaptation


@transaction.atomic
def report(*, by: Any, adaptation: Adaptation, answers: Mapping[str, str], shown: str) -> Adaptation:
    """Keep the answers to the five questions (see QUESTIONS) and to whom they are shown; they can be mended later.

    The side of the item hears of it the first time. Raises TooLate for who may not, or when it was given up.
    """
    row = _take(adaptation)
    if not can_report_adaptation(by, row):
        raise TooLate
    is_first = row.reported_at is None
    for question in QUESTIONS:
        setattr(row, question, answers.get(question, ""))
    row.shown = shown
    if is_first:
        row.reported_at, row.reported_by = timezone.now(), by
    row.save()
    _count(row.item)
    audit.record("report_adaptation", row, by=by, shown=shown, is_first=is_first)
    if is_first:
        emails.tell_reported(row, by=by)
    return row


@transaction.atomic
def give_up(*, by: Any, adaptation: Adaptation) -> Adaptation:
    """Say that nothing comes of it; nobody is asked any more. Harmless when repeated; raises TooLate for who may not."""
    row = _take(adaptation)
    if row.given_up_at is not None:
        return row
    if not can_report_adaptation(by, row):
        raise TooLate
    row.given_up_at, row.given_up_by = timezone.now(), by
    row.save(update_fields=["given_up_at", "given_up_by"])
    _count(row.item)
    audit.record("give_up_adaptation", row, by=by)
    emails.settle(row)
    return row


def ask_how_it_went(now: datetime | None = None) -> int:
    """Ask those whose term is over, and once more after AGAIN; returns how many. Harmless when done again."""
    now = now or timezone.now()
    due = Adaptation.objects.due(timezone.localtime(now).date()).of_open_items()
    waiting = due.filter(asked_at__isnull=True) | due.filter(
        asked_at__lte=now - AGAIN, reminded_at__isnull=True
    )
    return sum(_ask(key, now) for key in waiting.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _ask(key: int, now: datetime) -> bool:
    row = _take(Adaptation(pk=key))
    if not row.is_under_way or row.reminded_at or (row.asked_at and row.asked_at > now - AGAIN):
        return False
    mark = "reminded_at" if row.asked_at else "asked_at"
    setattr(row, mark, now)
    row.save(update_fields=[mark])
    emails.ask(row)
    return True


def _take(adaptation: Adaptation) -> Adaptation:
    """The row with its item, held until the transaction ends."""
    rows = Adaptation.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("item__created_by", "item__published", "organisation", "begun_by").get(
        pk=adaptation.pk
    )


def _count(item: Item) -> None:
    shown = Adaptation.objects.standing().filter(item=item, shown=Shown.PUBLIC)
    Item.objects.filter(pk=item.pk).update(adaptation_count=shown.count())
