"""What one row of the table says: a revision's content, and what is wrong with it in words for its owner.

Messages are kept as their English source with their values, so that each reader reads them in their own language.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from knowledge.actions.bulk.kinds import read_details
from knowledge.actions.bulk.row import Row
from knowledge.actions.bulk.table import HEADS, WORDS, compared, words_of
from knowledge.actions.duplicates import Sought, both, find_near_each, marks_of
from knowledge.actions.tags import vocabulary
from knowledge.actions.words import LONGEST_SUMMARY, LONGEST_TITLE, links_in, tags_in
from knowledge.actions.write import MOST_FILES
from knowledge.enums import ItemKind, Licence
from knowledge.models import BulkImport, BulkRow, Item
from members.models import LocalAuthority
from munistem.commons.enums import Visibility
from munistem.commons.files.rules import FORMATS, extension_of
from munistem.commons.files.uploads import MEGABYTE, most_bytes
from munistem.commons.search.analyser import normalised
from munistem.commons.tables.rows import ERROR, WARNING, day_of
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.forms import NameField, ProseField, RichTextField
from munistem.commons.text.html import plain
from munistem.commons.text.names import harmless

SEVERAL = re.compile(r"[,،;\n|]")
LONGEST_IDENTIFIER = 100


class Known:
    """What cells may name: the vocabulary, municipalities, communities, files. Read once for all rows."""

    def __init__(self, bulk: BulkImport, by: Any):
        self.bulk, self.by = bulk, by
        self.words = {column: words_of(column) for column in WORDS}
        self.terms: dict[str, Term] = vocabulary()
        self.authorities = authorities()
        joined = Community.objects.joined_by(by).current().defer("search_vector", "search_title")
        self.communities = {normalised(row.name): row for row in joined}
        self.communities |= {normalised(row.slug): row for row in joined}
        self.today = timezone.localdate()

    def titles_among(self, titles: Iterable[str]) -> dict[str, Item]:
        """Published items of these titles that the person may see, by the title as it is compared."""
        wanted = {title for title in map(normalised, titles) if title}
        rows = Item.objects.visible_to(self.by).published().filter(search_title__in=wanted)
        return {row.search_title: row for row in rows.only("slug", "search_title")}


def authorities() -> dict[str, LocalAuthority]:
    """Municipalities by each of their names and by their number in the register."""
    found: dict[str, LocalAuthority] = {}
    for place in LocalAuthority.objects.defer("search_vector", "search_title"):
        for name in (place.name_he, place.name_ar, place.name_en, str(place.pk)):
            if name:
                found.setdefault(normalised(name), place)
    return found


def judge(rows: list[BulkRow], known: Known) -> None:
    """Say of each row of one import what is wrong with it, and whether an earlier import took it in; unsaved."""
    others = known.bulk.rows.exclude(pk__in=[row.pk for row in rows if row.pk])
    seen = {row.identifier: row.number for row in others.only("identifier", "number")}
    earlier = BulkRow.objects.taken().filter(
        organisation=known.bulk.organisation, identifier__in=[row.identifier for row in rows]
    )
    items = dict(earlier.exclude(bulk=known.bulk).values_list("identifier", "item"))
    standing = known.titles_among(row.told.get("title", "") for row in rows)
    rows = sorted(rows, key=lambda row: row.number)
    read = [read_row(row.told, known) for row in rows]
    alike = find_near_each(known.by, [sought_of(found, known.bulk) for found in read])
    for row, found, near in zip(rows, read, alike, strict=True):
        if row.identifier in seen:
            found.note(
                "identifier", _("Row %(number)d has the same identifier."), number=seen[row.identifier]
            )
        seen.setdefault(row.identifier, row.number)
        row.known_id = items.get(row.identifier)
        twin = standing.get(normalised(row.told.get("title", "")))
        if twin and twin.pk != row.known_id:
            found.note(
                "title", _("An item of this title stands in the library already."), WARNING, slug=twin.slug
            )
        for one in near:
            if one.item.pk not in (row.known_id, twin and twin.pk):
                found.note(*NEAR[one.reason], WARNING, slug=one.item.slug)
        row.problems = [asdict(problem) for problem in found.problems]
        row.error_count, row.warning_count = found.count(ERROR), found.count(WARNING)


#: Reason why an item is near → the column of which it is said, and what is said.
NEAR = {
    "file": ("files", _("The same file stands in the library already.")),
    "text": ("body", _("An item that says nearly the same stands in the library already.")),
    "title": ("title", _("An item with a title much like this one stands in the library already.")),
}


def sought_of(row: Row, bulk: BulkImport) -> Sought:
    """By what a row is compared with what stands: its files, all that it says, its title."""
    prints = [bulk.prints.get(name, {}) for name in row.files]
    texts = [marks_of(plain(row.content.get("body", ""))), *(one.get("marks", ()) for one in prints)]
    return Sought([one["sha256"] for one in prints if one], both(*texts), row.content.get("title", ""))


def names_in(rows: Iterable[BulkRow], entries: dict[str, Any]) -> set[str]:
    """The names within the archive of the files that rows name."""
    named = (name for row in rows for name in files_in(row.told.get("files", "")))
    return {entries[name][0] for name in map(compared, named) if name in entries}


def files_in(cell: str) -> list[str]:
    """The names of files in a cell."""
    return [name for name in map(str.strip, re.split(r"[;\n|]", cell)) if name]


def identifier_of(told: dict[str, str]) -> str:
    """The row's own identifier; without one, a mark that the same words always get."""
    if own := harmless(told.get("identifier", ""))[:LONGEST_IDENTIFIER]:
        return own
    words = "\n".join(
        normalised(told.get(column, "")) for column in ("title", "summary", "language", "files")
    )
    return "auto:" + hashlib.sha256(words.encode()).hexdigest()[:32]


