"""Mail that comes in: kept first, then taken once by the door it came to; who is answered, and who is not.

docs/decisions/0012 says why. Nobody whose address may be forged is sent anything that the forger wrote.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from munistem.commons.guards.limits import count_hit
from munistem.commons.mail import tasks
from munistem.commons.mail.actions import record_bounce
from munistem.commons.mail.addresses import DOORS, Address, Ignored, Returned, Taken, read_address
from munistem.commons.mail.incoming import (
    LONGEST_HEAD,
    Incoming,
    Unreadable,
    head,
    parse,
    refuse_hostile,
    sender_of,
)
from munistem.commons.mail.letters import Enclosure, Letter, post
from munistem.commons.mail.models import IncomingMail, IncomingState, OutgoingMail
from munistem.commons.text.names import isolated

HOUR, DAY = 3_600, 86_400
MOST_AN_HOUR = 60  # to one address: beyond that two machines write to each other
MOST_ANSWERS_A_DAY = 5
MOST_TRIES = 8
KEPT = timedelta(days=30)
OWN_JOB = timedelta(hours=1)
LONGEST_QUOTE = 6_000
NULL = "<>"


class TooMany(Exception):
    """More mail to one address than people write."""


class Outcome(NamedTuple):
    """What became of a mail."""

    state: IncomingState
    reason: str = ""
    what: str = ""


# Keeping -------------------------------------------------------------------------------------------------


def receive(raw: bytes, recipient: str, *, envelope_sender: str | None = None) -> bool:
    """Keep a mail to one of our addresses, to be taken by a job; whether it is one of ours and new.

    envelope_sender: from whom the mail server says it comes, "" for nobody, None when that is not known. When this
    returns, the mail is safe. Raises TooMany.
    """
    if read_address(recipient) is None:
        return False
    address = recipient.strip().strip("<>").lower()
    if count_hit(f"mail:{address}", HOUR, MOST_AN_HOUR) > MOST_AN_HOUR:
        raise TooMany(address)
    key, sender, hostile = marks_of(raw, address)
    state = (
        {"state": IncomingState.IGNORED, "reason": hostile, "message": b""} if hostile else {"message": raw}
    )
    sent_by = NULL if envelope_sender in ("", NULL) else envelope_sender or ""
    with transaction.atomic():
        row, is_new = IncomingMail.objects.get_or_create(
            key=key,
            defaults={"address": address, "sender": sender, "envelope_sender": sent_by[:300], **state},
        )
        if is_new and not hostile:
            tasks.take_in.defer(mail=row.pk)
    return is_new


def marks_of(raw: bytes, address: str) -> tuple[str, str, str]:
    """Key and sender of a mail, and what is hostile in it."""
    try:
        refuse_hostile(raw)
        top = BytesHeaderParser().parsebytes(raw[: LONGEST_HEAD + 4], headersonly=True)
        number, sender, hostile = head(top, "Message-ID")[:300], sender_of(top), ""
    except (Unreadable, ValueError, LookupError) as error:
        number, sender, hostile = "", "", str(error)[:200] or "unreadable"
    number = number or hashlib.sha256(raw).hexdigest()
    return hashlib.sha256("\n".join((number, sender, address)).encode()).hexdigest(), sender, hostile


# Taking --------------------------------------------------------------------------------------------------


def take_in(pk: int) -> None:
    """Do what a kept mail asks, once; raises what went wrong, so that the job tries again."""
    try:
        with transaction.atomic():
            waiting = IncomingMail.objects.filter(
                pk=pk, state__in=[IncomingState.WAITING, IncomingState.FAILED]
            )
            row = waiting.select_for_update().first()
            if row is not None:
                note(row, deal_with(row))
    except Exception as error:
        IncomingMail.objects.filter(pk=pk).update(
            state=IncomingState.FAILED, tries=F("tries") + 1, reason=f"{type(error).__name__}: {error}"[:500]
        )
        raise


def note(row: IncomingMail, outcome: Outcome) -> None:
    row.state, row.reason, row.what = outcome
    row.dealt_at, row.message = timezone.now(), b""
    row.save(update_fields=["state", "reason", "what", "dealt_at", "message"])


def deal_with(row: IncomingMail) -> Outcome:
    address = read_address(row.address)
    door = DOORS.get(address.kind) if address else None
    if address is None or door is None:
        return Outcome(IncomingState.IGNORED, "no such address any more")
    try:
        mail = parse(bytes(row.message))
    except Unreadable as error:
        return Outcome(IncomingState.IGNORED, str(error))
    person = get_user_model().objects.filter(pk=address.person, is_active=True).first()
    if door.is_for_machines and (mail.machine or mail.calendars):
        return taken_at_door(row, address, person, mail)
    if mail.machine or row.envelope_sender == NULL:
        return Outcome(IncomingState.IGNORED, mail.machine or "auto-reply")
    if person is None:
        return Outcome(IncomingState.REFUSED, "the address is nobody's any more")
    if mail.vouched is False or mail.sender not in addresses_of(person):
        return refuse(row, person, mail)
    return taken_at_door(row, address, person, mail)


def addresses_of(person: Any) -> set[str]:
    """The addresses, in small letters, from which a person writes: those that were confirmed."""
    more = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return {person.email.lower(), *(address.lower() for address in more)}


def taken_at_door(row: IncomingMail, address: Address, person: Any, mail: Incoming) -> Outcome:
    door, language = DOORS[address.kind], person.language if person else None
    with translation.override(language):
        try:
            with transaction.atomic():
                done = door.take(person, address.thing, mail)
        except Ignored as why:
            return Outcome(IncomingState.IGNORED, str(why))
        except Returned as why:
            answer(row, person.email, language, returned(mail, why))
            return Outcome(IncomingState.RETURNED, str(why))
        if done.remarks:
            answer(row, person.email, language, posted(done))
    return Outcome(IncomingState.TAKEN, what=done.what)


# Answering -----------------------------------------------------------------------------------------------


def refuse(row: IncomingMail, person: Any, mail: Incoming) -> Outcome:
    """Tell somebody why the mail was not taken: its sender, if vouched for or one of us, else the person whose address it was."""
    known = get_user_model().objects.filter(email__iexact=mail.sender, is_active=True).first()
    if mail.sender and (mail.vouched or (known and mail.vouched is None)):
        language = known.language if known else person.language
        with translation.override(language):
            answer(row, mail.sender, language, foreign())
        return Outcome(IncomingState.REFUSED, "the address is somebody else's; the sender was told")
    with translation.override(person.language):
        answer(row, person.email, person.language, in_your_name(mail))
    return Outcome(IncomingState.REFUSED, "the sender may be forged; the person was told")


def answer(row: IncomingMail, to: str, language: str, letter: Letter) -> None:
    """Post an answer to a mail, once, and only a few a day to one address. To be called in the language of the letter."""
    if count_hit(f"mailback:{to.lower()}", DAY, MOST_ANSWERS_A_DAY) <= MOST_ANSWERS_A_DAY:
        post(letter_with(letter, row), to=to, language=language)


def letter_with(letter: Letter, row: IncomingMail) -> Letter:
    return replace(letter, key=f"incoming:{row.pk}", headers={"Auto-Submitted": "auto-replied"})


def why() -> str:
    return _("You received this because a mail in your name came to the portal.")


def returned(mail: Incoming, back: Returned) -> Letter:
    """Back to the sender, with all that was written."""
    lines = [str(back)]
    text, enclosures = mail.text, []
    if len(text) > LONGEST_QUOTE:
        lines.append(_("Your text is attached, so that nothing is lost."))
        enclosures, text = [Enclosure("text.txt", text.encode(), "text/plain; charset=utf-8")], ""
    elif text:
        lines.append(_("Here is your text, so that nothing is lost:"))
    if mail.files:
        lines.insert(1, _("Your files are still in the mail that you sent."))
    return Letter(
        subject=_("Not posted: %(subject)s") % {"subject": mail.subject or _("your mail")},
        lines=lines,
        quote=text,
        attachments=enclosures,
        action=(_("Open in the portal"), back.url) if back.url else None,
        reason=why(),
    )


def posted(done: Taken) -> Letter:
    return Letter(
        subject=done.subject or _("Your mail was posted"),
        lines=list(done.remarks),
        action=(_("Open in the portal"), done.url) if done.url else None,
        reason=why(),
    )


def foreign() -> Letter:
    """To one who wrote to an address that was made for another person; nothing of the mail stands in it."""
    words = _(
        "The address you wrote to was made for another person, so nothing was posted. Open the discussion in the portal and "
        "answer there, or answer the mail that came to you yourself."
    )
    more = _("If you have several addresses, write from the one with which you sign in.")
    return Letter(subject=_("Your mail was not posted"), lines=[words, more], reason=why())


def in_your_name(mail: Incoming) -> Letter:
    """To the person whose own address was used; what was written is not passed on, for it may be anybody's."""
    words = _(
        "A mail from %(sender)s came to the address at which only you can answer. It was not posted, because we could not be "
        "sure that it is yours."
    ) % {"sender": isolated(mail.sender or "?")}
    if_you = _(
        "If you wrote it, send it again from the address with which you sign in. Your text is in the mail that you sent."
    )
    if_not = _("If it was not you, there is nothing you need to do.")
    return Letter(subject=_("A mail was not posted"), lines=[words, if_you, if_not], reason=why())


