import email
import email.message
import email.policy
import re
import uuid
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend
from django.db import DatabaseError, transaction

from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.models import OutgoingMail

A_JOB = 50
SAID_APART = {"subject", "from", "to", "mime-version", "content-type", "content-transfer-encoding"}


class QueueBackend(BaseEmailBackend):
    """Writes letters down in the transaction of the deed; the worker hands them to EMAIL_CARRIER."""

    def send_messages(self, email_messages):
        try:
            self.queue(email_messages)
        except DatabaseError:  # a report to ADMINS that the database is away must not fail in turn
            if not self.fail_silently:
                raise
            return 0
        return len(email_messages)

    def queue(self, email_messages):
        from munistem.commons.mail import tasks

        with transaction.atomic():
            rows = OutgoingMail.objects.bulk_create(self.rows_of(email_messages))
            keys = [row.pk for row in rows]
            if len(keys) == 1:
                tasks.hand_over.defer(mail=keys[0])
            elif keys:
                pieces = [keys[start : start + A_JOB] for start in range(0, len(keys), A_JOB)]
                tasks.hand_over_all.batch_defer(*({"mails": piece} for piece in pieces))

    def rows_of(self, email_messages):
        """The letters as rows, without those whose key was queued before."""
        named = {key for message in email_messages if (key := getattr(message, "key", ""))}
        known = set(OutgoingMail.objects.filter(key__in=named).values_list("key", flat=True))
        for message in email_messages:
            key = getattr(message, "key", "") or None
            if key in known:
                continue
            yield OutgoingMail(
                key=key,
                recipients=", ".join(message.recipients()),
                subject=message.subject,
                message=message.message().as_bytes(),
            )


class FolderBackend(BaseEmailBackend):
    """The carrier of a trial: one .eml file a letter in EMAIL_FOLDER, read at /dev/mail/."""

    def send_messages(self, email_messages):
        folder = Path(settings.EMAIL_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            path = folder / f"{uuid.uuid4().hex}.eml"
            path.write_bytes(message.message().as_bytes())
        return len(email_messages)


class Stored(email.message.EmailMessage):
    """The bytes of a letter as they were written down."""

    def as_bytes(self, unixfrom=False, policy=None, linesep=None):
        """Django's SMTP carrier names a line ending; ours is already the one of SMTP."""
        return super().as_bytes(unixfrom, policy)


class Written(EmailMultiAlternatives):
    """A stored letter as carriers expect one: SMTP asks for the whole message, services of others for its parts."""

    def __init__(self, row: OutgoingMail):
        self.raw = bytes(row.message)
        parsed: Any = email.message_from_bytes(self.raw, policy=email.policy.default)
        text, page = parsed.get_body(("plain",)), parsed.get_body(("html",))
        super().__init__(
            row.subject,
            text.get_content() if text else "",
            str(parsed["From"]),
            [address for _, address in getaddresses([row.recipients])],
            headers={name: str(value) for name, value in parsed.items() if name.lower() not in SAID_APART},
        )
        if page:
            self.attach_alternative(page.get_content(), "text/html")
        for part in parsed.iter_attachments():
            self.attach(part.get_filename(), part.get_content(), part.get_content_type())

    def message(self, **_options):
        return email.message_from_bytes(self.raw, _class=Stored, policy=email.policy.SMTP)


class Raw:
    """A stored letter as the SMTP carrier needs it: not read again, which would take longer than sending it."""

    encoding = None

    def __init__(self, row: OutgoingMail):
        self.raw = re.sub(rb"\r?\n", b"\r\n", bytes(row.message))
        head = BytesHeaderParser().parsebytes(self.raw, headersonly=True)
        # What comes back comes to an address signed for this letter, so that nobody can say in its name that it did.
        self.from_email = address_of("bounce", row.pk) or parseaddr(str(head["From"]))[1]
        self.addresses = [address for _, address in getaddresses([row.recipients])]

    def recipients(self) -> list[str]:
        return self.addresses

    def message(self) -> "Raw":
        return self

    def as_bytes(self, linesep: str = "") -> bytes:
        return self.raw


def open_carrier() -> Any:
    """A connection to the carrier, for as many letters as one likes; raises what the carrier raises."""
    carrier = get_connection(settings.EMAIL_CARRIER)
    carrier.open()
    return carrier


def carry(row: OutgoingMail, carrier: Any = None) -> None:
    """Hand one stored letter to the carrier; raises what the carrier raises."""
    carrier = carrier or get_connection(settings.EMAIL_CARRIER)
    carrier.send_messages([Raw(row) if isinstance(carrier, SMTPBackend) else Written(row)])