def read_row(told: dict[str, str], known: Known) -> Row:
    """Understand one row; what cannot be understood becomes a problem of it, never an exception."""
    row = Row()
    for column in HEADS:
        if column in READERS:
            READERS[column](row, told.get(column, "").strip(), known)
    read_details(row, told)
    if not any(told.get(column, "").strip() for column in ("body", "links", "files")):
        row.note("body", _("There is nothing to read: give a text, a file or a link."), WARNING)
    if not row.content.get("summary"):
        row.note(
            "summary",
            _("There is no summary: add two or three sentences before it is sent for review."),
            WARNING,
        )
    if not row.content.get("life_stages"):
        row.note("life_stages", _("There is no life stage, so it is not found by the ribbon."), WARNING)
    return row


def _by(make: Callable[[], Any], column: str) -> Callable[[Row, str, Known], None]:
    """Read a cell by a form's field, with its messages."""

    def read(row: Row, cell: str, known: Known) -> None:
        try:
            with translation.override(None):
                row.content[column] = make().clean(cell)
        except ValidationError as error:
            _note_error(row, column, error)

    return read


def _note_error(row: Row, column: str, error: ValidationError) -> None:
    for one in error.error_list:
        words: dict[str, Any] = {
            name: value if isinstance(value, int) else str(value)[:100]
            for name, value in (one.params or {}).items()
        }
        row.note(column, one.message, **words)


def _title(row: Row, cell: str, known: Known) -> None:
    if not cell:
        row.note("title", _("The title is missing."))
        return
    _by(lambda: NameField(max_length=LONGEST_TITLE), "title")(row, cell, known)
    if len(row.content.get("title", "xxx")) < 3:
        row.note("title", _("The title has fewer than three letters."))


def _identifier(row: Row, cell: str, known: Known) -> None:
    if len(cell) > LONGEST_IDENTIFIER:
        row.note(
            "identifier", _("The identifier is longer than %(most)d characters."), most=LONGEST_IDENTIFIER
        )


def _word(column: str, default: Callable[[Known], Any], text: Any) -> Callable[[Row, str, Known], None]:
    """Read a cell that names one word of the code."""

    def read(row: Row, cell: str, known: Known) -> None:
        value = known.words[column].get(normalised(cell)) if cell else default(known)
        if value is None and not cell:
            row.note(column, _("Say what kind of item it is."))
        elif value is None:
            row.note(column, text, word=cell[:60])
        row.content[column] = value or default(known) or ItemKind.GUIDE

    return read


def _several(column: str, text: Any) -> Callable[[Row, str, Known], None]:
    """Read a cell that names several words of the code."""

    def read(row: Row, cell: str, known: Known) -> None:
        found = []
        for word in filter(None, map(str.strip, SEVERAL.split(cell))):
            value = known.words[column].get(normalised(word))
            if value is None:
                row.note(column, text, word=word[:60])
            elif value not in found:
                found.append(value)
        row.content[column] = [value for value in WORDS[column].values if value in found]

    return read


def _terms(column: str, kind: TermKind) -> Callable[[Row, str, Known], None]:
    """Read words of the vocabulary; one that it does not have becomes a free tag, and its owner is told."""

    def read(row: Row, cell: str, known: Known) -> None:
        for word in filter(None, map(harmless, SEVERAL.split(cell))):
            term = known.terms.get(normalised(word))
            if term and term.kind == kind:
                row.content.setdefault("terms", []).append(term)
            else:
                _tags(row, word, known)
                row.note(
                    column,
                    _("“%(word)s” is not in the vocabulary and becomes a free tag."),
                    WARNING,
                    word=word[:60],
                )

    return read


