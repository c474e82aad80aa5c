"""The empty table to fill in."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

LAST_LINE = 1001  # down to which a cell offers its list


@dataclass(frozen=True)
class Column:
    """A column of the empty table. width: in letters; has_list: its cells offer the words to choose from."""

    name: str
    head: str
    width: int
    is_required: bool = False
    has_list: bool = False


def empty_book(title: str, columns: Sequence[Column], vocabulary: Mapping[str, Sequence[str]]) -> bytes:
    """An Excel file to fill in: heads in the reader's language with lists to choose from, and a sheet of words to use.

    vocabulary: name of a column → the words to choose from.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title, words = title, book.create_sheet(_("Words to use"))
    for page in (sheet, words):
        page.sheet_view.rightToLeft = translation.get_language_bidi()
        page.freeze_panes = "C2" if page is sheet else "A2"
    for place, column in enumerate(columns, 1):
        _write_head(sheet.cell(1, place), column)
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    known = {column.name: (place, column) for place, column in enumerate(columns, 1)}
    for place, (name, values) in enumerate(vocabulary.items(), 1):
        _write_words(words, place, known[name][1].head, values)
        if known[name][1].has_list:
            _offer(sheet, known[name][0], words.title, place, len(values))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _write_head(cell: Any, column: Column) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.value = column.head + "*" * column.is_required
    cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0B5D5B")
    cell.alignment = Alignment(horizontal="right" if translation.get_language_bidi() else "left")


def _write_words(words: Any, place: int, head: str, values: Sequence[str]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    words.cell(1, place, head).font = Font(bold=True)
    words.column_dimensions[get_column_letter(place)].width = 32
    for line, value in enumerate(values, 2):
        words.cell(line, place, value)


def _offer(sheet: Any, own: int, title: str, place: int, count: int) -> None:
    """Let the cells of a column offer the words that stand in a column of the other sheet."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    source, target = get_column_letter(place), get_column_letter(own)
    chosen = DataValidation(
        type="list", formula1=f"'{title}'!${source}$2:${source}${count + 1}", allow_blank=True
    )
    chosen.add(f"{target}2:{target}{LAST_LINE}")
    sheet.add_data_validation(chosen)
