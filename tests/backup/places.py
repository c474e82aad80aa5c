"""Other places than the tests' own: a database beside it and a folder of files, as empty as a new machine's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.signals import setting_changed
from django.db import connection
from psycopg import sql

from munistem.backup import database, files


@contextmanager
def place(name: str, folder: Path, template: str | None = None) -> Iterator[None]:
    """A database of this name (cloned from the migrated template unless another is named) and this folder of files."""
    known = connection.settings_dict
    own, root = known["NAME"], django_settings.MEDIA_ROOT
    name = f"{own}_{name}"
    create(name, template or known["TEST"]["TEMPLATE"])
    connection.close()
    known["NAME"] = name
    use_folder(folder)
    try:
        yield
    finally:
        connection.close()
        known["NAME"] = own
        use_folder(root)
        with server() as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def use_folder(folder: str | Path) -> None:
    django_settings.MEDIA_ROOT = str(folder)
    setting_changed.send(sender=None, setting="MEDIA_ROOT", value=str(folder), enter=True)
    assert default_storage.location == str(folder)


def create(name: str, template: str) -> None:
    with server() as admin:
        words = "drop database if exists {name} with (force)", "create database {name} template {template}"
        for word in words:
            names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
            admin.execute(sql.SQL(word).format(**names))


def server() -> psycopg.Connection:
    known = connection.settings_dict
    where = {word: known[word.upper()] or None for word in ("host", "port", "user", "password")}
    return psycopg.connect(**where, dbname="postgres", autocommit=True)


def contents() -> dict[str, object]:
    """All that a set must bring back: rows of every table, sequences, constraints, triggers, and every file."""
    with database.snapshot() as raw:
        found: dict[str, object] = {"sequences": database.sequences(raw), "shape": database.shape(raw)}
        for table, columns in database.tables(raw).items():
            with (
                raw.cursor() as cursor,
                cursor.copy(database.copy_statement(table, columns, "to stdout")) as rows,
            ):
                found[table] = sorted(bytes(row) for row in rows)
        for file in files.named(raw):
            found[file.name] = (files.root() / file.name).read_bytes()
    return found
