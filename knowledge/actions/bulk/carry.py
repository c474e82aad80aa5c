"""Bringing many items in: begin, mend, confirm; the worker reads the table and takes the rows in, each once."""

import logging
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge import emails, rules, tasks
from knowledge.actions.bulk.check import Known, identifier_of, judge, names_in, read_row
from knowledge.actions.bulk.kinds import ask_for_completeness
from knowledge.actions.bulk.prints import prints_of
from knowledge.actions.bulk.row import Row
from knowledge.actions.bulk.table import columns, columns_in, entries_of
from knowledge.actions.write import TooLate, Unanswered, start_item, submit
from knowledge.models import BulkImport, BulkRow, Item
from munistem.commons import audit
from munistem.commons.files import extraction
from munistem.commons.files.rules import recognise
from munistem.commons.files.storage import near
from munistem.commons.files.uploads import MeasuredFile
from munistem.commons.tables.rows import ERROR, WARNING
from munistem.commons.tables.sent import read_table
from munistem.commons.tables.states import BulkState
from munistem.commons.text.names import harmless_text

KEPT = timedelta(days=30)
#: So many rows a job takes in before it lets other jobs have their turn.
ROWS_A_JOB = 10
PIECE = 256 * 1024
log = logging.getLogger("munistem.imports")


@transaction.atomic
def begin_import(*, by: Any, table: Any, archive: Any, nonce: UUID, **defaults: Any) -> BulkImport:
    """Keep a table and its archive and let the worker read them; a form sent twice begins one. Raises TooLate.

    defaults: ``organisation`` in whose name, and what holds where a row says nothing: language, visibility, community.
    """
    if known := BulkImport.objects.filter(nonce=nonce, made_by=by).first():
        return known
    if not rules.can_import_items(by):
        raise TooLate
    bulk = BulkImport(made_by=by, nonce=nonce, expires_at=timezone.now() + KEPT, **defaults)
    _keep_files(bulk, table, archive, by=by)
    bulk.save()
    audit.record("begin_import", bulk, by=by, table=bulk.table_name)
    tasks.read_import.defer(bulk=bulk.pk)
    return bulk


@transaction.atomic
def replace_table(*, by: Any, bulk: BulkImport, table: Any, archive: Any) -> BulkImport:
    """Read another table (and archive, if one came) in place of the first; what was mended by hand goes. Raises TooLate."""
    bulk = _lock(bulk)
    if bulk.state not in (BulkState.READ, BulkState.FAILED) or not rules.can_import_items(by):
        raise TooLate
    _keep_files(bulk, table, archive, by=by)
    bulk.state, bulk.why, bulk.expires_at = BulkState.WAITING, "", timezone.now() + KEPT
    bulk.rows.all().delete()
    bulk.save()
    audit.record("replace_import_table", bulk, by=by, table=bulk.table_name)
    tasks.read_import.defer(bulk=bulk.pk)
    return bulk


def _keep_files(bulk: BulkImport, table: Any, archive: Any, *, by: Any) -> None:
    for file in (table, archive):
        if hasattr(
            file, "use"
        ):  # it came in pieces: its bytes are given away, and the same file may come again
            file.use(by=by)
    old = [(field.storage, field.name) for field in (bulk.table, archive and bulk.archive) if field]
    bulk.table_name = table.name
    bulk.table.save("table", table, save=False)
    if archive:
        bulk.archive_name = archive.name
        bulk.archive.save("archive", archive, save=False)
    kept = {bulk.table.name, bulk.archive.name}
    for storage, name in old:
        if name not in kept:
            transaction.on_commit(partial(storage.delete, str(name)))


def _lock(bulk: BulkImport) -> BulkImport:
    rows = BulkImport.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("made_by", "organisation", "community").get(pk=bulk.pk)


# Reading -------------------------------------------------------------------------------------------------


def read_import(pk: int) -> bool:
    """Read the table of an import and judge its rows; returns whether it was read. Harmless when repeated."""
    bulk = BulkImport.objects.select_related("made_by", "organisation", "community").filter(pk=pk).first()
    if bulk is None or bulk.state != BulkState.WAITING:
        return False
    try:
        table = read_table(bulk.table, bulk.table_name, columns_in, needed=("title",))
        entries = _in_archive(bulk, entries_of) if bulk.archive else {}
    except (extraction.Refused, OSError, zipfile.BadZipFile) as error:
        return _fail(bulk, getattr(error, "code", "broken"))
    bulk.entries, bulk.unknown_heads = entries, table.unknown
    rows = [
        BulkRow(
            bulk=bulk,
            number=number,
            told=told,
            identifier=identifier_of(told),
            organisation=bulk.organisation,
        )
        for number, told in table.rows()
    ]
    if entries:
        bulk.prints = _in_archive(bulk, lambda path: prints_of(path, names_in(rows, entries)))
    else:
        bulk.prints = {}
    judge(rows, Known(bulk, bulk.made_by))
    return _keep_rows(bulk, rows)


