"""Every mail of the portal has this one shape; the words are the rooms', in their emails.py."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.encoders import encode_base64
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

import mrml
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from munistem.commons.text.names import harmless


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a letter; mimetype with its parameters, e.g. ``text/calendar; method=REQUEST``."""

    name: str
    content: bytes
    mimetype: str


@dataclass(frozen=True)
class Section:
    """A part of a digest. rows: (text, address, where to answer by mail or ""); more: (text, address)."""

    title: str
    rows: Sequence[tuple[str, str, str]]
    more: tuple[str, str] | None = None


@dataclass(frozen=True)
class Letter:
    """What a mail says, in the reader's language.

    lines: paragraphs of plain text; sections: of a digest; action: (label, address) of the one button; code: the one
    line that is to be typed, shown large; quote: what a person wrote, shown apart; reason: why it was sent; unsubscribe:
    one-click address; stops: (label, address) of all ways to get fewer mails; attachments: files that go with it;
    reply_to: where an answer goes, if not to the portal's own address; sender: name of the person from whom it comes,
    their address stays ours; headers: more of them; key: a letter with the same one is queued once; reply_line: the first
    line, above which an answer by mail is written; reply_hint: how to answer, at its foot.
    """

    subject: str
    lines: Sequence[str]
    rows: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()
    action: tuple[str, str] | None = None
    code: str = ""
    quote: str = ""
    reason: str = ""
    unsubscribe: str = ""
    stops: Sequence[tuple[str, str]] = ()
    attachments: Sequence[Enclosure] = ()
    reply_to: str = ""
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    reply_line: str = ""
    reply_hint: str = ""


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
    headers = {
        "Content-Language": language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",  # Exchange asks for its own sign not to say that somebody is away
        "Message-ID": number(uuid.uuid4().hex),
        **letter.headers,
    }
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    subject = " ".join(letter.subject.split())[:200]
    message = EmailMultiAlternatives(subject, text, sender_of(letter, language), to=[to], headers=headers)
    message.key = letter.key  # type: ignore[attr-defined]
    message.reply_to = [letter.reply_to] if letter.reply_to else []
    message.attach_alternative(getattr(html, "content", html), "text/html")
    for enclosure in letter.attachments:
        if enclosure.mimetype.startswith("text/calendar"):  # Outlook and Gmail offer an answer for this one
            message.attach_alternative(
                enclosure.content.decode(), enclosure.mimetype.partition("; charset")[0]
            )
        message.attach(enclosed(enclosure))
    return message


def number(name: str) -> str:
    """A Message-ID or the like under the portal's own name."""
    return f"<{name}@{urlsplit(settings.BASE_URL).hostname}>"


def sender_of(letter: Letter, language: str) -> str:
    """From whom a letter comes: a person's name with the portal's address, or the portal itself."""
    if not letter.sender:
        return settings.DEFAULT_FROM_EMAIL
    with translation.override(language):
        name = _("%(name)s via muni:STEM") % {"name": harmless(letter.sender)}
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def enclosed(enclosure: Enclosure) -> MIMEBase:
    """The part of a message that carries a file, with all parameters of its type: calendars are told by theirs."""
    head = EmailMessage()
    head["Content-Type"] = enclosure.mimetype
    part = MIMEBase(head.get_content_maintype(), head.get_content_subtype())
    for name, value in head["Content-Type"].params.items():
        part.set_param(name, value)
    part.set_payload(enclosure.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=enclosure.name)
    return part


def post(letter: Letter, *, to: str, language: str) -> None:
    """Queue a letter in the running transaction; the worker hands it over after the commit.

    One that must not be queued twice carries its own ``key``.
    """
    compose(letter, to=to, language=language).send()
