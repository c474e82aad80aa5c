from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Why(models.TextChoices):
    PERSONAL = "personal", _("Personal details of someone")
    HURTFUL = "hurtful", _("Hurtful or disrespectful")
    ADVERTISING = "advertising", _("Advertising")
    OTHER = "other", _("Something else")


class ReportQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(decided_at__isnull=True)


class Report(models.Model):
    """A reader asks the facilitators or admins to look at something."""

    subject = models.TextField(help_text="room.model:key of the thing")
    url = models.TextField(help_text="where the thing stands")
    why = models.TextField(choices=Why)
    note = models.TextField(blank=True)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reports")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decided_reports"
    )
    decision = models.TextField(blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "reporter"],
                condition=models.Q(decided_at__isnull=True),
                name="one_open_report_per_reader",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="report_decision_has_time_and_person",
            ),
        ]

    def __str__(self):
        return self.subject
