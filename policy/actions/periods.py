"""Reports are asked for when a period opens, and what stood at its end is kept for good; all for the clock."""

from django.db import transaction
from django.utils import timezone

from munistem.commons import audit
from policy.emails import progress as emails
from policy.enums import OVER, ReportField, Stance
from policy.models import Endorsement, ProgressReport, ProgressSnapshot, ReportPeriod
from policy.models.period import ASKS_FOR, REMINDS_AFTER, beginning_of, opening_after, opening_of


def ask_for_reports() -> None:
    """Open the period of today and ask once for each report that is due; four weeks later remind once."""
    today = timezone.localdate()
    ReportPeriod.objects.get_or_create(opens_on=opening_of(today))
    with transaction.atomic():
        period = ReportPeriod.objects.select_for_update().get(opens_on=opening_of(today))
        if today > period.opens_on + ASKS_FOR:
            return
        if period.asked_at is None:
            ask(period, "progress_requested", "asked_at")
        elif period.reminded_at is None and timezone.localdate(period.asked_at) + REMINDS_AFTER <= today:
            ask(period, "progress_reminded", "reminded_at")


def ask(period: ReportPeriod, kind: str, field: str) -> None:
    setattr(period, field, timezone.now())
    period.save(update_fields=[field])
    due = Endorsement.objects.due_for_report(period.opens_on).with_ends()
    emails.ask_for_reports(kind, due, day=period.ends_on)


def close_periods() -> None:
    """Keep what stood at the end of each period that is over; what nobody told of for two of them is not reported."""
    for found in ReportPeriod.objects.over():
        with transaction.atomic():
            period = ReportPeriod.objects.select_for_update().get(pk=found.pk)
            if period.closed_at is None:
                close(period)


def close(period: ReportPeriod) -> None:
    """Write the snapshots of a period, one for each answer in force."""
    end = beginning_of(opening_after(period.opens_on))
    answers = list(Endorsement.objects.in_force().filter(answered_at__lt=end).order_by("pk"))
    told = ProgressReport.objects.filter(endorsement__in=[row.pk for row in answers])
    told = told.only("endorsement_id", "status", "for_network", "reported_at").order_by("reported_at", "pk")
    latest = {report.endorsement_id: report for report in told.filter(reported_at__lt=end)}
    since = set(told.filter(reported_at__gte=end).values_list("endorsement_id", flat=True))
    before = ProgressSnapshot.objects.filter(period__opens_on__lt=period.opens_on).order_by(
        "period__opens_on"
    )
    missed = dict(before.values_list("endorsement_id", "missed"))
    snapshots = [snapshot_of(period, row, latest.get(row.pk), missed.get(row.pk, 0)) for row in answers]
    ProgressSnapshot.objects.bulk_create(snapshots)
    for row, snapshot in zip(answers, snapshots, strict=True):
        row.missed_periods = 0 if row.pk in since else snapshot.missed
    Endorsement.objects.bulk_update(answers, ["missed_periods"], batch_size=500)
    period.closed_at = timezone.now()
    period.save(update_fields=["closed_at"])
    silent = sum(snapshot.is_not_reported for snapshot in snapshots)
    audit.record("close_period", period, by=None, answers=len(answers), not_reported=silent)


def snapshot_of(
    period: ReportPeriod, row: Endorsement, report: ProgressReport | None, missed: int
) -> ProgressSnapshot:
    """How an answer stood. report: the latest until the end of the period; missed: periods in a row before it."""
    opened = beginning_of(period.opens_on)
    is_told = report is not None and (report.reported_at >= opened or report.status in OVER)
    is_asked = row.stance == Stance.ENDORSES and row.answered_at is not None and row.answered_at < opened
    return ProgressSnapshot(
        period=period,
        endorsement=row,
        stance=row.stance,
        status=report.status if report else "",
        report=report,
        missed=0 if is_told else missed + is_asked,
        is_public=report is None or ReportField.STATUS not in report.for_network,
    )
