"""The letters of a trial, read in the browser; a real portal answers 404 here."""

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from munistem.front.forms import AnswerForm
from munistem.front.rules import can_read_trial_letters

MOST = 200
#: Nothing of a letter runs; its links open in the whole window when the reader follows them.
SANDBOX = (
    "sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data: 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Received:
    """A letter as the folder has it."""

    key: UUID
    subject: str
    to: str
    at: datetime
    language: str
    text: str
    html: str
    reply_to: str


@require_safe
def list_letters(request: HttpRequest) -> HttpResponse:
    """The latest letters, newest first."""
    letters = [read(path) for path in newest()]
    return render(request, "front/letters.html", {"letters": letters, "most": MOST})


@csp_update({"frame-src": [SELF]})
@require_safe
def show_letter(request: HttpRequest, key: UUID) -> HttpResponse:
    letter = letter_of(key)
    form = AnswerForm() if letter.reply_to else None
    return render(request, "front/letter.html", {"letter": letter, "form": form})


@require_safe
def show_letter_body(request: HttpRequest, key: UUID) -> HttpResponse:
    """The letter as its reader's mail program would show it, in a sandbox of its own."""
    letter = letter_of(key)
    html = letter.html.replace("<head>", '<head><base target="_top">', 1)
    response = HttpResponse(html)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def folder() -> Path:
    if not can_read_trial_letters():
        raise Http404
    return Path(settings.EMAIL_FOLDER)


def newest() -> list[Path]:
    paths = [(path.stat().st_mtime_ns, path) for path in folder().glob("*.eml")]
    return [path for _, path in sorted(paths, reverse=True)[:MOST]]


def letter_of(key: UUID) -> Received:
    path = folder() / f"{key.hex}.eml"
    if not path.is_file():
        raise Http404
    return read(path)


def read(path: Path) -> Received:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Received(
        key=UUID(path.stem),
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        language=str(message["Content-Language"] or get_language()),
        text=part(message, "plain"),
        html=part(message, "html"),
        reply_to=str(message["Reply-To"] or ""),
    )


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    return found.get_content() if found else ""