def _in_archive(bulk: BulkImport, read: Callable[[str], Any]) -> Any:
    with near(bulk.archive) as path:
        return read(path)


@transaction.atomic
def _keep_rows(bulk: BulkImport, rows: list[BulkRow]) -> bool:
    row = _lock(bulk)
    if row.state != BulkState.WAITING or row.table.name != bulk.table.name:
        return False
    row.state, row.entries, row.unknown_heads = BulkState.READ, bulk.entries, bulk.unknown_heads
    row.prints = bulk.prints
    row.save(update_fields=["state", "entries", "unknown_heads", "prints"])
    BulkRow.objects.bulk_create(rows)
    return True


@transaction.atomic
def _fail(bulk: BulkImport, code: str) -> bool:
    row = _lock(bulk)
    if row.state == BulkState.WAITING:
        row.state, row.why = BulkState.FAILED, code
        row.save(update_fields=["state", "why"])
    return False


# Mending -------------------------------------------------------------------------------------------------


@transaction.atomic
def mend_row(*, by: Any, row: BulkRow, told: Mapping[str, str]) -> BulkRow:
    """Change what a row says and judge it anew. Raises TooLate once the import is on its way."""
    bulk, row = _open(by, row)
    row.told = {column: harmless_text(told[column]) for column in columns() if told.get(column, "").strip()}
    row.identifier, row.is_left_out = identifier_of(row.told), False
    judge([row], Known(bulk, bulk.made_by))
    row.save()
    return row


@transaction.atomic
def leave_row_out(*, by: Any, row: BulkRow, is_left_out: bool) -> BulkRow:
    """Leave a row out of what is taken in, or take it back in. Raises TooLate."""
    _bulk, row = _open(by, row)
    row.is_left_out = is_left_out
    row.save(update_fields=["is_left_out"])
    return row


def _open(by: Any, row: BulkRow) -> tuple[BulkImport, BulkRow]:
    bulk = _lock(row.bulk)
    found = bulk.rows.select_for_update(of=("self",)).filter(pk=row.pk, item__isnull=True).first()
    if found is None or bulk.state != BulkState.READ or not rules.can_import_items(by):
        raise TooLate
    found.bulk = bulk
    return bulk, found


# Taking in -----------------------------------------------------------------------------------------------


@transaction.atomic
def confirm_import(*, by: Any, bulk: BulkImport, submits: bool, privacy: str = "") -> BulkImport:
    """Let the worker take the rows in that are in order, as drafts or (``submits``) sent for review.

    privacy: of all of them, see Privacy; needed before review. Raises TooLate.
    """
    bulk = _lock(bulk)
    if bulk.state in (BulkState.FILLING, BulkState.DONE):
        return bulk
    if bulk.state != BulkState.READ or not rules.can_import_items(by) or not bulk.rows.ready().exists():
        raise TooLate
    if submits and not privacy:
        raise Unanswered
    bulk.state, bulk.submits, bulk.privacy = BulkState.FILLING, submits, privacy
    bulk.confirmed_at = timezone.now()
    bulk.save(update_fields=["state", "submits", "privacy", "confirmed_at"])
    audit.record("confirm_import", bulk, by=by, rows=bulk.rows.ready().count(), submits=submits)
    tasks.fill_import.defer(bulk=bulk.pk)
    return bulk


def fill_import(pk: int) -> int:
    """Take in the next rows of a confirmed import; the last of them closes it. Returns how many. Harmless when repeated."""
    bulk = BulkImport.objects.select_related("made_by", "organisation", "community").filter(pk=pk).first()
    if bulk is None or bulk.state != BulkState.FILLING:
        return 0
    waiting = list(bulk.rows.ready().in_order().values_list("pk", flat=True)[:ROWS_A_JOB])
    known = Known(bulk, bulk.made_by)
    for row in waiting:
        take_in(row, known)
    if bulk.rows.ready().exists():
        tasks.fill_import.defer(bulk=bulk.pk)
    else:
        finish(bulk)
    return len(waiting)


