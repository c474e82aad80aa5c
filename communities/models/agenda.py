"""The agenda of a meeting."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.enums import ItemState
from communities.models.meeting import Meeting
from munistem.commons.files.models import StoredFile


class AgendaItemQuerySet(models.QuerySet):
    def accepted(self):
        return self.filter(state=ItemState.ACCEPTED)

    def proposed(self):
        return self.filter(state=ItemState.PROPOSED)

    def in_order(self):
        return self.order_by("position", "pk")


class AgendaItem(models.Model):
    """One line of the agenda; during the meeting it gets notes."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    position = models.PositiveIntegerField(default=0)
    title = models.TextField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    minutes = models.PositiveIntegerField(null=True, blank=True)
    reading = models.TextField(blank=True, help_text="what to read before: words or an address")
    paper = models.OneToOneField(
        StoredFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agenda_item",
        help_text="to read before",
    )
    is_review = models.BooleanField(default=False, help_text="opens with what earlier meetings left to do")
    state = models.TextField(choices=ItemState, default=ItemState.ACCEPTED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="agenda_items_proposed"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    notes = models.TextField(blank=True, help_text="what was said; written at the meeting")

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="agenda_item_has_title"),
            models.CheckConstraint(
                condition=Q(state__in=ItemState.values), name="agenda_item_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(is_review=True), name="one_look_back_per_meeting"
            ),
        ]

    def __str__(self):
        return self.title
