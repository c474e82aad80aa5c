"""ZIP archives, and office files which are such: opened only when what they declare is sane."""

import zipfile
from pathlib import Path

from .limits import MEGABYTE, Refused

MOST_PARTS = 3_000
MOST_UNPACKED = 500 * MEGABYTE
UNSUSPICIOUS = 30 * MEGABYTE
STEEPEST = 120  # times larger unpacked than packed; office files reach 40


def refuse_appended_archive(path: Path) -> None:
    """A picture or PDF that is at the same time a ZIP (or a Java program) is neither."""
    if zipfile.is_zipfile(path):
        raise Refused("mismatch")


def opened_zip(path: Path) -> zipfile.ZipFile:
    """Open a ZIP whose table of contents and declared sizes are sane; the table is counted before it is read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise Refused("mismatch")
    entries, table = (
        int.from_bytes(tail[at + 10 : at + 12], "little"),
        int.from_bytes(tail[at + 12 : at + 16], "little"),
    )
    if entries > MOST_PARTS or (table > 4 * MEGABYTE and table != 0xFFFFFFFF):
        raise Refused("bomb")
    archive = zipfile.ZipFile(path)
    infos = archive.infolist()
    whole = sum(info.file_size for info in infos)
    if len(infos) > MOST_PARTS or whole > MOST_UNPACKED or (whole > UNSUSPICIOUS and whole > STEEPEST * size):
        raise Refused("bomb")
    if len({info.filename for info in infos}) != len(infos):
        raise Refused("mismatch")  # two entries of one name: readers differ in which one they take
    if (
        infos and min(info.header_offset for info in infos) > 4
    ):  # four bytes are the mark of archives once meant for diskettes
        raise Refused("mismatch")  # something stands before the archive: a page or a program at the same time
    if any("\x00" in info.orig_filename for info in infos):
        raise Refused("escape")  # readers differ in where such a name ends
    return archive


def unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as part:
        content = part.read(most + 1)
    if len(content) > most:
        raise Refused("bomb")
    return content
