"""An admin confirms an answer or returns it with a reason; each answer once, however often it is clicked."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from munistem.commons import audit
from policy import emails, rules
from policy.actions.answer import TooLate, take
from policy.actions.vouch import ask_for_shares
from policy.enums import EndorsementState
from policy.models import Endorsement


@transaction.atomic
def confirm(*, by: Any, endorsement: Endorsement) -> Endorsement:
    """Put an answer into force; the one before stands replaced.

    Raises TooLate when it is decided or taken back already, or the person may not.
    """
    row = take(endorsement)
    if not rules.can_confirm(by, row):
        raise TooLate
    now = timezone.now()
    before = Endorsement.objects.confirmed().filter(
        organisation=row.organisation, recommendation=row.recommendation
    )
    before.update(state=EndorsementState.REPLACED, ended_at=now, ended_by=by)
    row.state, row.answered_at, row.answered_by = EndorsementState.CONFIRMED, now, by
    row.save(update_fields=["state", "answered_at", "answered_by"])
    audit.record("confirm_endorsement", row, by=by, stance=row.stance)
    emails.settle(row)
    emails.tell_sender("endorsement_confirmed", row, by=by)
    ask_for_shares(row)
    return row


@transaction.atomic
def return_with_reason(*, by: Any, endorsement: Endorsement, reason: str) -> Endorsement:
    """Give an answer back to who sent it, to be corrected and sent again. Raises as ``confirm`` does."""
    row = take(endorsement)
    if not rules.can_confirm(by, row):
        raise TooLate
    row.state, row.answered_at, row.answered_by = EndorsementState.RETURNED, timezone.now(), by
    row.reason = reason
    row.save(update_fields=["state", "answered_at", "answered_by", "reason"])
    audit.record("return_endorsement", row, by=by, reason=reason)
    emails.settle(row)
    emails.tell_sender("endorsement_returned", row, by=by, why=reason)
    return row