def _tags(row: Row, cell: str, known: Known) -> None:
    try:
        with translation.override(None):
            row.content["tags"] = tags_in(", ".join([*row.content.get("tags", ()), cell]))
    except ValidationError as error:
        _note_error(row, "tags", error)


def _links(row: Row, cell: str, known: Known) -> None:
    lines = re.sub(r"\s*[;|]\s*(?=https?://|www\.)", "\n", cell)
    try:
        with translation.override(None):
            row.content["links"] = links_in(lines)
    except ValidationError as error:
        _note_error(row, "links", error)


def _authority(row: Row, cell: str, known: Known) -> None:
    row.content["authority"] = known.authorities.get(normalised(cell)) if cell else None
    if cell and not row.content["authority"]:
        row.note("authority", _("“%(word)s” is not a municipality of the register. Write its name or its number."), word=cell[:60])  # fmt: skip


def _community(row: Row, cell: str, known: Known) -> None:
    row.content["community"] = known.communities.get(normalised(cell)) if cell else known.bulk.community
    if cell and not row.content["community"]:
        row.note("community", _("“%(word)s” is not a community of yours."), word=cell[:60])
    elif row.content.get("visibility") == Visibility.COMMUNITY and not row.content["community"]:
        row.note("community", _("Say which community's members may read it."))


def _valid_until(row: Row, cell: str, known: Known) -> None:
    row.content["valid_until"] = None
    if not cell:
        return
    told = day_of(cell)
    if told is None:
        row.note("valid_until", _("“%(word)s” is not a day. Write it as 31/12/2027."), word=cell[:60])
        return
    if told < known.today:
        row.note("valid_until", _("This day is over. Choose a later one, or leave it empty."))
    row.content["valid_until"] = told


def _year(row: Row, cell: str, known: Known) -> None:
    row.content["year"] = int(cell) if re.fullmatch(r"(19|20)[0-9]{2}", cell) else None
    if cell and not row.content["year"]:
        row.note("year", _("“%(word)s” is not a year. Write it as 2026."), word=cell[:60])


def _files(row: Row, cell: str, known: Known) -> None:
    for name in files_in(cell):
        entry = known.bulk.entries.get(compared(name))
        extension = extension_of(name)
        if extension not in FORMATS or extension == "zip":
            row.note("files", _("%(name)s is not a kind of file we take."), name=name[:100])
        elif entry is None:
            row.note("files", _("%(name)s is not in the ZIP file."), name=name[:100])
        elif not entry[1]:
            row.note("files", _("The file %(name)s is empty."), name=name[:100])
        elif entry[1] > most_bytes():
            limit = most_bytes() // MEGABYTE
            row.note(
                "files", _("The file %(name)s is larger than %(limit)s MB."), name=name[:100], limit=limit
            )
        elif entry[0] not in row.files:
            row.files.append(entry[0])
            row.names[entry[0]] = name.replace("\\", "/").rpartition("/")[2]
    if len(row.files) > MOST_FILES:
        row.note("files", _("An item holds at most %(most)d files."), most=MOST_FILES)


READERS: dict[str, Callable[[Row, str, Known], None]] = {
    "identifier": _identifier,
    "title": _title,
    "summary": _by(lambda: ProseField(max_length=LONGEST_SUMMARY, required=False), "summary"),
    "kind": _word("kind", lambda known: None, _("“%(word)s” is not a kind of item. Choose one of the list.")),
    "language": _word(
        "language", lambda known: known.bulk.language, _("“%(word)s” is not a language of the library.")
    ),
    "body": _by(lambda: RichTextField(required=False), "body"),
    "life_stages": _several("life_stages", _("“%(word)s” is not a life stage.")),
    "settings": _several("settings", _("“%(word)s” is not a setting.")),
    "subjects": _terms("subjects", TermKind.SUBJECT),
    "populations": _terms("populations", TermKind.POPULATION),
    "tags": _tags,
    "authority": _authority,
    "links": _links,
    "files": _files,
    "year": _year,
    "contact": _by(lambda: NameField(max_length=200, required=False), "contact"),
    "licence": _word(
        "licence", lambda known: Licence.CC_BY, _("“%(word)s” is not a licence. Choose one of the list.")
    ),
    "valid_until": _valid_until,
    "visibility": _word(
        "visibility",
        lambda known: known.bulk.visibility,
        _("“%(word)s” does not say who may read it. Choose one of the list."),
    ),
    "community": _community,
}
