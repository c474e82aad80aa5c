import email
import email.message
import email.policy
import uuid
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction

from munistem.commons.mail.models import OutgoingMail

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
            for message in email_messages:
                row = OutgoingMail.objects.create(
                    recipients=", ".join(message.recipients()),
                    subject=message.subject,
                    message=message.message().as_bytes(),
                )
                tasks.hand_over.defer(mail=row.pk)


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


def carry(row: OutgoingMail) -> None:
    """Hand one stored letter to the carrier; raises what the carrier raises."""
    get_connection(settings.EMAIL_CARRIER).send_messages([Written(row)])
