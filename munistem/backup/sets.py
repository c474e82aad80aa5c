"""A set on disk: a folder of parts and, written last, the manifest that names each with its length and SHA-256.

    manifest.json            what this is, of which code and migrations, tables with their columns and counts, sequences
    files.jsonl              one line a file of people: its name below MEDIA_ROOT, bytes, sha256
    rows/<table>.copy.gz     rows as PostgreSQL's COPY writes them
    files/…                  the files under the names they have below MEDIA_ROOT

With a passphrase every part is sealed (sealing.py), the manifest too, and ends in ``.sealed``. A set without manifest is
one that was not finished.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from munistem.backup.sealing import SALT, Opener, Sealer, WrongKey

FORMAT = 1
MANIFEST, LIST = "manifest.json", "files.jsonl"
BLOCK = 256 * 1024
SEALED = ".sealed"


class Damaged(Exception):
    """The set cannot be used; the text says which part and why."""


class Part(NamedTuple):
    name: str
    bytes: int
    sha256: str


class Writer:
    """One part that is being written, summed up on its way."""

    def __init__(self, target: Any, name: str):
        self.target, self.name, self.bytes, self.sum = target, name, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sum.update(data)
        self.bytes += len(data)
        self.target.write(data)
        return len(data)

    def flush(self) -> None:
        pass  # gzip asks for it

    @property
    def part(self) -> Part:
        return Part(self.name, self.bytes, self.sum.hexdigest())


class Reader:
    """One part that is being read; at its end it must have the length and sum that the manifest says."""

    def __init__(self, source: Any, part: Part | None):
        self.source, self.part, self.bytes, self.sum = source, part, 0, hashlib.sha256()

    def read(self, size: int = BLOCK) -> bytes:
        data = self.source.read(BLOCK if size < 0 else size)
        self.sum.update(data)
        self.bytes += len(data)
        if (
            not data
            and self.part
            and (self.part.bytes, self.part.sha256) != (self.bytes, self.sum.hexdigest())
        ):
            raise Damaged(f"{self.part.name} is not what was written")
        return data

    def drain(self) -> None:
        while self.read():
            pass


def private(folder: Path) -> None:
    """Create a folder that nobody else can enter, and those above it that are missing."""
    if not folder.is_dir():
        private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def summed(body: dict[str, Any]) -> str:
    """SHA-256 of a manifest, whatever its spaces."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


class BackupSet:
    """The folder of a set, with the passphrase that seals its parts or "" for none."""

    def __init__(self, folder: Path, passphrase: str = ""):
        self.folder, self.passphrase, self.salt = folder, passphrase, os.urandom(SALT)

    def path(self, name: str) -> Path:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\0" in name or str(pure) in {"", "."}:
            raise Damaged(f"a part is called {name!r}")
        return self.folder / (name + SEALED if self.passphrase else name)

    @contextmanager
    def writing(self, name: str) -> Iterator[Writer]:
        path = self.path(name)
        private(path.parent)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            target: Any = Sealer(file, self.passphrase, self.salt, name) if self.passphrase else file
            yield Writer(target, name)
            if self.passphrase:
                target.close()

    @contextmanager
    def reading(self, name: str, part: Part | None) -> Iterator[Reader]:
        """Raises Damaged for a part that is missing or not genuine, here or while it is read."""
        try:
            with self.path(name).open("rb") as file:
                yield Reader(self.source(file, name), part)
        except FileNotFoundError as error:
            raise Damaged(f"{name} is missing") from error
        except WrongKey as error:
            raise Damaged(f"{name} is not what was sealed, or the passphrase is another one") from error

    def source(self, file: BinaryIO, name: str) -> Any:
        return Opener(file, self.passphrase, name) if self.passphrase else file

    # The manifest ----------------------------------------------------------------------------------------

    def close(self, manifest: dict[str, Any]) -> None:
        """Write the manifest once all else is on disk: from now on this is a set."""
        os.sync()
        # Its name is bound to it when it is sealed, so it is written under the name it will bear.
        hidden = self.folder / ".unfinished"
        beside = BackupSet(hidden, self.passphrase)
        body = {"format": FORMAT, **manifest}
        text = json.dumps({**body, "sum": summed(body)}, indent=1, ensure_ascii=False) + "\n"
        with beside.writing(MANIFEST) as writer:
            writer.write(text.encode())
        os.sync()
        beside.path(MANIFEST).rename(self.path(MANIFEST))
        hidden.rmdir()
        os.sync()

    def manifest(self) -> dict[str, Any]:
        """What the set says of itself; raises Damaged when it is none, not finished, or of a later format."""
        if not self.path(MANIFEST).is_file():
            raise Damaged(self.why_there_is_none())
        with self.reading(MANIFEST, None) as reader:
            text = b"".join(iter(reader.read, b""))
        try:
            found = json.loads(text)
            is_whole = found.pop("sum") == summed(found)
            version = found["format"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(f"{MANIFEST} cannot be read") from error
        if not is_whole:
            raise Damaged(f"{MANIFEST} is not what was written")
        if version != FORMAT:
            raise Damaged(f"it has format {version}, and this portal reads format {FORMAT}")
        return found

    def why_there_is_none(self) -> str:
        if (self.folder / (MANIFEST + SEALED)).exists():
            return "it is encrypted: name its key file"
        if (self.folder / MANIFEST).exists():
            return "it is not encrypted: name no key file"
        if self.folder.is_dir() and any(self.folder.iterdir()):
            return "it has no manifest: it is no backup, or one that was not finished"
        return "there is no backup here"

    def files(self, manifest: dict[str, Any]) -> Iterator[Part]:
        """The files of people in this set, read line by line."""
        part = Part(*manifest["files"]["part"])
        held = b""
        with self.reading(LIST, part) as reader:
            while data := reader.read():
                *lines, held = (held + data).split(b"\n")
                for line in lines:
                    yield Part(*json.loads(line))
