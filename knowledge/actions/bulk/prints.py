"""What the files of an import are known by: a hash of each, and the marks of what those say that rows name."""

import hashlib
import tempfile
import time
import zipfile
import zlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from knowledge.actions.duplicates import marks_of
from munistem.commons.files import extraction
from munistem.commons.files.models import FileKind
from munistem.commons.files.rules import FORMATS, extension_of
from munistem.commons.files.uploads import incoming, most_bytes

PIECE = 256 * 1024
SPOKEN = {FileKind.PDF, FileKind.WORD, FileKind.SHEET, FileKind.SLIDES, FileKind.TEXT}
SECONDS_A_FILE = 10
SECONDS = (
    90  # for the texts of all; who sends more is told of equal files and near titles, and of fewer near texts
)
DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError)


def prints_of(path: str, named: Collection[str]) -> dict[str, dict[str, Any]]:
    """Name in the archive → ``sha256``, and ``marks`` for those that rows name; what is damaged is left out.

    Bytes are opened in the child only, one file after the other, for a bounded time.
    """
    found: dict[str, dict[str, Any]] = {}
    ends_at = time.monotonic() + SECONDS
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and info.file_size <= most_bytes()]
        for info in sorted(infos, key=lambda info: info.filename not in named):
            with tempfile.TemporaryDirectory(dir=incoming()) as folder, suppress(*DAMAGED):
                place = Path(folder) / "file"
                found[info.filename] = {"sha256": unpack(archive, info, place)}
                left = ends_at - time.monotonic()
                if info.filename in named and left > 0:
                    found[info.filename]["marks"] = marks_of(spoken(place, info.filename, left))
    return found


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path) -> str:
    """Write an entry to a place of our own and answer its SHA-256; no more of it than it says it holds."""
    digest = hashlib.sha256()
    with archive.open(info) as source, place.open("wb") as target:
        while piece := source.read(PIECE):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def spoken(place: Path, name: str, left: float) -> str:
    """The text of a file, "" for one that has none or cannot be read."""
    form = FORMATS.get(extension_of(name))
    if form is None or form.kind not in SPOKEN:
        return ""
    try:
        seconds = max(1, int(min(left, SECONDS_A_FILE)))
        extraction.examine(place, extension_of(name))
        found = extraction.ask("read", place, extension_of(name), place.with_name("preview"), seconds=seconds)
    except extraction.Refused:
        return ""
    return "\n".join(found["texts"])
