"""Where a photograph was taken: cameras write it beside the picture, and those who send one rarely know. It is blanked in place."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
GPS = 0x8825
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def forget_place(path: Path) -> None:
    """Blank the place in a JPEG; all else of it, its size included, stays as it was."""
    with path.open("r+b") as file:
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
