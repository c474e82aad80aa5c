"""Tables of items as people send them, and what becomes of them: read, judged, taken in."""

import csv
import io
import zipfile
from uuid import uuid4

import openpyxl
from django.core.files.base import ContentFile

from knowledge.actions.bulk import carry
from munistem.commons.enums import Visibility


def table_of(rows, name="items.csv"):
    """A CSV file of rows, each a mapping of heads to cells."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, heads)
    writer.writeheader()
    writer.writerows(rows)
    return ContentFile(text.getvalue().encode("utf-8-sig"), name)


def book_of(lines, name="items.xlsx"):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return ContentFile(kept.getvalue(), name)


def archive_of(files, name="files.zip"):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in files.items():
            archive.writestr(entry, content)
    return ContentFile(kept.getvalue(), name)


def begun(by, rows, archive=None, table=None, **defaults):
    """An import that was begun and read."""
    fields = {
        "organisation": None,
        "language": "he",
        "visibility": Visibility.PUBLIC,
        "community": None,
        "nonce": uuid4(),
        **defaults,
    }
    bulk = carry.begin_import(by=by, table=table or table_of(rows), archive=archive, **fields)
    carry.read_import(bulk.pk)
    bulk.refresh_from_db()
    return bulk


def row(**cells):
    return {
        "Title": "A lab in every school",
        "Kind": "Case study",
        "Summary": "How twelve labs were opened.",
        "Text": "Begin with the teachers.",
        "Life stages": "Primary school",
        **cells,
    }


def problems(bulk, number=2):
    return [
        (problem["column"], problem["weight"], problem["text"] % problem["words"])
        for problem in bulk.rows.get(number=number).problems
    ]


def fill(bulk, by, submits=False):
    carry.confirm_import(by=by, bulk=bulk, submits=submits, privacy="none" if submits else "")
    while carry.fill_import(bulk.pk):
        pass
    bulk.refresh_from_db()
    return bulk
