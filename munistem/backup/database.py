"""The database's side of a set: rows by COPY out of one snapshot and back in one transaction; the schema by migrations.

COPY and not pg_dump, because its program is not where the portal runs (the image has none) and must be as new as the
server. So the set is text that every PostgreSQL reads, and the schema is always what migrations make of it.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as default
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import IsolationLevel, sql
from psycopg.rows import tuple_row

from munistem.backup.sets import BackupSet, Damaged, Part

# What is written must not depend on how the server or the role is set up.
PLAIN = "set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; set extra_float_digits = 1; "
PLAIN += "set bytea_output = 'hex'; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0"
TABLES = """
select c.relname, array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = '')
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
group by c.relname order by c.relname
"""
SEQUENCES = """
select sequencename from pg_sequences where schemaname = current_schema() order by sequencename
"""
# Keys that are checked row by row: their table's rows come after those they point at.
AT_ONCE = """
select conrelid::regclass::text, confrelid::regclass::text from pg_constraint
where contype = 'f' and not condeferrable and connamespace = current_schema()::regnamespace and conrelid <> confrelid
"""
TRIGGERS = """
select tgrelid::regclass::text, tgname from pg_trigger join pg_class c on c.oid = tgrelid
where c.relnamespace = current_schema()::regnamespace and not tgisinternal and tgenabled = 'O' order by 1, 2
"""
SHAPE = {
    "constraint": "select conrelid::regclass || ' ' || conname || ': ' || pg_get_constraintdef(oid) from pg_constraint "
    "where connamespace = current_schema()::regnamespace and contype in ('c', 'f', 'p', 'u', 'x') and conrelid <> 0",
    "index": "select indexdef from pg_indexes where schemaname = current_schema()",
    "trigger": "select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = tgrelid "
    "where c.relnamespace = current_schema()::regnamespace and not tgisinternal",
}


@contextmanager
def snapshot() -> Iterator[Any]:
    """A connection of its own (psycopg's) that sees one moment of the database and holds up nobody who writes."""
    with own_connection() as raw:
        raw.isolation_level, raw.read_only = IsolationLevel.REPEATABLE_READ, True
        with raw.transaction():
            yield raw


@contextmanager
def own_connection() -> Iterator[Any]:
    private = default.copy()
    try:
        private.ensure_connection()
        raw = private.connection
        raw.row_factory = tuple_row
        raw.execute(PLAIN)
        yield raw
    finally:
        private.close()


def tables(raw: Any) -> dict[str, list[str]]:
    """Each table of the portal's schema with the columns that hold data; what PostgreSQL computes is left out."""
    return dict(raw.execute(TABLES).fetchall())


def sequences(raw: Any) -> dict[str, list]:
    """Where each sequence stands: its last value, and whether that was given out."""
    names = [name for (name,) in raw.execute(SEQUENCES).fetchall()]
    found = {}
    for name in names:
        state = sql.SQL("select last_value, is_called from {}").format(sql.Identifier(name))
        found[name] = list(raw.execute(state).fetchone())
    return found


def migrations(raw: Any) -> list[list[str]]:
    """What has been applied, in its order."""
    return [
        list(row) for row in raw.execute("select app, name from django_migrations order by id").fetchall()
    ]


def shape(raw: Any) -> dict[str, list[str]]:
    """Constraints, indexes and triggers as PostgreSQL words them."""
    return {what: sorted(text for (text,) in raw.execute(query)) for what, query in SHAPE.items()}


def copy_statement(table: str, columns: Iterable[str], way: str) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("copy {} ({}) " + way).format(sql.Identifier(table), listed)


# Out -----------------------------------------------------------------------------------------------------


def hold_still(raw: Any, names: Iterable[str]) -> None:
    """No migration may change a table while it is read; readers and writers go on."""
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    raw.execute(sql.SQL("lock table {} in access share mode").format(listed))


def write_rows(raw: Any, into: BackupSet, table: str, columns: list[str]) -> dict[str, Any]:
    """Write the rows of a table into its part, as they come; returns its line in the manifest."""
    name, count = f"rows/{table}.copy.gz", 0
    with into.writing(name) as writer:
        with (
            gzip.GzipFile("", fileobj=writer, mode="wb", compresslevel=3, mtime=0) as packed,
            raw.cursor() as cursor,
            cursor.copy(copy_statement(table, columns, "to stdout")) as rows,
        ):
            for row in rows:
                packed.write(row)
                count += bytes(row).count(b"\n")  # those within a text are written as \\n
        part = writer.part
    return {"table": table, "columns": columns, "rows": count, "part": part}


# In ------------------------------------------------------------------------------------------------------


def unknown_migrations(found: list[list[str]]) -> list[str]:
    """Migrations of a set that this code does not know: it was made by later code."""
    known = MigrationLoader(None).disk_migrations
    return [f"{app}.{name}" for app, name in found if (app, name) not in known]


def migrate_to(found: list[list[str]]) -> None:
    """Give the database the schema that the set's had; raises Damaged when it is further on than that."""
    wanted = {(app, name) for app, name in found}
    executor = MigrationExecutor(default)
    if ahead := set(executor.loader.applied_migrations) - wanted:
        raise Damaged(
            f"the database has {len(ahead)} migrations that the set has not ({'.'.join(min(ahead))}): "
            "restore into an empty database"
        )
    graph = executor.loader.graph
    targets = sorted(key for key in wanted if not any(child in wanted for child in own_children(graph, key)))
    if lacking := {key for target in targets for key in graph.forwards_plan(target)} - wanted:
        raise Damaged(f"its list of migrations lacks {'.'.join(min(lacking))}")
    executor.migrate(targets)


def own_children(graph: Any, key: tuple[str, str]) -> list[tuple[str, str]]:
    """The migrations of the same room that build on this one."""
    return [child.key for child in graph.node_map[key].children if child.key[0] == key[0]]


def read_rows(raw: Any, found: BackupSet, lines: list[dict[str, Any]], numbers: dict[str, list]) -> None:
    """Replace all rows by the set's, inside the caller's transaction; raises Damaged and leaves the rest to rollback.

    Triggers that lock what is published sleep meanwhile; keys, checks and uniqueness are looked at by PostgreSQL as always.
    """
    here = tables(raw)
    by_name = {line["table"]: line for line in lines if line["table"] in here}
    if strange := [name for name, line in by_name.items() if set(line["columns"]) - set(here[name])]:
        raise Damaged(f"the database has other columns in {', '.join(sorted(strange))}")
    resting = raw.execute(TRIGGERS).fetchall()
    everything = sql.SQL(", ").join(map(sql.Identifier, by_name))
    raw.execute(sql.SQL("truncate {} restart identity").format(everything))
    for table, trigger in resting:
        switch(raw, table, trigger, "disable")
    for name in in_order(raw, by_name):
        read_table(raw, found, by_name[name])
    raw.execute("set constraints all immediate")
    for table, trigger in resting:
        switch(raw, table, trigger, "enable")
    for name in sequences(raw).keys() & numbers.keys():
        last, is_called = numbers[name]
        # A sequence that was begun anew in this transaction belongs to it: with a rollback the old numbers are back.
        raw.execute(sql.SQL("alter sequence {} restart").format(sql.Identifier(name)))
        raw.execute("select setval(%s::regclass, %s, %s)", [f'"{name}"', last, is_called])


def switch(raw: Any, table: str, trigger: str, way: str) -> None:
    """``table`` is as regclass wrote it, quoted where need be."""
    raw.execute(sql.SQL(f"alter table {table} {way} trigger {{}}").format(sql.Identifier(trigger)))


def in_order(raw: Any, names: Iterable[str]) -> list[str]:
    """The tables, each after those that its undeferrable keys point at."""
    points: dict[str, set[str]] = {}
    for table, other in raw.execute(AT_ONCE).fetchall():
        points.setdefault(table.strip('"'), set()).add(other.strip('"'))
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in done:
            for other in sorted(points.get(name, ())):
                visit(other)
            done[name] = None

    for name in sorted(names):
        visit(name)
    return [name for name in done if name in set(names)]


def read_table(raw: Any, found: BackupSet, line: dict[str, Any]) -> None:
    part = Part(*line["part"])
    with raw.cursor() as cursor, found.reading(part.name, part) as reader:
        with cursor.copy(copy_statement(line["table"], line["columns"], "from stdin")) as rows:
            for piece in unpacked(reader):
                rows.write(piece)
        if cursor.rowcount != line["rows"]:
            raise Damaged(f"{part.name} holds {cursor.rowcount} rows instead of {line['rows']}")


def unpacked(reader: Any) -> Iterator[bytes]:
    """What gzip packed, a piece at a time, with the part read to its very end so that its sum is compared."""
    with gzip.GzipFile(fileobj=reader, mode="rb") as packed:
        try:
            while piece := packed.read(256 * 1024):
                yield piece
        except (OSError, EOFError, zlib.error) as error:
            raise Damaged(f"{reader.part.name} cannot be unpacked") from error
    reader.drain()
