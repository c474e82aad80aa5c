"""What people take along as a file, and tables as CSV, in which no spreadsheet runs a cell."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

CSV = "text/csv; charset=utf-8"
BOM = "\ufeff"  # by which spreadsheets know UTF-8
#: A cell that begins so is a formula to spreadsheets (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> str:
    """A value as a spreadsheet shows it and does not run it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def as_file(response: HttpResponse, name: str) -> HttpResponse:
    """The answer as a download of this name, which may be in any script."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response


def csv_file(name: str, rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A table as a download; rows: the heads first."""
    return as_file(HttpResponse("".join(csv_lines(rows)), content_type=CSV), name)


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The same line by line, for a table that is too long to be held."""
    writer, mark = csv.writer(_Handing()), BOM
    for row in rows:
        yield mark + writer.writerow(map(cell, row))
        mark = ""


class _Handing:
    """What a csv.writer writes to: each line is handed back."""

    def write(self, line: str) -> str:
        return line
