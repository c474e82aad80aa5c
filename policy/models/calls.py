"""Calls for proposals: those that are open, what people said of them, and of what they were reminded."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import ItemKind
from knowledge.models import Item
from knowledge.models.details import day_in
from policy.enums.call import CallWish

#: So many days before its day people are reminded of a call.
STEPS = (14, 3)


def calls_open(user: Any, today: date | None = None) -> Any:
    """Published calls that the person may read and that still take proposals, each with its ``deadline`` as text.

    A call without a day of its own is open as long as it is valid, else without end (``deadline`` None).
    """
    return open_among(Item.objects.visible_to(user).published(), today)


def open_among(items: Any, today: date | None = None) -> Any:
    told = NullIf(KeyTextTransform("deadline", "published__details"), Value("", TextField()))
    rows = items.filter(published__kind=ItemKind.CALL)
    rows = rows.annotate(deadline=Coalesce(told, Cast("valid_until", TextField()), output_field=TextField()))
    day = (today or timezone.localdate()).isoformat()
    return rows.filter(Q(deadline__isnull=True) | Q(deadline__gte=day))


def soonest_first(calls: Any) -> Any:
    return calls.order_by(F("deadline").asc(nulls_last=True), "pk")


def deadline_of(item: Item) -> date | None:
    """The last day of a published call."""
    if item.published is None:
        return None
    return day_in(item.published.details, "deadline") or item.valid_until


def is_open_call(item: Item, today: date | None = None) -> bool:
    """Twin of ``open_among`` for one item."""
    if item.published is None or item.withdrawn_at is not None or item.published.kind != ItemKind.CALL:
        return False
    day = deadline_of(item)
    return day is None or day >= (today or timezone.localdate())


def work_of(item: Item) -> int:
    """Key of the item that all editions of a call go by: what is said of one is said of all."""
    return item.edition_of_id or item.pk


class OfPersonQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, nobody else's."""
        return self.filter(person_id=user.pk) if user.is_authenticated else self.none()

    def about(self, item):
        return self.filter(item_id=work_of(item))

    def following(self):
        return self.filter(wish=CallWish.FOLLOW)

    def dismissing(self):
        return self.filter(wish=CallWish.NOT_FOR_US)


class CallChoice(models.Model):
    """What a person said of a call; of all its editions at once."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="call_choices")
    item = models.ForeignKey(
        Item, models.CASCADE, related_name="call_choices", verbose_name=_("Call for proposals")
    )
    wish = models.TextField(choices=CallWish)
    said_at = models.DateTimeField(default=timezone.now)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("what a person said of a call")
        verbose_name_plural = _("what people said of calls")
        constraints = [
            models.UniqueConstraint(fields=["person", "item"], name="one_word_per_person_and_call"),
            models.CheckConstraint(condition=Q(wish__in=CallWish.values), name="call_wish_is_known"),
        ]

    def __str__(self):
        return f"{self.person_id} {self.wish} {self.item_id}"


class CallReminder(models.Model):
    """A person was reminded of a call before its day; once for each step, again only if the day was moved."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="call_reminders")
    item = models.ForeignKey(
        Item, models.CASCADE, related_name="call_reminders", verbose_name=_("Call for proposals")
    )
    step = models.PositiveSmallIntegerField(help_text="days before")
    deadline = models.DateField()
    reminded_at = models.DateTimeField(default=timezone.now)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder of a call")
        verbose_name_plural = _("reminders of calls")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "item", "deadline", "step"], name="reminded_once_of_a_call"
            ),
            models.CheckConstraint(condition=Q(step__in=STEPS), name="call_step_is_known"),
        ]

    def __str__(self):
        return f"{self.person_id} {self.item_id} {self.step}"
