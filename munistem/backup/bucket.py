"""The files' side of a set when they lie in a bucket.

What lies under a name never changes there, and no two files have one name. So a restore puts the set's files where they
belong, beside whatever is there; when it fails, those that were not there before are removed again.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.files.storage import default_storage

from munistem.backup.files import ARRIVING, PASSING
from munistem.backup.sets import BackupSet
from munistem.commons.files.resumable.keeping import DIGITS, FOLDER
from munistem.commons.files.storage import KEPT_BACK

MARK = f"{ARRIVING}/restore"
IN_MEMORY = 8 * 1024 * 1024


def storage() -> Any:
    return default_storage


def root() -> str:
    return f"the bucket {storage().bucket}"


class Joined:
    """Several objects read as one file."""

    def __init__(self, names: list[str]):
        self.files = [storage().open(name) for name in names]
        self.left = list(self.files)

    def read(self, size: int) -> bytes:
        while self.left:
            if data := self.left[0].read(size):
                return data
            self.left.pop(0)
        return b""

    def __enter__(self) -> "Joined":
        return self

    def __exit__(self, *_words: Any) -> None:
        for file in self.files:
            file.close()


def opened(name: str) -> Any:
    """A file of people, in its place or where deletions wait; None when it is in neither."""
    for where in ("", f"{KEPT_BACK}/", ""):
        with suppress(FileNotFoundError):
            if not is_arriving(name):
                return Joined([f"{where}{name}"])
            if pieces := list(keys(f"{where}{name}/")):
                return Joined(pieces)
    return None


def is_arriving(name: str) -> bool:
    """A file on its way in is there in pieces."""
    return name.startswith(f"{FOLDER}/")


def present() -> list[str]:
    """What lies where the files belong, apart from what nobody misses."""
    return sorted(key for key in keys() if key.partition("/")[0] not in PASSING)


def keys(prefix: str = "") -> Iterator[str]:
    return (key for key, _size, _touched in storage().there.entries(prefix))


def was_interrupted() -> bool:
    """A restore was killed on its way; what it left is no reason to refuse the next one."""
    return storage().exists(MARK)


class Brought:
    """The set's files, put in their place."""

    def __init__(self, found: BackupSet, manifest: dict[str, Any]):
        self.former, self.added = set(present()), list[str]()
        with tempfile.TemporaryFile() as nothing:
            storage().there.put(MARK, nothing)
        try:
            for part in found.files(manifest):
                name = f"{part.name}/{0:0{DIGITS}}" if is_arriving(part.name) else part.name
                with (
                    found.reading(f"files/{part.name}", part) as reader,
                    tempfile.SpooledTemporaryFile(IN_MEMORY) as held,
                ):
                    while data := reader.read():
                        held.write(data)
                    held.seek(0)
                    self.added.append(name)
                    storage().there.put(name, held)
        except BaseException:
            self.take_back()
            self.end()
            raise

    def make(self) -> None:
        """Nothing is left to be moved."""

    def take_back(self) -> None:
        for name in set(self.added) - self.former:
            storage().there.remove(name)
        self.added = []

    def end(self) -> str:
        storage().there.remove(MARK)
        if self.former - set(self.added) and self.added:
            return "The former files are still in the bucket; the nightly sweep deletes them after a day."
        return ""


def bring(found: BackupSet, manifest: dict[str, Any]) -> Brought:
    return Brought(found, manifest)
