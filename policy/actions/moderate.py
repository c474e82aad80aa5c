"""Comments that readers ask to look at: hidden with a reason, or left as they are."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.reports.models import Report
from policy.actions.consult import lock
from policy.actions.version import OutOfTurn
from policy.emails import consultation as emails
from policy.models import ConsultationComment
from policy.rules.consultation import can_moderate_comment, can_report_comment


@transaction.atomic
def report(*, by: Any, comment: ConsultationComment, why: str, note: str = "") -> Report:
    """Ask the admins to look at a comment; once a reader, until they have. Raises OutOfTurn."""
    if not can_report_comment(by, comment):
        raise OutOfTurn
    found, is_new = Report.objects.get_or_create(
        subject=key(comment),
        reporter=by,
        decided_at=None,
        defaults={"url": comment.get_absolute_url(), "why": why, "note": note},
    )
    if is_new:
        audit.record("report_comment", comment.consultation.version.recommendation, by=by, comment=comment.pk)
        emails.tell_of_report(comment, by=by)
    return found


@transaction.atomic
def hide(*, by: Any, comment: ConsultationComment, reason: str) -> ConsultationComment:
    """Hide it from all but who wrote it and who answers it; the author is told why. Raises OutOfTurn."""
    row = taken(comment, by=by)
    row.hidden_at, row.hidden_by, row.hidden_reason = timezone.now(), by, reason
    row.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    recommendation = row.consultation.version.recommendation
    audit.record("hide_comment", recommendation, by=by, comment=row.pk, reason=reason)
    close_reports(row, by=by, decision="hidden")
    emails.settle(row)
    emails.tell_of_hiding(row)
    return row


@transaction.atomic
def leave(*, by: Any, comment: ConsultationComment) -> ConsultationComment:
    """Let it stand; the reports on it are closed. Raises OutOfTurn."""
    row = taken(comment, by=by)
    audit.record("leave_comment", row.consultation.version.recommendation, by=by, comment=row.pk)
    close_reports(row, by=by, decision="left")
    return row


def taken(comment: ConsultationComment, *, by: Any) -> ConsultationComment:
    """The comment anew under the lock of its consultation."""
    consultation = lock(comment.consultation)
    row = ConsultationComment.objects.select_related("written_by").get(pk=comment.pk)
    row.consultation = consultation
    if not can_moderate_comment(by, row):
        raise OutOfTurn
    return row


def close_reports(comment: ConsultationComment, *, by: Any, decision: str) -> None:
    waiting = Report.objects.waiting().filter(subject=key(comment))
    waiting.update(decided_at=timezone.now(), decided_by=by, decision=decision)
    emails.settle_reports(comment)
