"""What became of an endorsed recommendation."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from munistem.commons import audit
from munistem.commons.files.actions import store
from policy import rules
from policy.actions.answer import TooLate, take
from policy.emails import progress as emails
from policy.enums import Progress
from policy.models import Endorsement, Milestone, Programme, ProgressReport


@transaction.atomic
def report_progress(
    *,
    by: Any,
    endorsement: Endorsement,
    status: str,
    body: str,
    milestones: Sequence[tuple[str, date | None]] = (),
    evidence: Any = None,
    evidence_url: str = "",
    programme: Programme | None = None,
    indicator: str = "",
    indicator_text: str = "",
    for_network: Sequence[str] = (),
    came_by_mail: bool = False,
    nonce: UUID | None = None,
) -> ProgressReport:
    """Tell how the work stands, with what shows it; a form sent again counts once.

    for_network: fields (``ReportField``) that only the network reads. What is stuck is told to those who facilitate a
    community of the person. Raises TooLate when the answer is not in force or the person may not report on it.
    """
    row = take(endorsement)
    if nonce and (known := ProgressReport.objects.filter(endorsement=row, nonce=nonce).first()):
        return known
    if not rules.can_report_progress(by, row):
        raise TooLate
    report = ProgressReport.objects.create(
        endorsement=row,
        status=status,
        body=body,
        evidence=store(evidence, by=by) if evidence else None,
        evidence_url=evidence_url,
        programme=programme,
        indicator=indicator,
        indicator_text=indicator_text,
        for_network=list(for_network),
        came_by_mail=came_by_mail,
        nonce=nonce,
        reported_by=by,
    )
    Milestone.objects.bulk_create(
        Milestone(report=report, position=place, text=text, due_on=due_on)
        for place, (text, due_on) in enumerate(milestones)
    )
    row.missed_periods = 0
    row.save(update_fields=["missed_periods"])
    audit.record("report_progress", row, by=by, report=report.pk, status=str(status))
    emails.settle(row)
    if status == Progress.STUCK:
        emails.tell_facilitators(report)
    return report
