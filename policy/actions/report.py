"""What became of an endorsed recommendation."""

from typing import Any
from uuid import UUID

from django.db import transaction

from munistem.commons import audit
from munistem.commons.files.actions import store
from policy import rules
from policy.actions.answer import TooLate, take
from policy.models import Endorsement, ProgressReport


@transaction.atomic
def report_progress(
    *,
    by: Any,
    endorsement: Endorsement,
    status: str,
    body: str,
    evidence: Any = None,
    evidence_url: str = "",
    nonce: UUID | None = None,
) -> ProgressReport:
    """Tell how the work stands, with a file or an address that shows it; a form sent again counts once.

    Raises TooLate when the answer is not in force or the person may not report on it.
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
        nonce=nonce,
        reported_by=by,
    )
    audit.record("report_progress", row, by=by, report=report.pk, status=str(status))
    return report
