from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from munistem.commons.mail import tasks
from munistem.commons.mail.backends import carry
from munistem.commons.mail.models import MailState, OutgoingMail

OWN_JOB_TRIES = timedelta(hours=2)  # the retries of mail.hand_over are over by then
GIVE_UP = timedelta(days=4)
KEPT = timedelta(days=30)


def hand_over(pk: int) -> None:
    """Send a queued letter once; the row is locked meanwhile, so two workers never send it twice.

    Raises what the carrier raises, once that is noted at the letter.
    """
    try:
        send_once(pk)
    except Exception as error:
        unsent().filter(pk=pk).update(state=MailState.FAILED, error=f"{type(error).__name__}: {error}"[:500])
        raise


def send_once(pk: int) -> None:
    with transaction.atomic():
        row = OutgoingMail.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None or row.state == MailState.SENT:
            return
        carry(row)
        row.state, row.sent_at, row.error = MailState.SENT, timezone.now(), ""
        row.save(update_fields=["state", "sent_at", "error"])


def unsent() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.exclude(state=MailState.SENT)


def requeue() -> int:
    """Give letters another job that their first one could not deliver; returns how many. For four days, then no more."""
    now = timezone.now()
    late = unsent().filter(queued_at__range=(now - GIVE_UP, now - OWN_JOB_TRIES)).order_by("pk")
    keys = list(late.values_list("pk", flat=True))
    for key in keys:
        tasks.hand_over.defer(mail=key)
    return len(keys)


def forget_sent() -> int:
    """Delete letters sent a month ago: they hold what people wrote to each other; returns how many."""
    old = OutgoingMail.objects.filter(state=MailState.SENT, sent_at__lt=timezone.now() - KEPT)
    return old.delete()[0]
