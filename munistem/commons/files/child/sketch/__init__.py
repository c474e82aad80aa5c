"""What the pages of office files say, as blocks in their order, for a picture that is drawn from their words.

A sheet is ``{"number", "form", "dir", "blocks"}`` (slides also ``ratio``), a block ``{"t"}`` of title, h2, h3, p, li,
picture (with ``text``; li also ``mark`` and ``level``), table (with ``rows``) or grid (``rows``, ``columns``, ``numbers``).
"""

from pathlib import Path

from ..archives import opened_zip
from ..office import open_document_texts
from ..texts import tidy
from .slides import slides
from .tables import grids
from .words import first_page

MOST_LINES = 60


def sketch(path: Path, extension: str, first: int, last: int) -> dict:
    """The sheets from first to last (from 1) of an office file that was examined."""
    if extension not in SKETCHERS:
        return {"sheets": by_line(path, extension, first, last)}
    with opened_zip(path) as archive:
        return {"sheets": SKETCHERS[extension](archive, first, last)}


SKETCHERS = {"docx": first_page, "pptx": slides, "xlsx": grids}


def by_line(path: Path, extension: str, first: int, last: int) -> list[dict]:
    """Open documents, of which nothing but the words is known: line by line."""
    with opened_zip(path) as archive:
        texts, _is_text = open_document_texts(archive)
    form = "slide" if extension == "odp" else "page"
    sheets = []
    for number, text in enumerate(texts[first - 1 : last], first):
        lines = [line for line in tidy(text[:20_000]).split("\n") if line][:MOST_LINES]
        blocks = [{"t": "p", "text": line[:1_000]} for line in lines]
        if blocks and form == "slide":
            blocks[0]["t"] = "title"
        sheets.append({"number": number, "form": form, "dir": "", "ratio": 0.5625, "blocks": blocks})
    return sheets
