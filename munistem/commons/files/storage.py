"""Files of people on disk: written for good before anybody is told so, and kept back while a backup is made."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.files.storage import FileSystemStorage

LOCK, KEPT_BACK = ".backup-lock", ".deleted"
PATIENCE = 2.0


class BackupRuns(Exception):
    """A backup of these files is being made already."""


class CarefulStorage(FileSystemStorage):
    """What is saved outlives a loss of power; what is deleted while a backup is made waits for its end."""

    def _save(self, name, content):
        name = super()._save(name, content)
        path = Path(self.path(name))
        for place in (path, path.parent):
            reach_disk(place)
        return name

    def delete(self, name):
        if not name:
            raise ValueError("The name must be given to delete().")
        path = Path(self.path(name))
        with door(Path(self.location), fcntl.LOCK_SH) as is_free:
            if is_free:
                super().delete(name)
                return
            aside = Path(self.location) / KEPT_BACK / path.relative_to(self.location)
            aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.replace(aside)

    @contextlib.contextmanager
    def near(self, name: str) -> Iterator[str]:
        """The path of a stored file on this machine, only to be read; raises FileNotFoundError."""
        path = Path(self.path(name))
        path.stat()
        yield str(path)

    def names_before(self, moment: float) -> Iterator[str]:
        """Stored files that are older than this (seconds since 1970); what only passes through is left out."""
        for path in Path(self.location).glob("[0-9a-f][0-9a-f]/*"):
            if path.is_file() and path.stat().st_mtime < moment:
                yield f"{path.parent.name}/{path.name}"

    def deletions_wait(self):
        return deletions_wait(Path(self.location))

    def sweep_kept_back(self) -> None:
        sweep_kept_back(Path(self.location))

    def accelerated(self, name: str) -> str:
        """Where the proxy finds a file, below its internal location."""
        return quote(name)


def near(file: Any) -> contextlib.AbstractContextManager[str]:
    """The path of a field's file on this machine for as long as needed, wherever it is stored; raises FileNotFoundError."""
    return file.storage.near(file.name)


@contextlib.contextmanager
def deletions_wait(root: Path) -> Iterator[None]:
    """Until the end of this block nothing is deleted for good; raises BackupRuns when that is so already.

    A row that the database's snapshot knows may be gone a moment later, and its bytes with it. Deletions ask this lock, which
    ends with its process however that ends.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        with door(root, fcntl.LOCK_EX) as is_free:
            if is_free:
                try:
                    yield
                finally:
                    shutil.rmtree(root / KEPT_BACK, ignore_errors=True)
                return
        if time.monotonic() > deadline:  # a single deletion is over in no time
            raise BackupRuns
        time.sleep(0.02)


def sweep_kept_back(root: Path) -> None:
    """Delete what a killed backup kept back."""
    if (root / KEPT_BACK).exists():
        with contextlib.suppress(BackupRuns), deletions_wait(root):
            pass


@contextlib.contextmanager
def door(root: Path, way: int) -> Iterator[bool]:
    """The lock of these files, taken in this way if it is free; says whether it was."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, way | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)


def reach_disk(place: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
