"""What a migration may do while the release before it still serves, and while a table is large.

Written rules, each with its way out. They hold for migrations after the first release (``RELEASED``): those before
it make the tables.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader

#: Up to this number migrations make the first release: nobody's tables are there before them. Never raised.
RELEASED = {"commons": 2, "communities": 3, "knowledge": 3, "members": 1, "policy": 2}
#: Tables that grow with use, not with the number of municipalities.
LARGE = {
    "commons": "auditevent bounce cache event filepage hit incomingmail notice outgoingmail storedfile",
    "communities": "decision membership post remark task topic",
    "django": "session",
    "knowledge": "item itemuse review revision revisionfile revisionterm",
    "members": "representative user",
    "policy": "progressreport progresssnapshot",
    "procrastinate": "events jobs",
}
LARGE_TABLES = {f"{room}_{table}" for room, tables in LARGE.items() for table in tables.split()}
#: Migrations that may break a rule all the same: "room.name": why it is safe, in which release its other half was.
ALLOWED: dict[str, str] = {}

NAME = r'"?(\w+)"?'
#: (what is looked for, whether it matters on small tables too, what to do instead)
RULES = (
    (
        rf"^create (?:unique )?index (?!concurrently).* on {NAME}",
        False,
        "nobody can write while the index is built: AddIndexConcurrently in a migration with atomic = False "
        "(db_index=False on the field)",
    ),
    (
        rf"^alter table {NAME} alter column \S+ type",
        False,
        "the table may be written anew: a new column, filled in pieces, then read instead",
    ),
    (
        rf"^alter table {NAME} add constraint (?!.*not valid)(?=.* (?:check|foreign key))",
        False,
        "all rows are read while nobody can write: AddConstraintNotValid, and ValidateConstraint in the next migration",
    ),
    (
        rf"^alter table {NAME} add constraint (?=.* (?:unique|exclude))",
        False,
        "its index is built while nobody can read: a unique index by AddIndexConcurrently",
    ),
    (
        rf"^alter table {NAME} alter column \S+ set not null",
        True,
        "the release before may write null: db_default first, a NOT VALID check, and this a release later",
    ),
    (
        rf"^alter table {NAME} alter column \S+ drop default",
        True,
        "the release before does not know the column and would write null into it: give the field db_default",
    ),
    (
        rf"^alter table {NAME} drop column",
        True,
        "the release before still reads it: take it out of the code now, out of the table a release later",
    ),
    (rf"^drop table {NAME}", True, "the release before still reads it: drop it a release later"),
    (
        rf"^alter table {NAME} rename",
        True,
        "the release before knows the old name: db_column / db_table keep it",
    ),
    (
        rf"^(?:update|delete from|lock table) {NAME}",
        False,
        "rows are locked until the migration ends: a job that works in pieces",
    ),
    (
        r"^alter table (\w+) add column .* default (?:gen_random_uuid|random|clock_timestamp|nextval)",
        False,
        "a default that is computed for each row writes the table anew",
    ),
)


def after_release(migration: Any) -> bool:
    """Whether this migration is one of ours and came after the first release."""
    last = RELEASED.get(migration.app_label)
    return last is not None and int(migration.name[:4]) > last


def faults(migration: Any, statements: list[str]) -> Iterator[str]:
    """What this migration does that it must not, in words that say what to do instead."""
    made = set()
    for statement in map(plain, statements):
        if found := re.match(rf"create table {NAME}", statement):
            made.add(found[1])
        for pattern, is_of_all, instead in RULES:
            found = re.match(pattern, statement.replace('"', "").strip())
            if found and found[1] not in made and (is_of_all or found[1] in LARGE_TABLES):
                yield f"{statement[:90]}: {instead}"
    others = [deed for deed in migration.operations if not isinstance(deed, RunPython)]
    if len(others) < len(migration.operations) and others:
        yield "RunPython beside changes of tables holds their locks until it ends: a migration of its own"


def plain(statement: str) -> str:
    return " ".join(line for line in statement.lower().split("\n") if not line.startswith("--"))


def statements_of(migration: Any, loader: MigrationLoader) -> list[str]:
    """The SQL that it would run, without running it.

    One that builds an index beside people at work runs outside of any transaction, and Django will not even write it down within
    one, as tests are.
    """
    within = connection.in_atomic_block
    connection.in_atomic_block = within and migration.atomic
    try:
        return loader.collect_sql([(migration, False)])
    finally:
        connection.in_atomic_block = within


def all_faults() -> list[str]:
    loader = MigrationLoader(connection, replace_migrations=False)
    found = []
    for (room, name), migration in sorted(loader.disk_migrations.items()):
        if after_release(migration) and f"{room}.{name}" not in ALLOWED:
            found += [
                f"{room}.{name}: {fault}" for fault in faults(migration, statements_of(migration, loader))
            ]
    return found
