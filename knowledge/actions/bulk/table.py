"""The table of a bulk import: its columns as they are headed in three languages, and the empty one to fill in."""

import zipfile
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from knowledge.enums import ItemKind, Licence
from knowledge.models.details import CHOICE, DETAILS, SEVERAL, Detail
from munistem.commons.enums import Language, LifeStage, Setting, Visibility
from munistem.commons.search.analyser import normalised
from munistem.commons.tables import book
from munistem.commons.tables.heads import (
    LANGUAGES,
    by_head,
    columns_of,
    compared_head,
    own_head,
    words_of_choices,
)
from munistem.commons.terms.models import Term

#: Column → its heads: in Hebrew, Arabic and English, then others by which it is known.
HEADS: dict[str, tuple[str, ...]] = {
    "identifier": ("מזהה", "المعرّف", "ID", "identifier", "מספר", "رقم", "no"),
    "title": ("כותרת", "العنوان", "Title", "שם", "שם הפריט", "الاسم", "name"),
    "summary": ("תקציר", "الملخّص", "Summary", "תיאור", "بإيجاز", "בקצרה", "in short", "description"),
    "kind": ("סוג", "النوع", "Kind", "סוג הפריט", "type"),
    "language": ("שפה", "اللغة", "Language"),
    "body": ("טקסט", "النص", "Text", "תוכן", "המלל", "body", "content"),
    "life_stages": ("שלבים ברצף", "المراحل العمرية", "Life stages", "שלב", "שלב ברצף", "مرحلة", "stage", "stages"),
    "settings": ("מסגרות", "الأطر", "Settings", "מסגרת", "إطار", "setting"),
    "subjects": ("נושאים", "المواضيع", "Subjects", "נושא", "موضوع", "subject"),
    "populations": ("אוכלוסיות", "الفئات السكانية", "Populations", "אוכלוסייה", "למי", "for whom", "population"),
    "tags": ("תגיות", "الوسوم", "Tags", "תגית", "מילות מפתח", "كلمات مفتاحية", "keywords", "tag"),
    "authority": ("רשות מקומית", "السلطة المحلية", "Municipality", "רשות", "יישוב", "بلدية", "authority", "local authority"),
    "links": ("קישורים", "الروابط", "Links", "קישור", "رابط", "link", "url", "כתובת"),
    "files": ("קבצים", "الملفات", "Files", "קובץ", "ملف", "file", "שם הקובץ", "file name"),
    "year": ("שנה", "السنة", "Year", "שנת הפעילות", "سنة"),
    "contact": ("למי לפנות", "جهة الاتصال", "Contact", "איש קשר", "אשת קשר", "whom to ask"),
    "licence": ("תנאי שימוש", "شروط الاستخدام", "Licence", "רישיון", "رخصة", "license"),
    "valid_until": ("בתוקף עד", "سارٍ حتى", "Valid until", "תוקף", "expires"),
    "visibility": ("מי רואה", "من يراه", "Who may read it", "חשיפה", "visibility"),
    "community": ("קהילה", "المجتمع", "Community"),
}  # fmt: skip
#: Columns whose cells are words of the code; many: several between commas.
WORDS: dict[str, Any] = {
    "kind": ItemKind,
    "language": Language,
    "life_stages": LifeStage,
    "settings": Setting,
    "licence": Licence,
    "visibility": Visibility,
}


def column_of(head: str) -> str:
    """The column that a head names in any of the languages, "" for none."""
    return known_heads().get(compared_head(head), "")


@lru_cache(maxsize=1)
def known_heads() -> dict[str, str]:
    """Head as compared → column; fields of kinds behind those that every item has."""
    return details_by_head() | by_head(HEADS)


#: Before the name of a field that some kinds have of their own.
OF_KIND = "detail_"


def details() -> dict[str, Detail]:
    """Column → the field of some kind; fields of one name share a column."""
    return {f"{OF_KIND}{row.name}": row for rows in DETAILS.values() for row in rows}


def details_by_head() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            for rows in DETAILS.values():
                for row in rows:
                    known.setdefault(normalised(str(row.label)), f"{OF_KIND}{row.name}")
    return known


def columns() -> list[str]:
    """Every column there is, in the order of the empty table."""
    return [*HEADS, *details()]


def head_of(column: str) -> str:
    """The head of a column in the reader's language; a field that kinds had once has none any more."""
    known = details().get(column)
    return str(known.label) if known else own_head(HEADS, column)


def words_of(column: str) -> dict[str, str]:
    """Every way to write a value of the column, as words are compared, with the value."""
    return words_of_choices(WORDS[column].choices)


def columns_in(heads: Iterable[str]) -> tuple[dict[int, str], list[str]]:
    """Place → column of a first line, and the heads that are not known."""
    return columns_of(heads, known_heads())


# The archive of files ------------------------------------------------------------------------------------


def entries_of(path: str) -> dict[str, list[Any]]:
    """What an examined archive holds: name as compared → [name in it, bytes]; also by the name without its folder."""
    found: dict[str, list[Any]] = {}
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
    for info in infos:
        for name in names_of(info):
            found.setdefault(compared(name), [info.filename, info.file_size])
    for info in infos:
        for name in names_of(info):
            bare = name.replace("\\", "/").rpartition("/")[2]
            found.setdefault(compared(bare), [info.filename, info.file_size])
    return found


def names_of(info: zipfile.ZipInfo) -> list[str]:
    """The name of an entry; Windows writes Hebrew ones in the letters of its old console, and says so nowhere."""
    names = [info.filename]
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            names.append(info.filename.encode("cp437").decode("cp862"))
    return names


def compared(name: str) -> str:
    """A file's name as two are compared: its letters and digits, whatever its marks and spaces are."""
    stem, _dot, extension = name.replace("\\", "/").removeprefix("./").rpartition(".")
    return f"{'/'.join(normalised(part) for part in stem.split('/'))}.{extension.strip().lower()}"


# The empty table -----------------------------------------------------------------------------------------


def empty_book() -> bytes:
    """An Excel file to fill in with items."""
    return book.empty_book(_("Items"), list(map(_column, columns())), vocabulary())


def _column(name: str) -> book.Column:
    is_wide = name in ("title", "summary", "body", "links") or name not in HEADS
    return book.Column(
        name,
        head_of(name),
        width=44 if is_wide else 20,
        is_required=name in ("title", "kind"),
        has_list=name in WORDS and name not in ("life_stages", "settings"),
    )


def vocabulary() -> dict[str, list[str]]:
    """Column → the words to choose from, in the reader's language."""
    known = {column: [str(label) for label in choices.labels] for column, choices in WORDS.items()}
    known["subjects"] = [term.label for term in Term.objects.subjects().in_order()]
    known["populations"] = [term.label for term in Term.objects.populations().in_order()]
    chosen = {column: row for column, row in details().items() if row.form in (CHOICE, SEVERAL)}
    return known | {
        column: [str(label) for _code, label in row.choices.choices] for column, row in chosen.items()
    }
