"""Handing letters over, each once: noted before, noted after, so that a worker that dies between leaves one doubtful letter."""

import contextlib
import smtplib
from collections.abc import Iterable
from datetime import timedelta
from email.utils import getaddresses
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from munistem.commons.mail import tasks
from munistem.commons.mail.backends import carry, open_carrier
from munistem.commons.mail.models import Bounce, MailState, OutgoingMail

OWN_JOB_TRIES = timedelta(hours=2)  # the retries of mail.hand_over are over by then
LONGEST_HANDING = timedelta(minutes=15)
GIVE_UP = timedelta(days=4)
KEPT = timedelta(days=30)
RETRY_SECONDS = 60


def hand_over(pk: int, carrier: Any = None) -> None:
    """Send a queued letter once, however many workers try.

    Raises what the carrier raises when it did not take the letter and may take it later. A letter refused for good is
    noted as such and its address as one from which mail comes back.
    """
    if not claim(pk):
        return
    row = OutgoingMail.objects.get(pk=pk)
    own = None
    try:
        if carrier is None:
            carrier = own = open_carrier()
    except Exception as error:
        note(pk, MailState.FAILED, error)
        raise
    try:
        if is_taken(row, carrier):
            note_sent(pk)
    finally:
        if own is not None:
            own.close()


def is_taken(row: OutgoingMail, carrier: Any) -> bool:
    """Hand a claimed letter to the carrier; False when it was refused or its fate is unknown, both of which is noted."""
    try:
        carry(row, carrier)
    except Exception as error:
        state = state_after(error)
        note(row.pk, state, error)
        if state == MailState.FAILED:
            raise
        if state == MailState.REFUSED:
            note_refusal(row, error)
        return False
    return True


def note_sent(pk: int) -> None:
    OutgoingMail.objects.filter(pk=pk).update(state=MailState.SENT, sent_at=timezone.now(), error="")


def hand_over_all(pks: Iterable[int]) -> None:
    """Send several letters over one connection; one that fails gets a job of its own and does not stop the others.

    That one letter is sent and the next is being handed over is written in one transaction, so that at any moment there is
    one letter in hand at most.
    """
    keys = list(pks)
    rows = unsent().in_bulk(keys)  # what was written down does not change any more
    carrier, in_hand = None, None
    try:
        for pk in filter(rows.get, keys):
            try:
                carrier = carrier or open_carrier()
                with transaction.atomic():
                    if in_hand:
                        note_sent(in_hand)
                    is_ours, in_hand = claim(pk), None
                if is_ours and is_taken(rows[pk], carrier):
                    in_hand = pk
            except DatabaseError:
                raise
            except Exception:  # noqa: BLE001 - noted at the letter; its own job tries again
                tasks.hand_over.configure(schedule_in={"seconds": RETRY_SECONDS}).defer(mail=pk)
                close(carrier)
                carrier = None
    finally:
        if in_hand:
            note_sent(in_hand)
        close(carrier)


def close(carrier: Any) -> None:
    """Close a connection, if there is one and it is not gone already."""
    if carrier is not None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            carrier.close()


def claim(pk: int) -> bool:
    """Note that a letter is being handed over, before it is; False when another does it or it is done."""
    ready = OutgoingMail.objects.filter(pk=pk, state__in=[MailState.WAITING, MailState.FAILED])
    return bool(ready.update(state=MailState.HANDING, begun_at=timezone.now(), tries=F("tries") + 1))


def note(pk: int, state: str, error: Exception) -> None:
    OutgoingMail.objects.filter(pk=pk).update(state=state, error=f"{type(error).__name__}: {error}"[:500])


def state_after(error: Exception) -> MailState:
    """What became of a letter whose handing over failed. A line that broke in the middle leaves it in doubt."""
    codes = codes_of(error)
    if codes:
        return MailState.REFUSED if min(codes) >= 500 else MailState.FAILED
    if isinstance(error, smtplib.SMTPServerDisconnected | TimeoutError):
        return MailState.DOUBTFUL
    return MailState.FAILED


def codes_of(error: Exception) -> list[int]:
    """Codes with which a mail server said no; not those that speak of us instead of the letter."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _words in error.recipients.values()]
    if isinstance(error, smtplib.SMTPDataError):
        return [error.smtp_code]
    return []


def note_refusal(row: OutgoingMail, error: Exception) -> None:
    """A refused recipient is a bounce; a refused text is not the address's fault."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        for address, (code, words) in error.recipients.items():
            said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
            record_bounce(address, "hard", reason=f"{code} {said}")


def record_bounce(address: str, kind: str, *, reason: str = "") -> None:
    """Note that mail came back from an address. kind: ``hard`` pauses notices to it, ``soft`` does nothing."""
    if kind == "hard":
        small = getaddresses([address])[0][1].lower()
        Bounce.objects.update_or_create(address=small, defaults={"reason": reason[:500]})


def is_paused(address: str) -> bool:
    """Whether notices to an address pause because mail came back from it."""
    return Bounce.objects.filter(address=address.lower()).exists()


def forget_bounce(address: str) -> bool:
    """Send notices to an address again; whether they were paused."""
    return bool(Bounce.objects.filter(address=address.lower()).delete()[0])


def send_again(pk: int) -> bool:
    """Queue a letter anew that is doubtful or was refused; whether it was."""
    ended = OutgoingMail.objects.filter(pk=pk, state__in=[MailState.DOUBTFUL, MailState.REFUSED])
    if not ended.update(state=MailState.WAITING, queued_at=timezone.now()):
        return False
    tasks.hand_over.defer(mail=pk)
    return True


def name_doubtful() -> int:
    """Name letters whose worker died while handing them over; they are not sent again by themselves."""
    stuck = OutgoingMail.objects.filter(
        state=MailState.HANDING, begun_at__lt=timezone.now() - LONGEST_HANDING
    )
    return stuck.update(state=MailState.DOUBTFUL, error="The worker ended while handing this letter over.")


def unsent() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state__in=[MailState.WAITING, MailState.FAILED])


def requeue() -> int:
    """Give letters another job that their first one could not deliver; returns how many. For four days, then no more."""
    now = timezone.now()
    late = unsent().filter(queued_at__range=(now - GIVE_UP, now - OWN_JOB_TRIES)).order_by("pk")
    keys = list(late.values_list("pk", flat=True))
    for key in keys:
        tasks.hand_over.defer(mail=key)
    return len(keys)


def forget_sent(kept: timedelta = KEPT) -> int:
    """Delete letters sent or given up a month ago: they hold what people wrote to each other; returns how many."""
    before = timezone.now() - kept
    given_up = Q(state__in=[MailState.FAILED, MailState.DOUBTFUL, MailState.REFUSED], queued_at__lt=before)
    return OutgoingMail.objects.filter(Q(state=MailState.SENT, sent_at__lt=before) | given_up).delete()[0]


def forget_bounces(kept: timedelta) -> int:
    """Try addresses again from which mail came back so long ago; returns how many."""
    return Bounce.objects.filter(happened_at__lt=timezone.now() - kept).delete()[0]
