"""Where the bytes of files on their way lie: on the disk of the stored files, or piece by piece in their bucket.

Both do the same: what ``add`` has returned from is there for good, and a piece that was never counted is written over.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage

from munistem.commons.files.uploads import MEGABYTE, incoming

FOLDER = ".uploads"
DIGITS = 13  # of the place at which a piece begins, in its name


def folder() -> Path:
    """On the file system of the stored files, so that keeping one is a link and no copy."""
    place = Path(settings.MEDIA_ROOT) / FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


class OnDisk:
    """Each file in one, under a name that says nothing."""

    def has(self, key: UUID, received: int) -> bool:
        return (folder() / key.hex).is_file()

    def add(self, key: UUID, at: int, piece: BinaryIO, length: int) -> None:
        descriptor = os.open(folder() / key.hex, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.seek(at)
            shutil.copyfileobj(piece, file, MEGABYTE)
            if file.tell() != at + length:
                raise OSError("a piece was cut short on its way to disk")
            file.truncate()
            file.flush()
            os.fsync(file.fileno())

    def put(self, key: UUID, path: str) -> None:
        """Keep a whole file that lies in ``incoming``."""
        os.link(path, folder() / key.hex)

    def near(self, key: UUID) -> tuple[Path, Any]:
        """Its path, only to be read, and what must be kept as long as that is done; raises FileNotFoundError."""
        path = folder() / key.hex
        path.stat()
        return path, None

    def keep_changed(self, key: UUID, path: Path) -> None:
        """What was changed at the path that ``near`` gave stays so; here it is the file itself."""

    def given_away(self, key: UUID) -> tuple[Path, Any]:
        """A path that may be moved to where stored files lie."""
        place = incoming() / f"{uuid4().hex}.part"
        os.link(folder() / key.hex, place)
        return place, None

    def drop(self, key: str) -> None:
        default_storage.delete(f"{FOLDER}/{key}")

    def keys_before(self, moment: float) -> Iterator[str]:
        """All that lie here and were not touched since (seconds since 1970)."""
        for path in folder().iterdir():
            if path.is_file() and path.stat().st_mtime < moment:
                yield path.name


class InBucket:
    """Each piece an object that is named by where it begins."""

    def __init__(self) -> None:
        self.storage: Any = default_storage

    def pieces(self, key: UUID) -> Iterator[str]:
        """Names of the pieces in their order; one that was written over by a shorter one before a crash fits on no more."""
        reached = 0
        for name, size, _touched in self.storage.there.entries(f"{FOLDER}/{key.hex}/"):
            if int(name.rpartition("/")[2]) == reached:
                yield name
                reached += size

    def has(self, key: UUID, received: int) -> bool:
        return not received or next(self.pieces(key), None) is not None

    def add(self, key: UUID, at: int, piece: BinaryIO, length: int) -> None:
        start = piece.tell()
        if piece.seek(0, os.SEEK_END) - start != length:
            raise OSError("a piece was cut short on its way")
        piece.seek(start)
        self.storage.there.put(f"{FOLDER}/{key.hex}/{at:0{DIGITS}}", piece)

    def put(self, key: UUID, path: str) -> None:
        with Path(path).open("rb") as file:
            self.storage.there.put(f"{FOLDER}/{key.hex}/{0:0{DIGITS}}", file)

    def near(self, key: UUID) -> tuple[Path, Any]:
        held = tempfile.NamedTemporaryFile(dir=incoming(), suffix=".near")  # noqa: SIM115 – goes with who holds it
        count = sum([self.storage.bring(name, held) for name in self.pieces(key)])
        if not count:
            held.close()
            raise FileNotFoundError(key.hex)
        return Path(held.name), held

    def keep_changed(self, key: UUID, path: Path) -> None:
        """The copy takes the place of all pieces: what follows the first fits on no more."""
        self.put(key, str(path))

    def given_away(self, key: UUID) -> tuple[Path, Any]:
        return self.near(key)

    def drop(self, key: str) -> None:
        for name, _size, _touched in list(self.storage.there.entries(f"{FOLDER}/{key}/")):
            self.storage.delete(name)

    def keys_before(self, moment: float) -> Iterator[str]:
        touched: dict[str, float] = {}
        for name, _size, at in self.storage.there.entries(f"{FOLDER}/"):
            key = name.split("/")[1]
            touched[key] = max(touched.get(key, 0), at.timestamp())
        yield from (key for key, last in touched.items() if last < moment)


def keeping() -> OnDisk | InBucket:
    return InBucket() if hasattr(default_storage, "there") else OnDisk()
