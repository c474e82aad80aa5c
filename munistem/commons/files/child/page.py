"""A page of the web: what it says of itself, and its words. Nothing of it is run and nothing further fetched."""

import codecs
import json
import re
from html.parser import HTMLParser
from pathlib import Path

from .limits import MEGABYTE

LONGEST = 2 * MEGABYTE
MOST_LETTERS = 60_000
SILENT = {
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "nav",
    "header",
    "footer",
    "form",
    "button",
    "select",
}
BREAKS = {"p", "div", "li", "h1", "h2", "h3", "h4", "br", "tr", "section", "article", "title"}
NAMED = {
    "title": ("og:title", "twitter:title"),
    "site": ("og:site_name", "application-name"),
    "description": ("og:description", "twitter:description", "description"),
    "picture": ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"),
    "seconds": ("og:video:duration", "video:duration", "duration"),
}
LENGTH = re.compile(r"P(?:(\d{1,3})D)?T?(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,6})(?:\.\d+)?S)?", re.I)


class Reader(HTMLParser):
    """Gathers titles, named values, data for search engines, and what people read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.named: dict[str, str] = {}
        self.title: list[str] = []
        self.words: list[str] = []
        self.data: list[str] = []
        self.language = ""
        self.silent: list[str] = []
        self.inside = ""
        self.letters = 0

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag == "meta":
            for key in (given.get("property"), given.get("name"), given.get("itemprop")):
                if key and given.get("content"):
                    self.named.setdefault(key.strip().lower(), given["content"])
        elif tag == "link" and given.get("rel") == "image_src":
            self.named.setdefault("twitter:image", given.get("href", ""))
        elif tag == "script" and given.get("type", "").strip().lower() == "application/ld+json":
            self.inside = "data"
        elif tag == "title" and not self.title:
            self.inside = "title"
        if tag in SILENT and len(self.silent) < 200:
            self.silent.append(tag)
        elif tag in BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag):
        if tag in {"script", "title"}:
            self.inside = ""
        if tag in self.silent:
            del self.silent[len(self.silent) - 1 - self.silent[::-1].index(tag) :]
        elif tag in BREAKS:
            self.words.append("\n")

    def handle_data(self, data):
        if self.inside == "data" and len(self.data) < 20:
            self.data.append(data[: MEGABYTE // 4])
        elif self.inside == "title":
            self.title.append(data)
        elif not self.silent and self.letters < MOST_LETTERS:
            self.letters += len(data)
            self.words.append(data)


def read_page(path: Path, charset: str) -> dict:
    """Title, site, description, address of a picture, language, seconds (0 unknown) and text of a page."""
    with path.open("rb") as file:
        raw = file.read(LONGEST)
    reader = Reader()
    reader.feed(decoded(raw, charset))
    reader.close()
    said = {key: first(reader.named, names) for key, names in NAMED.items()}
    from .texts import tidy

    return {
        "title": tidy_line(said["title"] or "".join(reader.title)),
        "site": tidy_line(said["site"]),
        "description": tidy_line(said["description"]),
        "picture": said["picture"].strip()[:2_000],
        "language": tidy_line(reader.language)[:10],
        "seconds": seconds_of(said["seconds"]) or seconds_in(reader.data),
        "text": tidy("".join(reader.words))[:MOST_LETTERS],
    }


def first(named: dict[str, str], names: tuple[str, ...]) -> str:
    return next((named[name] for name in names if named.get(name, "").strip()), "")


def tidy_line(text: str) -> str:
    return (
        " ".join("".join(char if char >= " " else " " for char in text[:4_000]).split())
        .encode("utf-8", "ignore")
        .decode()
    )


def decoded(raw: bytes, charset: str) -> str:
    """By its mark, by what the server said, by what the page says, else as UTF-8."""
    if raw.startswith(codecs.BOM_UTF8):
        return raw.decode("utf-8-sig", "replace")
    found = re.search(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_-]{2,30})""", raw[:4_096], re.I)
    for name in (charset, found[1].decode() if found else "", "utf-8"):
        try:
            if name and codecs.lookup(name)._is_text_encoding:
                return raw.decode(name, "replace")
        except (LookupError, ValueError):
            continue
    return raw.decode("utf-8", "replace")


def seconds_of(text: str) -> int:
    """``253`` or ``PT4M13S`` in seconds; 0 when it says nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    found = LENGTH.fullmatch(text)
    if not found or not any(found.groups()):
        return 0
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def seconds_in(data: list[str]) -> int:
    """The length of a film in what is written for search engines."""
    for text in data:
        try:
            waiting = [json.loads(text)]
        except (ValueError, RecursionError):
            continue
        for _ in range(500):
            if not waiting:
                break
            one = waiting.pop()
            if isinstance(one, list):
                waiting.extend(one[:100])
            elif isinstance(one, dict):
                if isinstance(one.get("duration"), str) and (found := seconds_of(one["duration"])):
                    return found
                waiting.extend(list(one.values())[:100])
    return 0
