from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone


class UnansweredQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What at least two people asked for; read by those who keep the library."""
        if not user.is_authenticated or not (user.is_staff or user.is_knowledge_manager):
            return self.none()
        return self.shared()

    def shared(self):
        """Those that more than one person has made."""
        return self.filter(is_shared=True)

    def waiting(self):
        return self.filter(settled_at__isnull=True)

    def answered(self):
        return self.exclude(answer="")

    def most_wanted_first(self):
        return self.order_by("-times", "-last_at", "-pk")


class UnansweredSearch(models.Model):
    """A search that found nothing, in one spelling for all ways to type it."""

    text = models.TextField(unique=True, help_text="normalised")
    typed = models.TextField(help_text="as it was typed")
    language = models.TextField(help_text="of the page on which it was typed last")
    times = models.PositiveIntegerField(default=1)
    askers = ArrayField(
        models.PositiveSmallIntegerField(), default=list, help_text="a byte for each, not who"
    )
    is_shared = models.BooleanField(default=False, help_text="two people made it; their bytes are forgotten")
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True, help_text="room.model:key of what answers it")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="settled_searches"
    )

    objects: Any = UnansweredQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, answer="")
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="settled_search_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(is_shared=False) | Q(askers=[]), name="shared_search_forgot_its_askers"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-times", "-last_at"],
                condition=Q(is_shared=True, settled_at__isnull=True),
                name="unanswered_most_wanted",
            )
        ]

    def __str__(self):
        return self.typed
