"""Make a set: rows of one snapshot, and every file that they name."""

import shutil
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.files.storage import default_storage

from munistem.backup import database, files
from munistem.backup.places import place
from munistem.backup.sets import BackupSet, private


class Taken(Exception):
    """The folder is not empty: a set is never written over another."""


class LaterCode(Exception):
    """The database is further on than this code, which cannot know all files that its rows name."""


def make(folder: Path, passphrase: str = "", warn: Callable[[str], None] = print) -> dict[str, Any]:
    """Write a set into an empty folder (created, mode 0700) while members write; returns its manifest.

    What was begun is removed again when it fails. Raises Taken, LaterCode, BackupRuns, and what database and disk raise.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Taken
    private(folder)
    folder.chmod(0o700)
    try:
        return fill(BackupSet(folder, passphrase), warn)
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


def fill(into: BackupSet, warn: Callable[[str], None]) -> dict[str, Any]:
    """Write the rows of one moment and their files, and the manifest last, which is returned.

    warn: told of files that are missing or changed. Raises LaterCode when the database is further on than this code.
    """
    started = time.monotonic()
    with default_storage.deletions_wait(), database.snapshot() as raw:  # type: ignore[attr-defined]
        made_at = datetime.now(UTC)
        tables = database.tables(raw)
        if unknown := database.unknown_migrations(database.migrations(raw)):
            raise LaterCode(unknown[0])
        database.hold_still(raw, tables)
        manifest = {
            "made_at": made_at.isoformat(timespec="seconds"),
            "portal": version(),
            "django": django.get_version(),
            "postgresql": raw.info.server_version,
            "migrations": database.migrations(raw),
            "shape": database.shape(raw),
            "tables": [database.write_rows(raw, into, table, columns) for table, columns in tables.items()],
            "files": files.write_files(raw, into, warn, place().opened),
            # Read last: a number that was given out since the snapshot is not given out again.
            "sequences": database.sequences(raw),
        }
    manifest["seconds"] = round(time.monotonic() - started, 1)
    into.close(manifest)
    return manifest


def version() -> str:
    """The portal's own version, as its checkout says it."""
    return tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
