"""Answering letters of the trial, so that mail as a door can be tried without a mail server."""

from collections.abc import Iterable
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from html import escape
from typing import Any

from django.utils import timezone

from munistem.commons.mail.receiving import receive

DOMAIN = "trial.munistem.example"


def answer_letter(letter: Any, *, text: str, files: Iterable[Any] = ()) -> bool:
    """Send an answer to a letter as a mail program would, its text quoted below; whether it was kept.

    letter: with ``reply_to``, ``to``, ``subject`` and ``text``.
    """
    now = timezone.localtime()
    said = f"On {now:%d %b %Y at %H:%M}, muni:STEM <portal@{DOMAIN}> wrote:"
    old = letter.text.splitlines()
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = letter.to, letter.reply_to
    message["Subject"] = letter.subject if letter.subject.startswith("Re:") else f"Re: {letter.subject}"
    message["Message-ID"], message["Date"] = make_msgid(domain=DOMAIN), format_datetime(now)
    message.set_content("\n".join((text, "", said, "", *(f"> {line}" for line in old))))
    page = f"<div>{as_html(text)}</div><div class='gmail_quote'><div>{escape(said)}</div>{as_html(letter.text)}</div>"
    message.add_alternative(page, subtype="html")
    for file in files:
        file.seek(0)
        message.add_attachment(
            file.read(), maintype="application", subtype="octet-stream", filename=file.name
        )
    return receive(message.as_bytes(), letter.reply_to, envelope_sender=letter.to)


def as_html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
