"""The upper left (or right) corner of the sheets of a workbook, numbers and days as people see them."""

import datetime
import re
import zipfile

from ..office import elements, in_order, related
from ..texts import shared_strings, walk
from .paragraphs import attribute, is_within

MOST_ROWS = 30
MOST_COLUMNS = 10
LONGEST = 80
CELL = re.compile(r"([A-Z]{1,3})\d{1,7}")
DAYS, HUNDREDTHS, THOUSANDS = {*range(14, 18), 22}, {9, 10}, {3, 4, 37, 38, 39, 40}
FIRST_DAY = datetime.date(1899, 12, 30)


def grids(archive: zipfile.ZipFile, first: int, last: int) -> list[dict]:
    """The corner of each sheet from first to last under its name."""
    parts = in_order(archive, "xl/workbook.xml", "sheet", r"xl/worksheets/sheet(\d+)\.xml")
    targets, shared, forms = related(archive, "xl/workbook.xml"), shared_strings(archive), forms_of(archive)
    names = {
        targets.get(row.get("r:id", "")): row.get("name", "")
        for row in elements(archive, "xl/workbook.xml", "sheet")
    }
    sheets = []
    for number, part in enumerate(parts[first - 1 : last], first):
        grid = Grid(shared, forms)
        walk(archive, part, grid.start, grid.end, grid.words, lambda grid=grid: grid.is_over)  # type: ignore[misc]
        blocks = [{"t": "name", "text": names.get(part, "")[:100]}, grid.block] if grid.cells else []
        sheets.append({"number": number, "form": "grid", "dir": grid.turn, "blocks": blocks})
    return sheets


def forms_of(archive: zipfile.ZipFile) -> list[str]:
    """By number of a cell's style: whether it shows a "day", "hundredths", "thousands", or nothing special."""
    own: dict[int, str] = {}
    forms: list[str] = []
    is_cells = False

    def start(name: str, attributes: dict) -> None:
        nonlocal is_cells
        if name == "numFmt" and (key := attribute(attributes, "numFmtId")).isdecimal():
            own[int(key)] = attribute(attributes, "formatCode")[:200]
        elif name == "cellXfs":
            is_cells = True
        elif name == "xf" and is_cells:
            key = attribute(attributes, "numFmtId")
            forms.append(form_of(int(key) if key.isdecimal() else 0, own))

    def end(name: str) -> None:
        nonlocal is_cells
        is_cells = is_cells and name != "cellXfs"

    if is_within(archive, "xl/styles.xml"):
        walk(archive, "xl/styles.xml", start, end, lambda _data: None, lambda: len(forms) > 5_000)
    return forms


def form_of(key: int, own: dict[int, str]) -> str:
    code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", own.get(key, "")).lower()
    if key in DAYS or ("y" in code and ("d" in code or "m" in code)):
        return "day"
    if key in HUNDREDTHS or "%" in code:
        return "hundredths"
    return "thousands" if key in THOUSANDS or "#,##0" in code else ""


class Grid:
    """Reads the corner of one sheet."""

    def __init__(self, shared: list[str], forms: list[str]):
        self.shared, self.forms = shared, forms
        self.cells: dict[tuple[int, int], str] = {}
        self.filled: set[int] = set()
        self.turn = "ltr"
        self.row = self.column = 0
        self.sort = self.form = ""
        self.value: list[str] = []
        self.is_value = self.is_over = False

    def start(self, name: str, attributes: dict) -> None:
        if name == "sheetView" and attribute(attributes, "rightToLeft") in ("1", "true"):
            self.turn = "rtl"
        elif name == "row":
            told = attribute(attributes, "r")
            self.row = int(told) if told.isdecimal() and len(told) < 8 else self.row + 1
            self.column, self.is_over = 0, len(self.filled) >= MOST_ROWS
        elif name == "c":
            self.start_cell(attributes)
        self.is_value = name in ("v", "t")

    def start_cell(self, attributes: dict) -> None:
        place = CELL.fullmatch(attribute(attributes, "r"))
        self.column = column_of(place[1]) if place else self.column + 1
        self.sort, style = attribute(attributes, "t"), attribute(attributes, "s")
        is_known = style.isdecimal() and len(style) < 6 and int(style) < len(self.forms)
        self.form = self.forms[int(style)] if is_known else ""
        self.value.clear()

    def end(self, name: str) -> None:
        self.is_value = False
        if name == "c" and not self.is_over and self.column <= MOST_COLUMNS:
            text = " ".join(self.shown("".join(self.value).strip()).split())
            if text:
                self.filled.add(self.row)
                self.cells[self.row, self.column] = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def words(self, data: str) -> None:
        if self.is_value and len(self.value) < 50:
            self.value.append(data[:1_000])

    def shown(self, value: str) -> str:
        if self.sort == "s":
            return self.shared[int(value)] if value.isdecimal() and int(value) < len(self.shared) else ""
        if self.sort == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, "")
        return value if self.sort in ("inlineStr", "str", "e") else number(value, self.form)

    @property
    def block(self) -> dict:
        """Rows from the first that says something; empty ones between are kept as far as there is room."""
        top = min(row for row, _column in self.cells)
        bottom = min(max(row for row, _column in self.cells), top + MOST_ROWS - 1)
        columns = max(column for _row, column in self.cells)
        rows = [
            [self.cells.get((row, column), "") for column in range(1, columns + 1)]
            for row in range(top, bottom + 1)
        ]
        heads = [chr(64 + column) for column in range(1, columns + 1)]
        return {"t": "grid", "heads": heads, "numbers": list(range(top, bottom + 1)), "rows": rows}


def column_of(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


def number(value: str, form: str) -> str:
    """A number as its cell shows it: days, hundredths, thousands apart; nothing after its tenth digit."""
    try:
        told = float(value)
    except ValueError:
        return value
    if not -1e15 < told < 1e15:
        return value[:30]
    if form == "day" and 0 < told < 200_000:
        return (FIRST_DAY + datetime.timedelta(days=int(told))).strftime("%d.%m.%Y")
    if form == "hundredths":
        return f"{told * 100:.4g}%"
    plain = f"{told:,.2f}".rstrip("0").rstrip(".") if form == "thousands" else f"{told:.10g}"
    return plain if "e" not in plain else value[:30]
