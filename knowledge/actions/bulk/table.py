"""The table of a bulk import: its columns as they are headed in three languages, and the empty one to fill in."""

import io
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from knowledge.enums import ItemKind, Licence
from knowledge.models.details import DETAILS, Detail
from munistem.commons.enums import Language, LifeStage, Setting, Visibility
from munistem.commons.search.analyser import normalised
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
LANGUAGES = ("he", "ar", "en")
#: Columns whose cells are words of the code; many: several between commas.
WORDS: dict[str, Any] = {
    "kind": ItemKind,
    "language": Language,
    "life_stages": LifeStage,
    "settings": Setting,
    "licence": Licence,
    "visibility": Visibility,
}
EXAMPLES = {"identifier": "1", "kind": ItemKind.CASE_STUDY, "language": "", "licence": Licence.CC_BY}


def column_of(head: str) -> str:
    """The column that a head names in any of the languages, "" for none."""
    known = normalised(head.strip().rstrip("*:").strip())
    return _BY_HEAD.get(known) or details_by_head().get(known, "")


_BY_HEAD = {normalised(head): column for column, heads in HEADS.items() for head in (column, *heads)}


#: Before the name of a field that some kinds have of their own.
OF_KIND = "detail_"


def details() -> dict[str, Detail]:
    """Column → the field of some kind; fields of one name share a column."""
    return {f"{OF_KIND}{row.name}": row for rows in DETAILS.values() for row in rows}


@lru_cache(maxsize=1)
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
    """The head of a column in the reader's language."""
    if column not in HEADS:  # of a kind; a field that kinds had once has no head any more
        known = details().get(column)
        return str(known.label) if known else ""
    language = translation.get_language() or "he"
    return HEADS[column][LANGUAGES.index(language) if language in LANGUAGES else 2]


def words_of(column: str) -> dict[str, str]:
    """Every way to write a value of the column – code or label in any language, as words are compared – with the value."""
    known: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            for value, label in WORDS[column].choices:
                known.setdefault(normalised(value.replace("_", " ")), value)
                known.setdefault(normalised(str(label)), value)
    return known


def columns_in(heads: Iterable[str]) -> tuple[dict[int, str], list[str]]:
    """Place → column of a first line, and the heads that are not known; a column named twice counts the first time."""
    columns: dict[int, str] = {}
    unknown = []
    for place, head in enumerate(heads):
        column = column_of(head)
        if column and column not in columns.values():
            columns[place] = column
        elif head.strip():
            unknown.append(head.strip()[:80])
    return columns, unknown


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
    """An Excel file to fill in: the heads in the reader's language with lists to choose from, and the words to use."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    is_rtl = translation.get_language_bidi()
    book = Workbook()
    sheet: Any = book.active
    sheet.title, words = _("Items"), book.create_sheet(_("Words to use"))
    for place, page in enumerate((sheet, words)):
        page.sheet_view.rightToLeft, page.freeze_panes = is_rtl, "C2" if place == 0 else "A2"
    for place, column in enumerate(columns(), 1):
        letter = get_column_letter(place)
        cell = sheet.cell(1, place, head_of(column) + ("*" if column in ("title", "kind") else ""))
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0B5D5B")
        cell.alignment = Alignment(horizontal="right" if is_rtl else "left")
        wide = column in ("title", "summary", "body", "links") or column not in HEADS
        sheet.column_dimensions[letter].width = 44 if wide else 20
    for place, (column, values) in enumerate(vocabulary().items(), 1):
        letter = get_column_letter(place)
        words.cell(1, place, head_of(column)).font = Font(bold=True)
        words.column_dimensions[letter].width = 32
        for line, value in enumerate(values, 2):
            words.cell(line, place, value)
        if column in WORDS and column not in ("life_stages", "settings"):
            chosen = DataValidation(
                type="list",
                formula1=f"'{words.title}'!${letter}$2:${letter}${len(values) + 1}",
                allow_blank=True,
            )
            chosen.add(f"{(own := get_column_letter(list(HEADS).index(column) + 1))}2:{own}1001")
            sheet.add_data_validation(chosen)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def vocabulary() -> dict[str, list[str]]:
    """Column → the words to choose from, in the reader's language."""
    known = {column: [str(label) for label in choices.labels] for column, choices in WORDS.items()}
    known["subjects"] = [term.label for term in Term.objects.subjects().in_order()]
    known["populations"] = [term.label for term in Term.objects.populations().in_order()]
    return known
