from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from munistem.commons.files.models import StoredFile
from policy.enums import Indicator, Progress, ReportField, Stance
from policy.models.endorsement import SILENT_AFTER, Endorsement
from policy.models.period import ReportPeriod
from policy.models.programme import Programme


def reads_for_network(user) -> bool:
    """Whether the person reads what is for the network only."""
    return user.is_authenticated and (user.is_staff or user.is_in_network)


class ProgressReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Reports are seen with the answer they report on; those whose state is for the network, by the network."""
        rows = self.filter(endorsement__in=Endorsement.objects.visible_to(user).values("pk"))
        return rows if reads_for_network(user) else rows.exclude(for_network__contains=[ReportField.STATUS])

    def telling(self, user, field: str):
        """Those of which the person may read a field."""
        rows = self.visible_to(user)
        return rows if reads_for_network(user) else rows.exclude(for_network__contains=[field])

    def latest_first(self):
        return self.order_by("-reported_at", "-pk")

    def latest_of_each(self):
        """The newest report of each answer only."""
        newer = ProgressReport.objects.filter(endorsement=OuterRef("endorsement")).filter(
            Q(reported_at__gt=OuterRef("reported_at"))
            | Q(reported_at=OuterRef("reported_at"), pk__gt=OuterRef("pk"))
        )
        return self.filter(~Exists(newer))


class ProgressReport(models.Model):
    """How the work on an endorsed recommendation stands, with evidence.

    for_network: fields that only the network reads; all others are public.
    """

    endorsement = models.ForeignKey(
        Endorsement, models.PROTECT, related_name="reports", verbose_name=_("Endorsement")
    )
    status = models.TextField(_("State"), choices=Progress)
    body = models.TextField(_("What was done"), blank=True)
    evidence_url = models.URLField(_("Link to evidence"), blank=True, max_length=2000)
    evidence = models.ForeignKey(
        StoredFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence_reports",
        verbose_name=_("Evidence"),
    )
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence_reports",
        verbose_name=_("Programme"),
    )
    indicator = models.TextField(_("Indicator"), choices=Indicator, blank=True)
    indicator_text = models.TextField(_("What the indicator shows"), blank=True)
    for_network = ArrayField(
        models.TextField(choices=ReportField),
        default=list,
        blank=True,
        verbose_name=_("For the network only"),
    )
    came_by_mail = models.BooleanField(_("Came by mail"), default=False)
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="progress_reports",
        verbose_name=_("Reported by"),
    )
    reported_at = models.DateTimeField(_("Reported on"), auto_now_add=True)

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Progress.values), name="report_status_is_known"),
            models.CheckConstraint(
                condition=~Q(body="") | Q(came_by_mail=True), name="report_says_something"
            ),
            models.CheckConstraint(
                condition=Q(indicator="", indicator_text="")
                | (Q(indicator__in=Indicator.values) & ~Q(indicator_text="")),
                name="report_indicator_is_known_and_told",
            ),
        ]

    def __str__(self):
        return f"{self.endorsement} {self.get_status_display()}"

    @property
    def tone(self) -> str:
        return Progress(self.status).tone

    @property
    def sign(self) -> str:
        return Progress(self.status).sign

    def as_told_to(self, user) -> "ProgressReport":
        """Itself without what this person may not read; to be shown, never to be saved."""
        if reads_for_network(user):
            return self
        blanks = {"body": ("body", ""), "link": ("evidence_url", ""), "programme": ("programme", None)}
        blanks |= {"evidence": ("evidence", None), "indicator": ("indicator", "")}
        for field in self.for_network:
            if field in blanks:
                setattr(self, *blanks[field])
        return self


class Milestone(models.Model):
    """A step on the way that a report names, with the day by which it is to be reached."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    text = models.TextField(_("Milestone"))
    due_on = models.DateField(_("By when"), null=True, blank=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="one_milestone_per_position"),
            models.CheckConstraint(condition=~Q(text=""), name="milestone_says_something"),
        ]

    def __str__(self):
        return self.text


class ProgressSnapshotQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What stood at the end of a period is seen with its answer; a state for the network, by the network."""
        rows = self.filter(endorsement__in=Endorsement.objects.visible_to(user).values("pk"))
        return rows if reads_for_network(user) else rows.filter(is_public=True)


class ProgressSnapshot(models.Model):
    """How an answer in force stood when a period closed; the database refuses every change of it.

    status: of the latest report, "" without one; report: that one; missed: periods without a report in a row.
    """

    period = models.ForeignKey(ReportPeriod, models.PROTECT, related_name="snapshots")
    endorsement = models.ForeignKey(Endorsement, models.PROTECT, related_name="snapshots")
    stance = models.TextField(choices=Stance)
    status = models.TextField(choices=Progress, blank=True)
    report = models.ForeignKey(
        ProgressReport, models.PROTECT, null=True, blank=True, related_name="snapshots"
    )
    missed = models.PositiveSmallIntegerField(default=0)
    is_public = models.BooleanField(default=True)

    objects = ProgressSnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("snapshot of a period")
        verbose_name_plural = _("snapshots of periods")
        constraints = [
            models.UniqueConstraint(fields=["period", "endorsement"], name="one_snapshot_per_period"),
            models.CheckConstraint(
                condition=Q(stance__in=Stance.values, status__in=["", *Progress.values]),
                name="snapshot_codes_are_known",
            ),
            models.CheckConstraint(
                condition=Q(status="", report__isnull=True) | (~Q(status="") & Q(report__isnull=False)),
                name="snapshot_state_is_reported",
            ),
        ]

    def __str__(self):
        return f"{self.period}: {self.endorsement}"

    @property
    def is_not_reported(self) -> bool:
        return self.missed >= SILENT_AFTER
