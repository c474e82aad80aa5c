"""Tables: the rows of a CSV file or of the first sheet of an Excel file, as text."""

import csv
import datetime
from pathlib import Path
from typing import Any

from .archives import opened_zip
from .limits import Refused
from .texts import read_text

MOST_ROWS = 1_001
MOST_COLUMNS = 60
LONGEST_CELL = 60_000
MOST_LETTERS = 1_200_000
#: So many empty lines at the end of a sheet, and it is over.
EMPTY_LINES = 500


def read_table(path: Path, extension: str) -> dict:
    """``rows``: pairs of the line's number and its cells; empty lines are left out."""
    lines = read_csv(path) if extension == "csv" else read_sheet(path)
    rows, letters, empty = [], 0, 0
    for number, line in enumerate(lines, 1):
        cells = [said(value) for value in line[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            empty += 1
            if empty > EMPTY_LINES:
                break
            continue
        empty = 0
        letters += sum(map(len, cells))
        rows.append((number, cells))
        if len(rows) > MOST_ROWS or letters > MOST_LETTERS:
            raise Refused("long")
    return {"rows": rows}


def said(value: Any) -> str:
    """A cell as a person reads it; days as 2026-11-26."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char in "\n\t" or char >= " ")
    if len(text) > LONGEST_CELL:
        raise Refused("long")
    return text.strip()


def read_csv(path: Path) -> Any:
    """Lines of a CSV file in UTF-8, whichever of comma, semicolon and tab parts its cells."""
    text = "".join(read_text(path))
    if len(text) > 2 * MOST_LETTERS:
        raise Refused("long")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(LONGEST_CELL * 2)
    try:
        yield from csv.reader(text.splitlines(keepends=True), delimiter=separator)
    except csv.Error as error:
        raise Refused("long") from error


def read_sheet(path: Path) -> Any:
    """Lines of the first sheet, formulas by their last value."""
    import openpyxl

    opened_zip(path).close()  # refuses what unpacks to far more than it should
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = next(iter(book.worksheets), None)
        if sheet is None:
            raise Refused("broken")
        sheet.reset_dimensions()  # what a file claims of its size may be wrong
        yield from sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
