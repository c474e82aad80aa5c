"""A file as its pages one under another: what the page for reading shows; the view of its holder decides who may see it."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from munistem.commons.files.drawing import MOST_PAGES_DRAWN, last_drawn
from munistem.commons.files.models import DRAWN, FileKind, FilePage, FileState, Hint, StoredFile
from munistem.commons.search.passages import Asked

#: Kinds that are read page by page; the others are shown or saved as they are.
READABLE = frozenset({FileKind.PDF, FileKind.WORD, FileKind.SHEET, FileKind.SLIDES, FileKind.TEXT})
SHEETS_AT_ONCE = 20
LONGEST_QUESTION = 100
MOST_HITS = 50
#: Looking through a very long file ends after this time; the page says how far it came.
SECONDS = 1.5


def is_readable(kind: str) -> bool:
    """Whether files of this kind have a page for reading."""
    return kind in READABLE


def called(kind: str, number: int) -> str:
    """A page by its name: "Page 7", "Slide 7", "Sheet 7"."""
    if kind == FileKind.SLIDES:
        return pgettext("of a file", "Slide %(number)s") % {"number": number}
    if kind == FileKind.SHEET:
        return pgettext("of a file", "Sheet %(number)s") % {"number": number}
    return pgettext("of a file", "Page %(number)s") % {"number": number}


def asked_number(request: HttpRequest, name: str, most: int) -> int | None:
    """The page that the address asks for, one that is there; None when it asks for none."""
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        return None
    return max(1, min(int(text), most))


def asked_place(request: HttpRequest, stored: StoredFile) -> str:
    """Where the form for a page leads (``?go=7`` → that page in view), or ""."""
    number = asked_number(request, "go", page_count(stored))
    return f"{request.path}?page={number}#page-{number}" if number else ""


def page_count(stored: StoredFile) -> int:
    """How many pages there are to be shown."""
    return max(stored.pages or 0, len(stored.page_texts), 1)


def show_pages(
    request: HttpRequest,
    stored: StoredFile,
    *,
    title: str,
    crumbs: list[tuple[str, str]],
    file_url: str,
    picture_url: Callable[[int], str],
) -> HttpResponse:
    """The pages of a file one under another, for whom its room lets read it; what has no pages is shown as it is.

    file_url: of the file itself; picture_url: of the picture of a page.
    """
    if not is_readable(stored.kind):
        return redirect(file_url)
    if place := asked_place(request, stored):
        return redirect(place)
    context = page_of_reading(request, stored, file_url=file_url, picture_url=picture_url)
    return render(request, "files/read.html", context | {"title": title, "crumbs": crumbs})


def page_of_reading(
    request: HttpRequest, stored: StoredFile, *, file_url: str, picture_url: Callable[[int], str]
) -> dict[str, Any]:
    """Context of ``files/read.html``: the pages around ``?page=``.

    file_url: where the file itself is; picture_url: where the picture of a page is.
    """
    total = page_count(stored)
    here = asked_number(request, "page", total) or 1
    first = (here - 1) // SHEETS_AT_ONCE * SHEETS_AT_ONCE + 1
    last = min(first + SHEETS_AT_ONCE - 1, total)
    drawn = {page.number: page for page in stored.drawn_pages.filter(number__range=(first, last))}
    texts, question = stored.page_texts, " ".join(request.GET.get("q", "").split())[:LONGEST_QUESTION]
    asked = Asked(question) if question else None
    sheets = [
        sheet_of(stored, number, drawn.get(number), texts[number - 1 : number], file_url, picture_url)
        for number in range(first, last + 1)
    ]
    for sheet in sheets if asked and asked.query else ():
        sheet["words"], sheet["is_hit"] = asked.marked(sheet["text"]), bool(asked.found(sheet["text"]))
    return {
        "stored": stored,
        "question": question,
        **(found_in(stored, texts, asked) if asked and asked.query else {"hits": None, "looked": 0}),
        "file_url": file_url,
        "sheets": sheets,
        "here": here,
        "total": total,
        "first": first,
        "last": last,
        "before": first - 1 if first > 1 else None,
        "after": last + 1 if last < total else None,
        "is_waiting": stored.state == FileState.WAITING,
        "is_drawing": is_drawing(stored) and any(sheet["is_to_be_drawn"] for sheet in sheets),
        "is_sketch": any(sheet["is_sketch"] for sheet in sheets),
        "is_empty": not any(sheet["picture_url"] or sheet["text"] for sheet in sheets),
    }


def found_in(stored: StoredFile, texts: list[str], asked: Asked) -> dict[str, Any]:
    """Pages that hold what was asked for, each with its best passage; ``looked``: so many pages were looked through."""
    hits: list[dict[str, Any]] = []
    end, looked = monotonic() + SECONDS, 0
    for number, text in enumerate(texts, 1):
        if len(hits) >= MOST_HITS or monotonic() > end:
            break
        looked = number
        if passage := asked.best([(str(number), text)]):
            hits.append({"number": number, "name": called(stored.kind, number), "passage": passage.html})
    return {"hits": hits, "looked": looked if looked < len(texts) else 0}


def is_drawing(stored: StoredFile) -> bool:
    """Whether pictures of its pages are still being made."""
    return stored.kind in DRAWN and stored.state == FileState.READY and stored.drawn_at is None


def sheet_of(
    stored: StoredFile,
    number: int,
    drawn: FilePage | None,
    text: list[str],
    file_url: str,
    picture_url: Callable[[int], str],
) -> dict[str, Any]:
    """One page; while it is not drawn, the first one shows the small picture that every file gets."""
    has_picture = drawn is not None and bool(drawn.picture)
    sheet = {
        "number": number,
        "name": called(stored.kind, number),
        "picture_url": picture_url(number) if has_picture else "",
        "width": drawn.width if drawn else 0,
        "height": drawn.height if drawn else 0,
        "text": text[0] if text else "",
        "words": text[0] if text else "",
        "is_hit": False,
        "is_sketch": has_picture and stored.kind != FileKind.PDF,
        "is_to_be_drawn": drawn is None and number <= last_drawn(stored),
        "is_beyond": stored.kind == FileKind.PDF and number > MOST_PAGES_DRAWN,
    }
    if number == 1 and not has_picture and stored.preview:
        sheet |= {"picture_url": f"{file_url}preview/", "width": 3, "height": 4}
    return sheet


def advice(hint: str) -> str:
    """What an author can do about a hint."""
    return {
        Hint.NO_TEXT: _(
            "Save it as PDF from the program in which it was written, or run text recognition over it."
        ),
        Hint.NO_TAGS: _(
            "When saving as PDF from Word, choose the option for accessibility (structure tags)."
        ),
        Hint.NO_LANGUAGE: _("Set the language of the document before saving it as PDF."),
        Hint.NO_TITLE: _("Write a title into the properties of the document."),
        Hint.NO_HEADINGS: _(
            "Give headings a style of headings (Heading 1, Heading 2) instead of bold letters."
        ),
        Hint.NO_ALT: _("Choose each picture and write its alternative text, or mark it as decoration."),
    }.get(Hint(hint), "")
