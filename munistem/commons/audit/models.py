from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One deed: who did what to which thing, when and why. Rows are added, never changed."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="audit_events"
    )
    deed = models.TextField()
    subject = models.TextField(help_text="room.model:key of the thing")
    label = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("line of the audit trail")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["subject", "-happened_at"], name="audit_by_subject"),
            models.Index(fields=["-happened_at"], name="audit_latest"),
        ]

    def __str__(self):
        return f"{self.deed} {self.subject}"