@transaction.atomic
def take_in(pk: int, known: Known) -> Item | None:
    """Make one row an item; what keeps it out is written on the row. An item once made is never made again."""
    bulk = known.bulk
    row = BulkRow.objects.select_for_update(of=("self",)).ready().filter(pk=pk).first()
    if row is None:
        return None
    found = read_row(row.told, known)
    if bulk.submits:
        ask_for_completeness(found)
    files = _unpacked(bulk, found)
    try:
        if not found.count(ERROR):
            return _bring_in(bulk, row, found, files)
        _keep_out(row, found)
        return None
    finally:
        for file in files:
            file.close()


def _bring_in(bulk: BulkImport, row: BulkRow, found: Row, files: list[Any]) -> Item | None:
    earlier = BulkRow.objects.taken().filter(organisation=row.organisation_id, identifier=row.identifier)
    try:
        with transaction.atomic():
            if before := earlier.first():
                row.known_id = before.item_id
            else:
                row.item = _made(bulk, row, found, files)
            row.save(update_fields=["known", "item"])
    except IntegrityError:  # another import took it in at the same moment
        row.item, row.known_id = None, earlier.values_list("item", flat=True).first()
        row.save(update_fields=["known", "item"])
    except (TooLate, ValidationError) as error:
        log.info("Row %s of import %s was kept out: %s", row.number, bulk.pk, error)
        found.note("title", _("You may not add items any more."))
        _keep_out(row, found)
    return row.item


def _made(bulk: BulkImport, row: BulkRow, found: Row, files: list[Any]) -> Item:
    item = start_item(
        by=bulk.made_by,
        content=found.content | {"privacy": bulk.privacy},
        organisation=bulk.organisation,
        files=files,
        nonce=uuid5(bulk.key, str(row.number)),
    )
    if bulk.submits:
        submit(item.revisions.get(), by=bulk.made_by, is_told=False)
    return item


def _keep_out(row: BulkRow, found: Row) -> None:
    row.problems = [asdict(problem) for problem in found.problems]
    row.error_count, row.warning_count = found.count(ERROR), found.count(WARNING)
    row.save(update_fields=["problems", "error_count", "warning_count"])


def _unpacked(bulk: BulkImport, found: Row) -> list[Any]:
    """The files of a row out of the archive, each recognised; what is wrong with one is noted."""
    files: list[Any] = []
    if not found.files:
        return files
    with bulk.archive.storage.open(str(bulk.archive.name)) as kept, zipfile.ZipFile(kept) as archive:
        for name in found.files:
            file = MeasuredFile(found.names[name])
            files.append(file)
            try:
                with archive.open(name) as source:
                    while (piece := source.read(PIECE)) and not file.is_too_large:
                        file.take(piece)
                file.flush()
                file.seek(0)
                file.recognised = recognise(file)  # type: ignore[attr-defined]
            except ValidationError as error:
                for one in error.error_list:
                    words = {key: str(value) for key, value in (one.params or {}).items()}
                    found.note("files", one.message, **words)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError):
                found.note("files", _("%(name)s is damaged and cannot be unpacked."), name=file.name)
    return files


@transaction.atomic
def finish(bulk: BulkImport) -> None:
    """Close an import whose rows are in, and tell who began it, and who reviews; with rows left to mend it stays open."""
    row = _lock(bulk)
    if row.state != BulkState.FILLING:
        return
    row.state, row.finished_at = BulkState.DONE, timezone.now()
    if row.rows.standing("wrong").exists():
        row.state, row.confirmed_at, row.finished_at = BulkState.READ, None, None
    row.save(update_fields=["state", "confirmed_at", "finished_at"])
    number = row.rows.taken().count()
    audit.record("finish_import", row, by=None, items=number)
    emails.tell_of_import(row, number)


def delete_old_imports(now: datetime | None = None, rows: Any = None) -> int:
    """Delete the files of imports whose time is over, and all of those that were never taken in; returns how many.

    rows: only of these.
    """
    now = now or timezone.now()
    gone = list((BulkImport.objects.all() if rows is None else rows).over(now))
    for bulk in gone:
        with transaction.atomic():
            bulk = _lock(bulk)
            for file in (bulk.table, bulk.archive):
                if file:
                    transaction.on_commit(partial(file.storage.delete, str(file.name)))
            if bulk.rows.taken().exists():  # they keep the same rows from coming in again
                bulk.state, bulk.confirmed_at = BulkState.DONE, bulk.confirmed_at or now
                bulk.table, bulk.archive, bulk.entries, bulk.prints = "", "", {}, {}
                bulk.save(update_fields=["state", "confirmed_at", "table", "archive", "entries", "prints"])
                bulk.rows.filter(item__isnull=True).delete()
                bulk.rows.update(told={}, problems=[])
            else:
                bulk.delete()
    return len(gone)
