"""What files of items say, page by page, for results that are found by their files."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models.functions import Left
from django.urls import reverse

from knowledge.models import Item, RevisionFile
from munistem.commons.files.models import PAGE_END
from munistem.commons.files.reading import called, is_readable
from munistem.commons.search.passages import Asked, Passage

MOST_READ_OF_FILE = 400_000
MOST_PAGES = 8  # of an item that are read word by word
#: Letters that are written in several ways, as the analyser compares them.
ALIKE = {"א": "אא", "ا": "اأإآٱ", "ي": "يى", "ه": "هة", "כ": "כך", "מ": "מם", "נ": "נן", "פ": "פף", "צ": "צץ"}


@dataclass(frozen=True)
class FilePlace:
    """Where in a file it is said."""

    passage: Passage
    name: str
    url: str
    page: str  # "Page 7", "Slide 7"; empty for a file of one page


def best_in_files(items: Sequence[Item], asked: Asked) -> dict[int, FilePlace]:
    """For each item whose files say what is asked for: the page that says most. One query, which tells each item the
    ``file_names`` of all of its files, too.
    """
    if not items or not asked.worth:
        return {}
    rows = RevisionFile.objects.filter(revision__published_for__in=items).order_by("position", "pk")
    said = Left("file__text", MOST_READ_OF_FILE)
    files: dict[int, list[Any]] = {}
    names: dict[int, list[tuple[str, ...]]] = {}
    told = ("file__name", "file__key", "file__kind", said, "title", "alt")
    for pk, *file, title, alt in rows.values_list("revision__item", *told):
        files.setdefault(pk, []).append(file)
        names.setdefault(pk, []).append((title or file[0], file[0], alt))
    for item in items:
        item.file_names = names.get(item.pk, [])
    rough = [roughly(group.terms) for group in asked.query.groups]
    found = {item.pk: best_page(item, files.get(item.pk, ()), asked, rough) for item in items}
    return {pk: place for pk, place in found.items() if place}


def roughly(terms: Iterable[str]) -> re.Pattern:
    """What a page with any form of a word surely holds: the beginnings of its readings, without regard to endings."""
    beginnings = {term.lstrip("~")[: max(3, len(term) - 2)] for term in terms}
    patterns = (
        "".join(f"[{ALIKE.get(letter, re.escape(letter))}]" for letter in part) for part in beginnings
    )
    return re.compile("|".join(patterns), re.IGNORECASE)


def best_page(
    item: Item, files: Iterable[Sequence[Any]], asked: Asked, rough: Sequence[re.Pattern]
) -> FilePlace | None:
    pages = [
        (sum(bool(pattern.search(text)) for pattern in rough), name, key, kind, number, text)
        for name, key, kind, whole in files
        for number, text in enumerate(whole.split(PAGE_END), 1)
    ]
    likely = sorted((page for page in pages if page[0]), key=lambda page: -page[0])[:MOST_PAGES]
    passage = asked.best((str(place), page[-1]) for place, page in enumerate(likely))
    if passage is None:
        return None
    _words, name, key, kind, number, _text = likely[int(passage.label)]
    is_single = sum(page[2] == key for page in pages) == 1
    page = "" if is_single else called(kind, number)
    url = place_of(item.slug, key, kind, number, asked.query.text)
    return FilePlace(passage, name, url, page)


def place_of(slug: str, key: Any, kind: str, number: int, query: str) -> str:
    """The page of the reader that shows it, its words marked, where files of this kind are read there."""
    if not is_readable(kind):
        return reverse("serve_item_file", args=[slug, key])
    told = urlencode({"page": number, "q": query})
    return f"{reverse('read_item_file', args=[slug, key])}?{told}#page-{number}"
