"""Every mail of the portal has this one shape; the words are the rooms', in their emails.py."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import mrml
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


@dataclass(frozen=True)
class Letter:
    """What a mail says, in the reader's language.

    lines: paragraphs of plain text; rows: (text, address) links of a digest; action: (label, address) of the one
    button; quote: what a person wrote, shown apart; reason: why it was sent; unsubscribe: one-click address.
    """

    subject: str
    lines: Sequence[str]
    rows: Sequence[tuple[str, str]] = ()
    action: tuple[str, str] | None = None
    quote: str = ""
    reason: str = ""
    unsubscribe: str = ""


def compose(letter: Letter, *, to: str, language: str) -> EmailMultiAlternatives:
    """Make the message: plain text beside HTML, in the direction of its language."""
    with translation.override(language):
        context = {
            "letter": letter,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        text = render_to_string("email/letter.txt", context)
        html = mrml.to_html(render_to_string("email/letter.mjml", context))
    # Of our own making: Django would ask the network for this machine's name and tell it to everybody.
    number = f"<{uuid.uuid4().hex}@{urlsplit(settings.BASE_URL).hostname}>"
    headers = {"Content-Language": language, "Auto-Submitted": "auto-generated", "Message-ID": number}
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    subject = " ".join(letter.subject.split())[:200]
    message = EmailMultiAlternatives(subject, text, to=[to], headers=headers)
    message.attach_alternative(getattr(html, "content", html), "text/html")
    return message


def post(letter: Letter, *, to: str, language: str) -> None:
    """Queue a letter in the running transaction; the worker hands it over after the commit."""
    compose(letter, to=to, language=language).send()
