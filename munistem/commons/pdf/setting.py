"""Setting a document: what it says goes as JSON to a process of its own and comes back as PDF; made once, kept a while."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from threading import get_ident
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language_info

from munistem.commons.pdf.child import CHARTS, SOURCES
from munistem.commons.pdf.glyphs import FONTS, all_drawable
from munistem.commons.pdf.tree import of_text, ranked, without_empty

CHILD = Path(__file__).with_name("child.py")
SECONDS = 20
KEPT_DAYS = 30
NAME = re.compile(r"[a-z0-9-]+")
REGIONS = {"he": "il", "ar": "il", "en": "gb"}


class Failed(Exception):
    """A document could not be set."""


def page(*, language: str, title: str, url: str, body: dict[str, Any], **told: Any) -> dict[str, Any]:
    """What a document says.

    language: of the document; url: where it stands, printed below each page; body: a tree; also ``author`` (names),
    ``keywords``, ``kind`` (a line above the title), ``summary``, ``stages`` (``{"is_on"}`` each), ``facts`` (pairs of
    label and value), ``sections`` (see ``section``), ``form`` ("brief": read at a glance, in small type under a head of its
    own, ``scale`` times the usual) and ``mark`` (a word across every page).
    """
    facts: Iterable[tuple[str, str]] = told.pop("facts", ())
    return {
        "lang": language,
        "region": REGIONS.get(language, "il"),
        "dir": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "title": title,
        "short": title if len(title) <= 60 else f"{title[:59]}…",
        "url": url,
        "body": body,
        "author": [],
        "keywords": [],
        "kind": "",
        "summary": "",
        "stages": [],
        "facts": [{"label": f"{label}:", "value": value} for label, value in facts if value],
        "sections": [],
        "form": "",
        "scale": 1,
        "mark": "",
        **told,
    }


def section(title: str, body: dict[str, Any] | str) -> dict[str, Any]:
    """A headed part after the body; body: a tree, or plain text."""
    return {"title": title, "body": of_text(body) if isinstance(body, str) else body}


def document(told: dict[str, Any], *, of: str = "") -> bytes:
    """The PDF of what ``page`` made; the same words are set once. Raises Failed.

    of: of which thing it is, by letters, digits and hyphens, so that ``forget`` finds it.
    """
    raw = as_json(complete(all_drawable(told)))
    source = SOURCES["page"].read_bytes() + CHARTS.read_bytes()
    kept = shelf() / f"{of}_{hashlib.sha256(source + raw).hexdigest()}.pdf"
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        pass
    try:
        made = set_by_child(raw)
    except Failed as error:
        if "could not be displayed" not in str(error):
            raise
        made = set_by_child(as_json(complete(all_drawable(told, is_strict=True))))
    part = kept.with_suffix(f".{os.getpid()}.{get_ident()}.part")
    part.write_bytes(made)
    part.replace(kept)
    return made


def complete(told: dict[str, Any]) -> dict[str, Any]:
    """With a title, and without headings of which no letter could be drawn: tagged documents know no empty ones."""
    title = told["title"] if told["title"].strip() else told["url"]
    return told | {
        "title": title,
        "short": told["short"] if told["short"].strip() else title,
        "body": ranked(without_empty(told["body"])),
        "sections": [
            {"title": part["title"] if part["title"].strip() else "…", "body": without_empty(part["body"])}
            for part in told["sections"]
        ],
    }


def sheets(told: list[dict[str, Any]]) -> bytes:
    """A PDF of pages that are only looked at, one for each of ``{form, dir, lang, ratio, blocks}`` (see files/sketching).

    Raises Failed.
    """
    try:
        return set_by_child(as_json({"sheets": all_drawable(told)}), "sheets")
    except Failed as error:
        if "could not be displayed" not in str(error):
            raise
        return set_by_child(as_json({"sheets": all_drawable(told, is_strict=True)}), "sheets")


def as_json(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def set_by_child(raw: bytes, source: str = "page") -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-I", CHILD, FONTS, source],
            input=raw,
            capture_output=True,
            timeout=SECONDS,
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed("out of time") from error
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise Failed(done.stderr.decode(errors="replace")[-2_000:])
    return done.stdout


def shelf() -> Path:
    """Where documents are kept; what is lost is made again."""
    folder = Path(settings.MEDIA_ROOT) / ".papers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def forget(of: str) -> int:
    """Delete the documents that were made of a thing: what they say is not to be read any more; returns how many."""
    gone = list(shelf().glob(f"{of}_*")) if NAME.fullmatch(of) else []
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def sweep_papers(days: int = KEPT_DAYS) -> int:
    """Delete documents that were made long ago; returns how many."""
    old = timezone.now().timestamp() - days * 86_400
    gone = [path for path in shelf().iterdir() if path.is_file() and path.stat().st_mtime < old]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
