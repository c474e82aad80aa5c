"""Bringing programmes in: begin, mend, confirm; the worker reads the table and takes the rows in."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import LocalAuthority
from munistem.commons import audit
from munistem.commons.enums import Visibility
from munistem.commons.files import extraction
from munistem.commons.tables.rows import ERROR, WARNING, Row
from munistem.commons.tables.sent import read_table
from munistem.commons.tables.states import BulkState
from munistem.commons.text.names import harmless_text
from policy.actions.figures import Impossible, Said, enter_figures
from policy.actions.importing.check import (
    PLAIN,
    Known,
    filled_up,
    judge,
    key_of,
    read_row,
    said_of,
    standing_at,
)
from policy.actions.importing.table import HEADS, columns_in
from policy.actions.programme import FiguresStand, NotTheirs, Taken, change_programme, enter_programme
from policy.emails import importing as emails
from policy.enums import ProgrammeStatus
from policy.models import Programme, ProgrammeImport, ProgrammeRow
from policy.rules import programme as rules
from policy.tasks import importing as tasks

KEPT = timedelta(days=30)
#: So many rows a job takes in before it lets other jobs have their turn.
ROWS_A_JOB = 20


class TooLate(Exception):
    """The table is not (or no longer) in the state that the deed needs, or the person may not."""


@transaction.atomic
def begin_import(
    *, by: Any, authority: LocalAuthority, table: Any, year: int, language: str, nonce: UUID
) -> ProgrammeImport:
    """Keep a table and let the worker read it; a form sent twice begins one. Raises NotTheirs.

    year, language: what holds where a row says nothing.
    """
    if not rules.can_keep_programmes(by, authority):
        raise NotTheirs
    if known := ProgrammeImport.objects.filter(nonce=nonce, made_by=by).first():
        return known
    carried = ProgrammeImport(
        authority=authority,
        made_by=by,
        year=year,
        language=language,
        nonce=nonce,
        expires_at=timezone.now() + KEPT,
    )
    carried.table_name = table.name
    carried.table.save("table", table, save=False)
    carried.save()
    audit.record("begin_programme_import", carried, by=by, table=carried.table_name)
    tasks.read_programmes.defer(key=carried.pk)
    return carried


def _lock(carried: ProgrammeImport) -> ProgrammeImport:
    rows = ProgrammeImport.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("made_by", "authority").get(pk=carried.pk)


def _found(key: int, state: str) -> ProgrammeImport | None:
    rows = ProgrammeImport.objects.select_related("made_by", "authority").filter(pk=key, state=state)
    return rows.first()


# Reading -------------------------------------------------------------------------------------------------


def read_import(key: int) -> bool:
    """Read a table and judge its rows; returns whether it was read. Harmless when repeated."""
    if not (carried := _found(key, BulkState.WAITING)):
        return False
    try:
        table = read_table(carried.table, carried.table_name, columns_in, needed=("name", "identifier"))
    except (extraction.Refused, OSError) as error:
        return _fail(carried, getattr(error, "code", "broken"))
    rows = [
        ProgrammeRow(carried=carried, number=number, told=told, identifier=key_of(told))
        for number, told in table.rows()
    ]
    judge(rows, Known(carried))
    return _keep_rows(carried, rows, table.unknown)


@transaction.atomic
def _keep_rows(carried: ProgrammeImport, rows: list[ProgrammeRow], unknown: list[str]) -> bool:
    row = _lock(carried)
    if row.state != BulkState.WAITING:
        return False
    row.state, row.unknown_heads = BulkState.READ, unknown
    row.save(update_fields=["state", "unknown_heads"])
    ProgrammeRow.objects.bulk_create(rows)
    return True


@transaction.atomic
def _fail(carried: ProgrammeImport, code: str) -> bool:
    row = _lock(carried)
    if row.state == BulkState.WAITING:
        row.state, row.why = BulkState.FAILED, code
        row.save(update_fields=["state", "why"])
    return False


# Mending -------------------------------------------------------------------------------------------------


@transaction.atomic
def mend_row(*, by: Any, row: ProgrammeRow, told: Mapping[str, str]) -> ProgrammeRow:
    """Change what a row says and judge the table anew. Raises TooLate once it is on its way."""
    carried, row = _open(by, row)
    row.told = {column: harmless_text(told[column]) for column in HEADS if told.get(column, "").strip()}
    row.identifier, row.is_left_out = key_of(row.told), False
    row.save()
    judge_again(carried)
    row.refresh_from_db()
    return row


@transaction.atomic
def leave_row_out(*, by: Any, row: ProgrammeRow, is_left_out: bool) -> ProgrammeRow:
    """Leave a row out of what is taken in, or take it back in. Raises TooLate."""
    carried, row = _open(by, row)
    row.is_left_out = is_left_out
    row.save(update_fields=["is_left_out"])
    judge_again(carried)
    return row


def judge_again(carried: ProgrammeImport) -> None:
    """Rows of one programme depend on each other: whenever one changes, all that wait are judged together."""
    rows = list(carried.rows.filter(is_left_out=False))
    judge(rows, Known(carried))
    columns = ["problems", "error_count", "warning_count", "does", "changes", "programme"]
    ProgrammeRow.objects.bulk_update([row for row in rows if not row.is_taken], columns)


def _open(by: Any, row: ProgrammeRow) -> tuple[ProgrammeImport, ProgrammeRow]:
    carried = _lock(row.carried)
    found = carried.rows.select_for_update(of=("self",)).filter(pk=row.pk, is_taken=False).first()
    if found is None or carried.state != BulkState.READ:
        raise TooLate
    if not rules.can_keep_programmes(by, carried.authority):
        raise NotTheirs
    found.carried = carried
    return carried, found


# Taking in -----------------------------------------------------------------------------------------------


@transaction.atomic
def confirm_import(*, by: Any, carried: ProgrammeImport) -> ProgrammeImport:
    """Let the worker take the rows in that are in order; a second time changes nothing. Raises TooLate and NotTheirs."""
    carried = _lock(carried)
    if not rules.can_keep_programmes(by, carried.authority):
        raise NotTheirs
    if carried.state in (BulkState.FILLING, BulkState.DONE):
        return carried
    if carried.state != BulkState.READ or not carried.rows.ready().exists():
        raise TooLate
    carried.state, carried.confirmed_at = BulkState.FILLING, timezone.now()
    carried.save(update_fields=["state", "confirmed_at"])
    audit.record("confirm_programme_import", carried, by=by, rows=carried.rows.ready().count())
    tasks.fill_programmes.defer(key=carried.pk)
    return carried


def fill_import(key: int) -> int:
    """Take in the next rows of a confirmed table; the last of them closes it. Returns how many. Harmless when repeated."""
    if not (carried := _found(key, BulkState.FILLING)):
        return 0
    waiting = list(carried.rows.ready().in_order().values_list("pk", flat=True)[:ROWS_A_JOB])
    known = Known(carried)
    for row in waiting:
        take_in(row, known)
    if carried.rows.ready().exists():
        tasks.fill_programmes.defer(key=carried.pk)
    else:
        finish(carried)
    return len(waiting)


@transaction.atomic
def take_in(pk: int, known: Known) -> Programme | None:
    """Let one row stand: its programme made or changed, its year told; what keeps it out is written on the row."""
    carried = known.carried
    LocalAuthority.objects.select_for_update(no_key=True).only("pk").get(pk=carried.authority_id)
    row = ProgrammeRow.objects.select_for_update(of=("self",)).ready().filter(pk=pk).first()
    if row is None:
        return None
    found = read_row(row.told, known)
    if not found.count(ERROR):
        try:
            with transaction.atomic():
                programme = _kept(carried, known.find(row.told), found)
                _tell_year(carried, programme, row, known)
                row.programme, row.is_taken = programme, True
                row.save(update_fields=["programme", "is_taken"])
            known.add(programme)
            return programme
        except Taken:
            found.note("identifier", _("Another programme of the municipality has this identifier."))
        except FiguresStand:
            found.note(
                "life_stages", _("Figures stand for a life stage or setting that this row leaves away.")
            )
        except Impossible as refusal:
            for column, sentence in refusal.problems:
                found.note(column if column in HEADS else "figures_stage", sentence)
        except NotTheirs:
            found.note("name", _("You do not keep the programmes of this municipality any more."))
    row.problems = [asdict(problem) for problem in found.problems]
    row.error_count, row.warning_count = found.count(ERROR), found.count(WARNING)
    row.save(update_fields=["problems", "error_count", "warning_count"])
    return None


def _kept(carried: ProgrammeImport, programme: Programme | None, found: Row) -> Programme:
    """The programme of a row, made or changed; what the row does not say stays."""
    content = found.content
    said = {
        name: content[name] for name in (*PLAIN, "identifier", "provider_organisation") if name in content
    }
    parts = {name: content.get(name) for name in ("funders", "schools")}
    terms = content.get("terms")
    if programme is None:
        begun = {
            "language": carried.language,
            "visibility": Visibility.PUBLIC,
            "status": ProgrammeStatus.RUNNING,
        }
        return enter_programme(
            by=carried.made_by,
            authority=carried.authority,
            said=begun | said,
            terms=list((terms or {}).values()),
            funders=parts["funders"] or (),
            schools=parts["schools"] or (),
        )
    if terms is not None:
        terms = {term.pk: term for term in programme.terms.all()} | terms
    return change_programme(
        by=carried.made_by, programme=programme, said=said, terms=terms and list(terms.values()), **parts
    )


def _tell_year(carried: ProgrammeImport, programme: Programme, row: ProgrammeRow, known: Known) -> None:
    """The figures of a row, together with those that other rows of the table tell of the same year."""
    year, told = _figures(carried, programme, row.told, known)
    if told is None:
        return
    rows = {told.cell: told}
    others = carried.rows.filter(identifier=row.identifier, is_left_out=False, error_count=0).exclude(
        pk=row.pk
    )
    for other in others:
        of, said = _figures(carried, programme, other.told, known)
        if of == year and said is not None:
            rows.setdefault(said.cell, said)
    figures = list(programme.figures.filter(year=year).prefetch_related("populations"))
    full = [filled_up(said, standing_at(figures, year, said)) for said in rows.values()]
    enter_figures(by=carried.made_by, programme=programme, year=year, rows=full, keeps_others=True)


def _figures(
    carried: ProgrammeImport, programme: Programme, told: dict[str, str], known: Known
) -> tuple[int, Said | None]:
    found = read_row(told, known)
    year = found.content.get("year", carried.year)
    return year, said_of(found, programme.life_stages, programme.settings)


@transaction.atomic
def finish(carried: ProgrammeImport) -> None:
    """Close a table whose rows are in; with rows left to mend it stays open."""
    row = _lock(carried)
    if row.state != BulkState.FILLING:
        return
    row.state, row.finished_at = BulkState.DONE, timezone.now()
    if row.rows.standing("wrong").exists():
        row.state, row.confirmed_at, row.finished_at = BulkState.READ, None, None
    row.save(update_fields=["state", "confirmed_at", "finished_at"])
    taken, wrong = (row.rows.standing(state).count() for state in ("taken", "wrong"))
    audit.record("finish_programme_import", row, by=None, rows=taken)
    emails.tell_of_import(row, taken=taken, wrong=wrong)


def delete_old_imports(now: datetime | None = None) -> int:
    """Delete tables whose time is over with their rows; programmes and figures stay. Returns how many."""
    gone = list(ProgrammeImport.objects.over(now or timezone.now()))
    for carried in gone:
        with transaction.atomic():
            transaction.on_commit(partial(carried.table.storage.delete, carried.table.name))
            carried.delete()
    return len(gone)
