"""Django's ``migrate``, made safe beside people at work: it waits shortly for locks, gives way, and tries again."""

import time
from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.transaction import atomic
from psycopg import sql
from psycopg.errors import LockNotAvailable

from munistem.squashed_migrations import present_names

LOCK_TIMEOUT = "4s"  # whoever comes after a statement that waits for a lock waits too
PATIENCE, PAUSE = 300, 5  # seconds
DOOR = 5_172_026  # of the advisory lock: one migrates at a time
INVALID = """
select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
where not i.indisvalid and c.relnamespace = current_schema()::regnamespace
"""


class Command(migrate.Command):
    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--patience",
            type=int,
            default=PATIENCE,
            help="for how many seconds to try again while others hold a table; default %(default)s",
        )

    def handle(self, *args, patience: int = PATIENCE, **options):
        connection = connections[options["database"]]
        if options["plan"] or options["check_unapplied"]:
            return super().handle(*args, **options)
        deadline = time.monotonic() + patience
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [DOOR])
        try:
            rename(MigrationRecorder(connection))
            while not self.attempt(connection, args, options):
                if time.monotonic() > deadline:
                    raise CommandError(
                        "Others hold a table for too long; what was migrated stays. Run it again."
                    )
                self.stderr.write(f"A table is held by others; again in {PAUSE} seconds.")
                time.sleep(PAUSE)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("reset lock_timeout; reset statement_timeout")
                cursor.execute("select pg_advisory_unlock(%s)", [DOOR])

    def attempt(self, connection: Any, args: Any, options: dict[str, Any]) -> bool:
        """Migrate as far as it goes; False when somebody held a table. What was done is noted by then, each by itself."""
        with connection.cursor() as cursor:
            cursor.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'; set statement_timeout = 0")
            cursor.execute(INVALID)
            for (
                name,
            ) in cursor.fetchall():  # an index that was being built concurrently when it had to give way
                cursor.execute(sql.SQL("drop index concurrently {}").format(sql.Identifier(name)))
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                return False
            raise
        return True


def rename(recorder: MigrationRecorder) -> None:
    """A database from before the first release has the tables already, under other names of migrations."""
    applied = list(recorder.applied_migrations())
    wanted = present_names(applied)
    with atomic(using=recorder.connection.alias):
        for row in set(applied) - set(wanted):
            recorder.record_unapplied(*row)
        for row in set(wanted) - set(applied):
            recorder.record_applied(*row)
