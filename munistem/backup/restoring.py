"""Read a set back: looked at whole first, then files beside, rows in one transaction, and a handful of renames."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from psycopg import Error, sql

from munistem.backup import database, files
from munistem.backup.places import place
from munistem.backup.sets import BackupSet, Damaged, Part
from munistem.squashed_migrations import present_names


class NotEmpty(Exception):
    """There are people or files here already; the text says which."""


def check(found: BackupSet) -> dict[str, Any]:
    """Read the whole set without touching anything; returns its manifest. Raises Damaged, for a set of later code too."""
    manifest = found.manifest()
    applied = [(room, name) for room, name in manifest["migrations"]]
    manifest["migrations"] = [list(row) for row in present_names(applied)]
    if unknown := database.unknown_migrations(manifest["migrations"]):
        raise Damaged(
            f"it was made by later code (version {manifest['portal']}): this code does not know {unknown[0]}"
            f"{f' and {len(unknown) - 1} more migrations' if len(unknown) > 1 else ''}"
        )
    for line in manifest["tables"]:
        part = Part(*line["part"])
        with found.reading(part.name, part) as reader:
            for _piece in database.unpacked(reader):
                pass
    files.check_files(found, manifest)
    return manifest


def restore(found: BackupSet, *, is_replacing: bool = False, tell: Callable[[str], None]) -> dict[str, Any]:
    """Put rows and files of a set in place, all or nothing; returns its manifest.

    Raises Damaged before anything is touched, NotEmpty unless ``is_replacing``. Former files are set aside, not deleted.
    """
    tell("Reading the whole set …")
    manifest = check(found)
    refuse_what_is_there(is_replacing)
    with default_storage.deletions_wait():  # type: ignore[attr-defined]
        tell("Tables …")
        database.migrate_to(manifest["migrations"])
        call_command("createcachetable", verbosity=0)
        connection.close()
        tell(f"{manifest['files']['count']} files …")
        moved = place().bring(found, manifest)
        tell(f"{sum(line['rows'] for line in manifest['tables'])} rows …")
        try:
            fill(found, manifest, moved, tell)
        except BaseException:
            moved.take_back()
            raise
        finally:
            former = moved.end()
    if former:
        tell(former)
    after(tell)
    return manifest


def refuse_what_is_there(is_replacing: bool) -> None:
    """A place is empty when nobody has an account there and no file lies there. Raises NotEmpty."""
    if is_replacing:
        return
    people = get_user_model()._meta.db_table
    with database.own_connection() as raw:
        if people in database.tables(raw):
            query = sql.SQL("select exists (select from {})").format(sql.Identifier(people))
            if raw.execute(query).fetchone()[0]:
                raise NotEmpty("there are people in this database")
    here = place()
    if (there := here.present()) and not here.was_interrupted():
        raise NotEmpty(f"there are files in {here.root()} ({there[0]})")


def fill(found: BackupSet, manifest: dict[str, Any], moved: Any, tell: Callable[[str], None]) -> None:
    """Rows and files at once: the files come into place while the rows wait for their commit.

    moved: the files, ready to be moved; tell: told how the set's database differs. Raises Damaged when PostgreSQL refuses a row.
    """
    with database.own_connection() as raw:
        raw.autocommit = True
        try:
            with raw.transaction():
                database.read_rows(raw, found, manifest["tables"], manifest["sequences"])
                tell_differences(raw, manifest, tell)
                moved.make()
        except Error as error:
            raise Damaged(f"PostgreSQL refuses its rows: {error}") from error


def tell_differences(raw: Any, manifest: dict[str, Any], tell: Callable[[str], None]) -> None:
    """Name what the set's database had besides what migrations make."""
    here = database.tables(raw)
    for line in manifest["tables"]:
        if line["table"] not in here:
            tell(
                f"Left in the set: the table {line['table']}, which is not of the portal ({line['rows']} rows)."
            )
    if raw.info.server_version // 10_000 != manifest["postgresql"] // 10_000:
        return  # each version words them in its own way
    shape = database.shape(raw)
    for what, texts in manifest["shape"].items():
        for text in sorted(set(texts) - set(shape[what])):
            tell(f"The set's database had this {what}, made by hand; this one has it not: {text}")


def after(tell: Callable[[str], None]) -> None:
    """Migrations that came after the set, and caches that know of another past."""
    for cache in caches.all(initialized_only=False):
        if not isinstance(cache, DatabaseCache):
            cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    call_command("migrate", verbosity=0)
    tell("Migrations are up to date.")
