"""A whole community in one file, made on demand and kept for a few days."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from knowledge.enums import ExportState
from munistem.commons.enums import Language


def export_path(instance: "Export", filename: str) -> str:
    return f"exports/{instance.key.hex}.zip"


class ExportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who leads the community, and admins."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(community__in=Community.objects.facilitated_by(user).values("pk"))

    def ready(self, now: datetime | None = None):
        return self.filter(state=ExportState.READY, expires_at__gt=now or timezone.now())

    def over(self, now: datetime):
        return self.filter(state=ExportState.READY, expires_at__lte=now)

    def latest_first(self):
        return self.order_by("-asked_at", "-pk")


class Export(models.Model):
    """What a facilitator or admin asked for; the file goes after a week, the row stays."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, related_name="exports")
    language = models.TextField(choices=Language, help_text="of the words around what people wrote")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.TextField(choices=ExportState, default=ExportState.WAITING)
    blob = models.FileField(upload_to=export_path, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    built_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_is_known"),
            models.UniqueConstraint(
                fields=["community"], condition=Q(state=ExportState.WAITING), name="one_export_in_the_making"
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY)
                | (Q(built_at__isnull=False, expires_at__isnull=False) & ~Q(blob="")),
                name="ready_export_has_file_and_end",
            ),
        ]

    def __str__(self):
        return f"{self.community_id} {self.asked_at:%F}"

    def get_absolute_url(self):
        return reverse("show_exports", args=[self.community.slug])

    @property
    def file_name(self) -> str:
        day = timezone.localtime(self.built_at) if self.built_at else timezone.localtime(self.asked_at)
        return f"{self.community.slug}-{day:%Y-%m-%d}.zip"
