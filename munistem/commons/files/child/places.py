"""Where a picture or a film was taken: cameras write it beside the picture, and those who send one rarely know. It is blanked in place."""

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
GPS = 0x8825
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
MOST_NOTE = 16 * 1024 * 1024
#: Texts of a PNG in which programs put what cameras wrote.
PNG_NOTES = re.compile(rb"(?:XML:com\.adobe\.xmp|Raw profile type (?:exif|xmp|app1))\0", re.IGNORECASE)
#: A place as ISO 6709 writes it, e.g. +32.9170+035.2950/, in the notes of films.
PLACE = re.compile(rb"[+-]\d{2,6}(?:\.\d+)?[+-]\d{3,7}(?:\.\d+)?(?:[+-]\d+(?:\.\d+)?)?/?")


def forget_place(path: Path, extension: str) -> None:
    """Blank the place in a picture or film of this extension; all else of it, its size included, stays as it was."""
    with path.open("r+b") as file:
        FORGETTING[extension](file)


# JPEG ----------------------------------------------------------------------------------------------------


def forget_in_jpeg(file: BinaryIO) -> None:
    for at, length in list(notes(file)):
        file.seek(at)
        note = bytearray(file.read(length))
        if blank(note):
            file.seek(at)
            file.write(note)


def notes(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where the notes of cameras and programs (APP1) begin, and their lengths; they stand before the picture."""
    at = 2
    while True:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xDA, 0xD9):
            return
        if head[1] == 0xFF:  # filling
            at += 1
            continue
        if (length := struct.unpack(">H", head[2:])[0]) < 2:
            return
        if head[1] == 0xE1:
            yield at + 4, length - 2
        at += 2 + length


def blank(note: bytearray) -> bool:
    """Blank the place in one note; whether there was one."""
    if note.startswith(XMP):
        if b"GPS" not in note:
            return False
        note[len(XMP) :] = b" " * (len(note) - len(XMP))
        return True
    if not note.startswith(EXIF):
        return False
    order = {b"II": "<", b"MM": ">"}.get(bytes(note[6:8]))
    try:
        return bool(order) and blank_directory(note, str(order))
    except struct.error:  # a note that ends too early says nothing that a reader could read
        note[6:] = bytes(len(note) - 6)
        return True


def blank_directory(note: bytearray, order: str) -> bool:
    """Empty the directory of the place and what it points to. Addresses in an Exif note count from its sixth byte."""
    found = False
    for entry in entries(note, order, struct.unpack_from(f"{order}I", note, 10)[0]):
        tag, _kind, _count, place = struct.unpack_from(f"{order}HHII", note, entry)
        if tag != GPS:
            continue
        found = True
        for inner in entries(note, order, place):
            _tag, kind, count, at = struct.unpack_from(f"{order}HHII", note, inner)
            size = SIZES.get(kind, 1) * min(count, 1_000)
            if size > 4:
                end = min(6 + at + size, len(note))
                note[6 + at : end] = bytes(max(0, end - 6 - at))
            note[inner : inner + 12] = bytes(12)
        struct.pack_into(f"{order}H", note, 6 + place, 0)
    return found


def entries(note: bytearray, order: str, place: int) -> Iterator[int]:
    """Where each entry of a directory begins."""
    count = struct.unpack_from(f"{order}H", note, 6 + place)[0]
    return (8 + place + 12 * number for number in range(min(count, 500)))


# PNG and WebP --------------------------------------------------------------------------------------------


def forget_in_png(file: BinaryIO) -> None:
    """Chunks of length, kind, content and checksum; notes may stand before and after the picture."""
    at = 8
    while len(head := read_at(file, at, 8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in {b"eXIf", b"tEXt", b"zTXt", b"iTXt"} and length <= MOST_NOTE:
            content = bytearray(read_at(file, at + 8, length))
            if len(content) == length and (kind := forget_in_chunk(kind, content)):
                checksum = struct.pack(">I", zlib.crc32(kind + content))
                write_at(file, at + 4, kind + content + checksum)
        at += 12 + length


def forget_in_chunk(kind: bytes, content: bytearray) -> bytes:
    """Blank the place in one chunk; the kind it has from now on, b"" when there was no place."""
    if kind == b"eXIf":
        return kind if blank_bare(content) else b""
    if not PNG_NOTES.match(content):
        return b""
    is_packed = kind != b"iTXt" or content[content.index(0) + 1 : content.index(0) + 2] != b"\0"
    if not is_packed and b"GPS" not in content:
        return b""
    content[:] = b"Comment\0".ljust(len(content))
    return b"tEXt"


def forget_in_webp(file: BinaryIO) -> None:
    at = 12
    while len(head := read_at(file, at, 8)) == 8:
        kind, length = struct.unpack("<4sI", head)
        if kind in {b"EXIF", b"XMP "} and length <= MOST_NOTE:
            content = bytearray(read_at(file, at + 8, length))
            if kind == b"EXIF" and blank_bare(content):
                write_at(file, at + 8, content)
            elif kind == b"XMP " and b"GPS" in content:
                write_at(file, at + 8, b" " * len(content))
        at += 8 + length + length % 2


def blank_bare(content: bytearray) -> bool:
    """Blank the place in an Exif note that stands without its first six bytes, or with them."""
    if content.startswith(EXIF):
        return blank(content)
    note = bytearray(EXIF + content)
    found = blank(note)
    content[:] = note[len(EXIF) :]
    return found


# Films and sounds of the MP4 family ----------------------------------------------------------------------


def forget_in_film(file: BinaryIO) -> None:
    """Phones write the place into a box of its own below the description of the film, or among its notes."""
    end = file.seek(0, 2)
    for kind, at, length in boxes(file, 0, end):
        if kind == b"moov":
            for inner, start, size in list(boxes(file, at, at + length)):
                forget_in_box(file, inner, start, size)
        forget_in_box(file, kind, at, length)


def forget_in_box(file: BinaryIO, kind: bytes, at: int, length: int) -> None:
    if kind not in {b"udta", b"meta"} or length > MOST_NOTE:
        return
    content = bytearray(read_at(file, at, length))
    for match in PLACE.finditer(content):
        content[match.start() : match.end()] = b" " * len(match.group())
    for inner, start, size in list(boxes(file, at, at + length)) if kind == b"udta" else []:
        if inner in {b"\xa9xyz", b"loci"}:
            content[start - at : start - at + size] = bytes(size)
    write_at(file, at, content)


def boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and length of the content of each box; nothing after one that is broken."""
    while at + 8 <= end:
        length, kind = struct.unpack(">I4s", read_at(file, at, 8))
        head = 8
        if length == 1:
            large = read_at(file, at + 8, 8)
            length, head = (struct.unpack(">Q", large)[0], 16) if len(large) == 8 else (0, 16)
        elif length == 0:
            length = end - at
        if length < head or at + length > end:
            return
        yield kind, at + head, length - head
        at += length


def read_at(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)


def write_at(file: BinaryIO, at: int, content: bytes | bytearray) -> None:
    file.seek(at)
    file.write(content)


FORGETTING = {
    **dict.fromkeys(("jpg", "jpeg"), forget_in_jpeg),
    "png": forget_in_png,
    "webp": forget_in_webp,
    **dict.fromkeys(("mp4", "m4a"), forget_in_film),
}
