"""What a page says of itself – title, site, picture, length of a film – as the worker finds it."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from munistem.commons.files import extraction
from munistem.commons.files.uploads import MEGABYTE, incoming
from munistem.commons.links.net import Guard, Refused, Unreached, fetch
from munistem.commons.text.names import harmless, harmless_text

MOST_OF_PAGE = 2 * MEGABYTE
MOST_OF_PICTURE = 6 * MEGABYTE
PAGES = ("text/html", "application/xhtml+xml")
WIDTH = 640
SECONDS = 8  # for reading a page in the child
LONGEST_TITLE, LONGEST_SITE, LONGEST_WORDS, LONGEST_TEXT = 200, 80, 500, 40_000
LONGEST_FILM = 24 * 3_600


@dataclass(frozen=True)
class Sight:
    """What was found at an address. picture: path of a WebP drawn anew, "" for none; seconds: of a film, if it is said."""

    title: str
    site: str
    description: str
    language: str
    text: str
    seconds: int | None
    picture: str


@contextmanager
def look_at(url: str, *, guard: Guard | None = None) -> Iterator[Sight]:
    """Look at a page; the picture is there until the block ends. Raises Refused, Unreached."""
    with on_the_side(".page") as page, on_the_side(".webp") as picture:
        with page.open("wb") as target:
            answer = fetch(url, target, kinds=PAGES, most=MOST_OF_PAGE, cuts=True, guard=guard)
        try:
            said = extraction.ask("page", page, answer.charset or "-", seconds=SECONDS)
        except extraction.Refused as error:
            raise Unreached("the page could not be read") from error
        has_picture = bool(said["picture"]) and take_picture(
            joined(answer.url, said["picture"]), picture, guard=guard
        )
        yield sight_of(said, answer.url, str(picture) if has_picture else "")


def joined(page: str, address: str) -> str:
    """An address as a page says it, whole; "" for what is none."""
    try:
        return urljoin(page, address)
    except ValueError:
        return ""


def sight_of(said: dict[str, Any], url: str, picture: str) -> Sight:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    language = re.split("[-_]", said["language"].strip().lower())[0]
    seconds = said["seconds"] if 0 < said["seconds"] <= LONGEST_FILM else None
    return Sight(
        title=harmless(said["title"])[:LONGEST_TITLE],
        site=harmless(said["site"])[:LONGEST_SITE] or host,
        description=harmless(said["description"])[:LONGEST_WORDS],
        language=language if re.fullmatch(r"[a-z]{2,3}", language) else "",
        text=harmless_text(said["text"][:LONGEST_TEXT]),
        seconds=seconds,
        picture=picture,
    )


def take_picture(url: str, target: Path, *, guard: Guard | None) -> bool:
    """Fetch a picture as carefully as the page, and draw it anew; whether there is one now."""
    with on_the_side(".picture") as raw:
        try:
            with raw.open("wb") as file:
                fetch(url, file, kinds=("image/",), most=MOST_OF_PICTURE, guard=guard)
            extraction.ask("redraw", raw, str(WIDTH), target)
        except (Refused, Unreached, extraction.Refused):
            return False
    return True


@contextmanager
def on_the_side(suffix: str) -> Iterator[Path]:
    """A file of our own for as long as needed."""
    descriptor, name = tempfile.mkstemp(dir=incoming(), suffix=suffix)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
