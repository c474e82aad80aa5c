"""How items are used: what helped whom, shelves of one's own, and counters that know nobody."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Benefit, UseKind
from knowledge.models.item import Item
from members.enums import District, OrganisationType


class OfPerson(models.QuerySet):
    """Rows that belong to one person each."""

    def visible_to(self, user):
        """One's own; of others only the number is known."""
        return self.filter(person_id=user.pk) if user.is_authenticated else self.none()


class Useful(models.Model):
    """An item was useful to a person, who may say how."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="useful_marks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="useful_marks")
    benefit = models.TextField(choices=Benefit, blank=True)
    note = models.TextField(blank=True, help_text="in own words, for who wrote the item")
    marked_at = models.DateTimeField(default=timezone.now)

    objects = OfPerson.as_manager()

    class Meta:
        verbose_name = _("useful item")
        verbose_name_plural = _("useful items")
        constraints = [
            models.UniqueConstraint(fields=["item", "person"], name="useful_once_per_person"),
            models.CheckConstraint(condition=Q(benefit__in=["", *Benefit.values]), name="benefit_is_known"),
        ]

    def __str__(self):
        return f"{self.item_id} ← {self.person_id}"


class Saved(models.Model):
    """An item on the shelf of a person."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="saved_marks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_marks")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = OfPerson.as_manager()

    class Meta:
        verbose_name = _("saved item")
        verbose_name_plural = _("saved items")
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="saved_once_per_person")]
        indexes = [models.Index(fields=["person", "-saved_at"], name="shelf_of_person")]

    def __str__(self):
        return f"{self.item_id} ← {self.person_id}"


def with_marks_of(items: Any, user: Any) -> Any:
    """Annotate what this person marked, in the same query: ``my_mark`` (benefit and note, or None) and ``is_saved``."""
    mine = Useful.objects.visible_to(user).filter(item=OuterRef("pk"))
    saved = Saved.objects.visible_to(user).filter(item=OuterRef("pk"))
    said = mine.values(data=JSONObject(benefit="benefit", note="note"))
    return items.annotate(my_mark=Subquery(said), is_saved=Exists(saved))


class ItemUse(models.Model):
    """How often an item was looked at or downloaded in a month, by kind of organisation and district; no persons."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="uses")
    month = models.DateField(help_text="its first day")
    kind = models.TextField(choices=UseKind)
    organisation_type = models.TextField(choices=OrganisationType, blank=True, help_text="empty for visitors")
    district = models.TextField(choices=District, blank=True, help_text="empty when there is none")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("use of an item")
        verbose_name_plural = _("uses of items")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "month", "kind", "organisation_type", "district"],
                name="one_counter_per_item_month_and_group",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=UseKind.values, month__day=1), name="counter_is_of_a_month"
            ),
        ]

    def __str__(self):
        return f"{self.item_id} {self.month:%Y-%m} {self.kind} {self.number}"
