import email
import email.policy
import uuid
from email.utils import getaddresses
from pathlib import Path

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from munistem.commons.mail.models import OutgoingMail


class QueueBackend(BaseEmailBackend):
    """Writes letters down in the transaction of the deed; the worker hands them to EMAIL_CARRIER."""

    def send_messages(self, email_messages):
        from munistem.commons.mail import tasks

        with transaction.atomic():
            for message in email_messages:
                row = OutgoingMail.objects.create(
                    recipients=", ".join(message.recipients()),
                    subject=message.subject,
                    message=message.message().as_bytes(),
                )
                tasks.hand_over.defer(mail=row.pk)
        return len(email_messages)


class FolderBackend(BaseEmailBackend):
    """The carrier of a trial: one .eml file a letter in EMAIL_FOLDER, read at /dev/mail/."""

    def send_messages(self, email_messages):
        folder = Path(settings.EMAIL_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            path = folder / f"{uuid.uuid4().hex}.eml"
            path.write_bytes(message.message().as_bytes())
        return len(email_messages)


class Written:
    """A stored letter as the carriers expect one."""

    def __init__(self, row: OutgoingMail):
        self.raw = bytes(row.message)
        parsed = email.message_from_bytes(self.raw, policy=email.policy.default)
        self.subject, self.from_email = row.subject, settings.DEFAULT_FROM_EMAIL
        self.to = [address for _, address in getaddresses([row.recipients])]
        self.encoding, self.parsed = "utf-8", parsed

    def recipients(self):
        return self.to

    def message(self, **_options):
        return email.message_from_bytes(self.raw, policy=email.policy.SMTP)


def carry(row: OutgoingMail) -> None:
    """Hand one stored letter to the carrier; raises what the carrier raises."""
    get_connection(settings.EMAIL_CARRIER).send_messages([Written(row)])
