from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from knowledge.models.item import Item


class ItemPrint(models.Model):
    """Marks of the text of what is published, by which another text that says the same is known."""

    item = models.OneToOneField(Item, models.CASCADE, related_name="text_print")
    marks = ArrayField(models.BigIntegerField(), default=list)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [GinIndex(fields=["marks"], name="item_prints")]

    def __str__(self):
        return str(self.item_id)
