"""The files' side of a set: what the rows of one snapshot name, copied while people go on adding and deleting."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db.models import FileField
from psycopg import sql

from munistem.backup.database import tables
from munistem.backup.sets import BLOCK, LIST, BackupSet, Damaged, Part, private
from munistem.commons.files.models import StoredFile
from munistem.commons.files.resumable.keeping import FOLDER
from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.storage import KEPT_BACK, LOCK

ARRIVING, BEFORE = ".arriving", ".before-restore"
PASSING = {".incoming", ".papers", KEPT_BACK, LOCK, ARRIVING}  # nobody misses these


class Named(NamedTuple):
    """A file that a row names: how many of its bytes count (None: all), and its sum where the row says it."""

    name: str
    bytes: int | None = None
    sha256: str = ""


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def named(raw: Any) -> Iterator[Named]:
    """Every file that the rows of this snapshot name. Files never change once written; those on their way in grow."""
    here = tables(raw)
    for table, column, sums in sorted(columns()):
        if column not in here.get(table, ()):
            continue  # the code is newer than the database: it will be migrated after this backup
        query = sql.SQL("select {0}, {1} from {2} where {0} <> ''").format(
            sql.Identifier(column), sql.Identifier(sums) if sums else sql.SQL("''"), sql.Identifier(table)
        )
        for name, summed in stream(raw, query):
            yield Named(name, None, summed)
    if Upload._meta.db_table not in here:
        return
    query = sql.SQL("select key, received from {} where received > 0").format(
        sql.Identifier(Upload._meta.db_table)
    )
    for key, received in stream(raw, query):
        yield Named(f"{FOLDER}/{key.hex}", received)


def columns() -> Iterator[tuple[str, str, str]]:
    """Table and column of everything that names a file, and the column of its SHA-256 if there is one."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField):
                is_summed = model is StoredFile and field.name == "blob"
                yield model._meta.db_table, field.column, "sha256" if is_summed else ""


def stream(raw: Any, query: sql.Composed) -> Iterator[tuple]:
    with raw.cursor(name="files_of_people") as cursor:
        yield from cursor.execute(query)


# Out -----------------------------------------------------------------------------------------------------


def write_files(
    raw: Any, into: BackupSet, warn: Callable[[str], None], find: Callable[[str], Any]
) -> dict[str, Any]:
    """Copy every named file into the set and list it; returns the line of the manifest.

    find: opens a file of people by its name, None when it is lost. A file that is not there, or not what its row says, was lost before: that is told, and the rest is kept.
    """
    count = size = 0
    lost = []
    with into.writing(LIST) as listed:
        for file in named(raw):
            source = find(file.name)
            if source is None:
                lost.append(file.name)
                warn(f"lost before this backup: {file.name}")
                continue
            with source:
                part = copy(file, into, source)
            if file.sha256 and file.sha256 != part.sha256:
                lost.append(file.name)
                warn(f"changed before this backup: {file.name}")
            listed.write(json.dumps(list(part)).encode() + b"\n")
            count, size = count + 1, size + part.bytes
        part = listed.part
    return {"count": count, "bytes": size, "lost": lost, "part": part}


def copy(file: Named, into: BackupSet, source: Any) -> Part:
    """One file into the set, as far as its bytes count."""
    with into.writing(f"files/{file.name}") as writer:
        left = file.bytes
        while data := source.read(BLOCK if left is None else min(BLOCK, left)):
            writer.write(data)
            left = None if left is None else left - len(data)
        return writer.part._replace(name=file.name)


def opened(name: str) -> Any:
    """A file of people, in its place or where deletions wait; None when it is in neither."""
    for place in (root() / name, root() / KEPT_BACK / name, root() / name):
        with suppress(FileNotFoundError):
            return place.open("rb")
    return None


# In ------------------------------------------------------------------------------------------------------


def present() -> list[str]:
    """What lies where the files belong, apart from what nobody misses."""
    if not root().is_dir():
        return []
    found = [
        path for path in root().iterdir() if path.name not in PASSING and not path.name.startswith(BEFORE)
    ]
    return sorted(path.name for path in found if not path.is_dir() or any(path.iterdir()))


def was_interrupted() -> bool:
    """A restore was killed on its way; what it left is no reason to refuse the next one."""
    return (root() / ARRIVING).exists()


def check_files(found: BackupSet, manifest: dict[str, Any]) -> None:
    """Read every file of the set to its end; raises Damaged."""
    count = 0
    for part in found.files(manifest):
        with found.reading(f"files/{part.name}", part) as reader:
            reader.drain()
        count += 1
    if count != manifest["files"]["count"]:
        raise Damaged(f"it lists {count} files instead of {manifest['files']['count']}")


def bring_files(found: BackupSet, manifest: dict[str, Any]) -> Path:
    """Copy the set's files beside those that are there; they are not in their place yet. Returns where they wait."""
    arriving = root() / ARRIVING
    shutil.rmtree(arriving, ignore_errors=True)
    private(arriving)
    for part in found.files(manifest):
        target = arriving / part.name
        private(target.parent)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with found.reading(f"files/{part.name}", part) as reader, os.fdopen(descriptor, "wb") as file:
            while data := reader.read():
                file.write(data)
    os.sync()
    return arriving


class Moved:
    """The exchange of what is there for what has arrived: a handful of renames, taken back when the rest fails."""

    def __init__(self, arriving: Path):
        self.arriving = arriving
        self.aside = root() / f"{BEFORE}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
        self.moves: list[tuple[Path, Path]] = []

    def make(self) -> None:
        if old := present():
            self.aside.mkdir(mode=0o700)
            for name in old:
                self.move(root() / name, self.aside / name)
        self.move_in()
        os.sync()

    def move_in(self) -> None:
        for path in sorted(self.arriving.iterdir()):
            self.move(path, root() / path.name)

    def move(self, source: Path, target: Path) -> None:
        if target.is_dir():  # an empty one, such as that of uploads
            target.rmdir()
        source.rename(target)
        self.moves.append((source, target))

    def take_back(self) -> None:
        for source, target in reversed(self.moves):
            target.rename(source)
        if self.aside.exists():
            self.aside.rmdir()

    def end(self) -> str:
        """Everything is in its place; returns what is to be told of the former files, if there were any."""
        shutil.rmtree(self.arriving, ignore_errors=True)
        if not self.aside.exists():
            return ""
        return f"The former files lie in {self.aside}; delete them when nobody misses anything."


def bring(found: BackupSet, manifest: dict[str, Any]) -> Moved:
    """Bring the set's files beside those that are there; ``make`` exchanges them."""
    return Moved(bring_files(found, manifest))
