"""A draft is opened to the network, commented on paragraph by paragraph, answered, and closed on its day."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from munistem.commons import audit
from policy import rules
from policy.actions.version import OutOfTurn, step, supersede, take
from policy.emails import consultation as emails
from policy.enums import Outcome, VersionState
from policy.models import Consultation, ConsultationComment, RecommendationVersion
from policy.models.paragraphs import keys_of
from policy.models.version import TEXTS


class NotAhead(Exception):
    """The last day for comments is not ahead."""


class NoSuchParagraph(Exception):
    """The version has no such paragraph."""


@transaction.atomic
def open_consultation(*, by: Any, version: RecommendationVersion, until_on: date) -> Consultation:
    """Open a draft to the network until a day, and tell the network; its words stay as they are from now on.

    Raises OutOfTurn when it is no draft or the person may not, NotAhead.
    """
    row = take(version)
    if not rules.can_open_consultation(by, row):
        raise OutOfTurn
    if until_on <= timezone.localdate():
        raise NotAhead
    for earlier in Consultation.objects.filter(version__recommendation=row.recommendation, closed_at=None):
        close(earlier, by=by)
    supersede(row, by=by, states=(VersionState.CONSULTATION,))
    step(row, VersionState.CONSULTATION, by=by)
    consultation = Consultation.objects.create(version=row, until_on=until_on, opened_by=by)
    audit.record("open_consultation", row.recommendation, by=by, number=row.number, until=str(until_on))
    emails.tell_network("consultation_opened", consultation, by=by)
    return consultation


def lock(consultation: Consultation) -> Consultation:
    rows = Consultation.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("version__recommendation__roundtable").get(pk=consultation.pk)


@transaction.atomic
def comment(
    *,
    by: Any,
    consultation: Consultation,
    paragraph: str,
    body: str,
    language: str,
    nonce: UUID | None = None,
) -> ConsultationComment:
    """Say something to a paragraph; a form sent again answers with what it made first. Raises OutOfTurn, NoSuchParagraph."""
    row = lock(consultation)
    if nonce and (known := row.comments.filter(nonce=nonce).first()):
        return known
    if not rules.can_comment(by, row):
        raise OutOfTurn
    if paragraph not in keys_of(row.version, TEXTS):
        raise NoSuchParagraph
    made = ConsultationComment.objects.create(
        consultation=row, paragraph=paragraph, body=body, language=language, nonce=nonce, written_by=by
    )
    audit.record("comment_version", row.version.recommendation, by=by, comment=made.pk)
    emails.tell_of_comment(made)
    return made


@transaction.atomic
def answer_comment(
    *, by: Any, comment: ConsultationComment, outcome: str, answer: str
) -> ConsultationComment:
    """Answer for the authors; said again it replaces the answer, and only another answer is told. Raises OutOfTurn."""
    consultation = lock(comment.consultation)
    row = ConsultationComment.objects.select_related("written_by").get(pk=comment.pk)
    row.consultation = consultation
    if not rules.can_answer_comments(by, consultation):
        raise OutOfTurn
    if (row.outcome, row.answer) == (outcome, answer):
        return row
    row.outcome, row.answer = Outcome(outcome), answer
    row.answered_by, row.answered_at = by, timezone.now()
    row.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
    audit.record("answer_comment", consultation.version.recommendation, by=by, comment=row.pk)
    emails.settle(row)
    emails.tell_of_answer(row)
    return row


@transaction.atomic
def close_consultation(*, by: Any, consultation: Consultation) -> Consultation:
    """Close it before its day. Raises OutOfTurn."""
    row = lock(consultation)
    if not rules.can_close_consultation(by, row):
        raise OutOfTurn
    close(row, by=by)
    return row


def close(row: Consultation, *, by: Any) -> None:
    row.closed_at, row.closed_by = timezone.now(), by
    row.save(update_fields=["closed_at", "closed_by"])
    audit.record("close_consultation", row.version.recommendation, by=by, number=row.version.number)
    emails.tell_keepers("consultation_closed", row, waiting=row.comments.unanswered().count())


def close_what_is_over() -> None:
    """Close consultations whose last day has passed; for the clock, each closes once."""
    for found in Consultation.objects.over():
        with transaction.atomic():
            row = lock(found)
            if row.closed_at is None:
                close(row, by=None)


def remind_of_what_closes() -> None:
    """Tell the network three days before a consultation closes; for the clock, each is told of once."""
    for found in Consultation.objects.to_remind():
        with transaction.atomic():
            row = lock(found)
            if row.reminded_at is None and row.is_open:
                row.reminded_at = timezone.now()
                row.save(update_fields=["reminded_at"])
                emails.tell_network("consultation_closing", row)
