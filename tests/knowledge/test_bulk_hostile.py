"""Tables and archives that lie, burst, are locked or damaged: said in words, and nothing of them comes in."""

import io
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from knowledge.actions.bulk import carry
from knowledge.actions.bulk.prints import prints_of
from knowledge.models import Item
from munistem.commons.files import extraction
from munistem.commons.files.models import StoredFile
from munistem.commons.files.rules import recognise
from munistem.commons.files.uploads import incoming
from munistem.commons.tables.states import BulkState
from tests.commons.factories import uploaded
from tests.knowledge.tables import archive_of, begun, book_of, fill, problems, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
WORDS = b"what the file says, word for word"


def damaged(files, *names, compression=zipfile.ZIP_STORED):
    """An archive in which the bytes of these entries are not those of which the sums were made."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        infos = {info.filename: info for info in archive.infolist()}
    raw = bytearray(kept.getvalue())
    for name in names:
        start = infos[name].header_offset + 30 + len(name.encode())
        raw[start + 4 : start + 12] = bytes(value ^ 0xFF for value in raw[start + 4 : start + 12])
    return ContentFile(bytes(raw), "files.zip")


def locked(files):
    """An archive that says of its entries that they are encrypted."""
    raw = bytearray(archive_of(files).read())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + place] |= 1
            at = raw.find(mark, at + 4)
    return ContentFile(bytes(raw), "files.zip")


# Entries that cannot be opened ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"]
)
def test_damaged_entry_keeps_its_row_out_and_no_other(reviewer, compression):
    files = {"bad.txt": WORDS * 20, "good.txt": WORDS}
    archive = damaged(files, "bad.txt", compression=compression)
    rows = [row(ID="1", Files="bad.txt"), row(ID="2", Title="Second", Files="good.txt")]
    bulk = fill(begun(reviewer, rows, archive=archive), reviewer)
    assert problems(bulk)[0][0:2] == ("files", "error")
    assert "bad.txt is damaged and cannot be unpacked." in problems(bulk)[0][2]
    assert [kept.item_id is not None for kept in bulk.rows.in_order()] == [False, True]
    assert bulk.state == BulkState.READ  # what is left can be mended
    assert StoredFile.objects.count() == 1
    assert list(incoming().iterdir()) == []


def test_locked_entry_keeps_its_row_out(reviewer):
    """The door refuses such archives; one that comes past it does no harm."""
    archive = locked({"a.txt": WORDS})
    with pytest.raises(ValidationError, match="locked with a password"):
        recognise(uploaded("files.zip", archive.read()))
    archive.seek(0)
    bulk = fill(begun(reviewer, [row(Files="a.txt")], archive=archive), reviewer)
    assert "cannot be unpacked" in problems(bulk)[0][2]
    assert not Item.objects.exists() and not StoredFile.objects.exists()


def test_archive_that_was_cut_off_fails_the_import_in_words(reviewer):
    raw = archive_of({"a.txt": WORDS}).read()
    bulk = begun(reviewer, [row(Files="a.txt")], archive=ContentFile(raw[: len(raw) // 2], "files.zip"))
    assert (bulk.state, bulk.why) == (BulkState.FAILED, "broken")


# What bursts ---------------------------------------------------------------------------------------------


def test_archive_that_bursts_is_refused_at_the_door():
    with pytest.raises(ValidationError, match="unpacks to far more than it should"):
        recognise(uploaded("files.zip", archive_of({"a.txt": b"\0" * (60 * 1024 * 1024)}).read()))


def test_entry_that_says_it_is_small_gives_no_more_than_it_says(tmp_path):
    """Both places that tell the size lie; no more is unpacked than was told, and the wrong sum gives it away."""
    content = b"a" * 5_000_000
    raw = (
        archive_of({"a.txt": content})
        .read()
        .replace(len(content).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    )
    path = tmp_path / "files.zip"
    path.write_bytes(raw)
    assert prints_of(str(path), {"a.txt"}) == {}


def test_entry_larger_than_any_file_we_take_is_said_and_not_unpacked(reviewer, settings):
    settings.UPLOAD_MAX_MB = 1
    archive = archive_of({"a.txt": zlib.compress(b"") + b"x" * (2 * 1024 * 1024)})
    bulk = begun(reviewer, [row(Files="a.txt")], archive=archive)
    assert problems(bulk)[0] == ("files", "error", "The file a.txt is larger than 1 MB.")
    assert bulk.prints == {}


# Names ---------------------------------------------------------------------------------------------------

LONG = "א" * 125 + ".txt"  # 254 bytes


@pytest.mark.parametrize(
    ("entry", "said", "kept"),
    [
        ("../../etc/plan.txt", "plan.txt", "plan.txt"),
        ("..\\plan.txt", "plan.txt", "plan.txt"),
        ("/plan.txt", "plan.txt", "plan.txt"),
        ("pl\u202ean.txt", "plan.txt", "plan.txt"),
        ("plan\u200f.txt", "plan\u200f.txt", "plan.txt"),
        (LONG, LONG, LONG),
        ("%2e%2e%2fplan.txt", "%2e%2e%2fplan.txt", "plan.txt"),
    ],
    ids=["up", "up of Windows", "root", "turned", "mark", "long", "hidden"],
)
def test_names_of_entries_lead_nowhere(reviewer, entry, said, kept):
    bulk = begun(reviewer, [row(Files=said)], archive=archive_of({entry: WORDS}))
    assert problems(bulk) == []
    fill(bulk, reviewer)
    stored = StoredFile.objects.get()
    assert stored.name == kept
    assert entry not in stored.blob.name and ".." not in stored.blob.name


def test_name_with_a_nul_ends_there_and_does_no_harm(reviewer):
    raw = archive_of({"a.txt#b.txt": WORDS}).read().replace(b"a.txt#b.txt", b"a.txt\0b.txt")
    bulk = begun(reviewer, [row(Files="a.txt")], archive=ContentFile(raw, "files.zip"))
    fill(bulk, reviewer)
    assert StoredFile.objects.get().name == "a.txt"


def test_cell_that_names_a_way_out_finds_nothing(reviewer):
    bulk = begun(reviewer, [row(Files="../../etc/passwd.txt")], archive=archive_of({"a.txt": WORDS}))
    assert problems(bulk) == [("files", "error", "../../etc/passwd.txt is not in the ZIP file.")]


# Tables --------------------------------------------------------------------------------------------------


def test_tables_are_opened_in_the_child_alone(reviewer, monkeypatch):
    asked = []
    monkeypatch.setattr(extraction, "ask", lambda deed, *more, **options: asked.append(deed) or {"rows": []})
    begun(reviewer, [], table=book_of([["Title"]]))
    assert asked == ["table"]


def rewritten(change):
    """A workbook of one row whose sheet was written anew by ``change``."""
    kept = io.BytesIO()
    raw = book_of([["Title", "Kind"], ["A title", "guide"]])
    with zipfile.ZipFile(raw) as book, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in book.infolist():
            content = book.read(info)
            is_sheet = info.filename.startswith("xl/worksheets/")
            archive.writestr(info.filename, change(content.decode()) if is_sheet else content)
    return ContentFile(kept.getvalue(), "items.xlsx")


ENTITIES = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 30}">' for before, name in zip("abcdef", "bcdefg", strict=True)
)
LAUGHS = f'<!DOCTYPE a [<!ENTITY a "ha">{ENTITIES}]>'


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheet.replace("<worksheet", LAUGHS + "<worksheet", 1).replace("A title", "&g;"),
        lambda sheet: sheet.replace("<sheetData>", '<sheetData><row r="1048576"><c r="XFD1048576"/></row>'),
        lambda sheet: sheet.replace(
            "</sheetData>", '<row r="3"><c r="A3"><v>1</v></c></row>' * 40_000 + "</sheetData>"
        ),
        lambda sheet: sheet[: len(sheet) // 2],
        lambda sheet: "",
        lambda sheet: sheet.replace('r="A1"', 'r="' + "A" * 200 + '1"'),
    ],
    ids=["laughs", "far cell", "many rows", "cut off", "empty", "odd place"],
)
def test_hostile_workbooks_end_within_bounds(reviewer, change):
    bulk = begun(reviewer, [], table=rewritten(change))
    assert bulk.state in (BulkState.FAILED, BulkState.READ)
    assert bulk.rows.count() <= 2
    assert carry.read_import(bulk.pk) is False
