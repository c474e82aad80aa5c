"""When reports are asked for: twice in a school year, at its middle and at its end."""

from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: Months on whose first day a period opens; it runs until the next one opens.
OPENINGS = (2, 7)
#: So long after its opening a period still asks and reminds; one found open later, on a new portal, asks nobody.
ASKS_FOR = timedelta(days=60)
REMINDS_AFTER = timedelta(days=28)


def opening_of(day: date) -> date:
    """The first day of the period in which a day lies: 1 July 2026 for 26 November 2026, 1 February for 30 June."""
    months = [month for month in OPENINGS if month <= day.month]
    return date(day.year, months[-1], 1) if months else date(day.year - 1, OPENINGS[-1], 1)


def opening_after(opens_on: date) -> date:
    """The first day of the next period."""
    return (
        opening_of(opens_on + timedelta(days=300))
        if opens_on.month == OPENINGS[-1]
        else date(opens_on.year, OPENINGS[-1], 1)
    )


def beginning_of(day: date) -> datetime:
    """Its first moment here."""
    return timezone.make_aware(datetime.combine(day, time.min))


class ReportPeriodQuerySet(models.QuerySet):
    def over(self):
        """Those that have passed and are not closed yet."""
        return self.filter(closed_at=None, opens_on__lt=opening_of(timezone.localdate())).order_by("opens_on")

    def closed(self):
        return self.filter(closed_at__isnull=False)

    def latest_first(self):
        return self.order_by("-opens_on")


class ReportPeriod(models.Model):
    """Half a year of work, at whose beginning every endorser is asked how the work of before went."""

    opens_on = models.DateField(_("Opens on"), unique=True)
    asked_at = models.DateTimeField(_("Asked on"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("Reminded on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed on"), null=True, blank=True)

    objects = ReportPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("period of reports")
        verbose_name_plural = _("periods of reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_on__month__in=OPENINGS, opens_on__day=1),
                name="period_opens_by_the_calendar",
            ),
        ]

    def __str__(self):
        return str(self.opens_on)

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return opening_after(self.opens_on) - timedelta(days=1)