# Mail that comes back ------------------------------------------------------------------------------------

#: Full mailboxes, letters that are too large, suspicion of advertising: not the fault of the address.
PASSING = ("5.2.2", "5.2.3", "5.3.4", "5.7.")


def note_bounce(person: Any, pk: int, mail: Incoming) -> Taken:
    """A letter of ours came back to the address signed for it; see RFC 3464."""
    row = OutgoingMail.objects.filter(pk=pk).only("recipients").first()
    if row is None or mail.verdict is None:
        raise Ignored("not the report of a letter that did not arrive")
    action, status, words = mail.verdict.action, mail.verdict.status, mail.verdict.words
    is_hard = action == "failed" and status.startswith("5.") and not status.startswith(PASSING)
    if not is_hard:
        raise Ignored(f"soft bounce: {status} {action}")
    written_to = [address for _name, address in getaddresses([row.recipients])]
    if len(written_to) > 1:  # one of several: the others' addresses are in order
        written_to = [address for address in written_to if address.lower() in mail.verdict.addresses]
        if not written_to:
            raise Ignored("it does not say whose address it was")
    for address in written_to:
        record_bounce(address, "hard", reason=f"{status} {words}")
    return Taken(f"commons.outgoingmail:{pk}")


# By the clock --------------------------------------------------------------------------------------------


def requeue_incoming() -> int:
    """Give mails another job whose own one was lost or failed; returns how many. A mail that always fails is left alone."""
    left = IncomingMail.objects.filter(
        state__in=[IncomingState.WAITING, IncomingState.FAILED],
        came_at__lt=timezone.now() - OWN_JOB,
        tries__lt=MOST_TRIES,
    )
    keys = list(left.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        tasks.take_in.defer(mail=key)
    return len(keys)


def forget_incoming(kept: timedelta = KEPT) -> int:
    """Delete what came in a month ago; returns how many."""
    return IncomingMail.objects.filter(came_at__lt=timezone.now() - kept).delete()[0]


def receive_all(raw: bytes, recipients: Iterable[str], *, envelope_sender: str | None = None) -> int:
    """``receive`` for several addresses; returns for how many the mail was new."""
    return sum(receive(raw, one, envelope_sender=envelope_sender) for one in dict.fromkeys(recipients))
