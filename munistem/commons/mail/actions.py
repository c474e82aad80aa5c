from django.db import transaction
from django.utils import timezone

from munistem.commons.mail.backends import carry
from munistem.commons.mail.models import MailState, OutgoingMail


def hand_over(pk: int) -> None:
    """Send a queued letter once; the row is locked meanwhile, so two workers never send it twice."""
    with transaction.atomic():
        row = OutgoingMail.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None or row.state == MailState.SENT:
            return
        carry(row)
        row.state, row.sent_at, row.error = MailState.SENT, timezone.now(), ""
        row.save(update_fields=["state", "sent_at", "error"])
