"""Which letters the portal's type can draw, so that nothing on paper is an empty box."""

import re
import struct
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import fontpkg_rubik

FONTS = Path(fontpkg_rubik.__file__).parent / "files"
#: Greek, arrows, mathematics, boxes: drawn by the fonts that Typst brings along.
ALSO = (range(0x0370, 0x0400), range(0x2190, 0x2300), range(0x2500, 0x2600))

#: No line holds so long a word, and one of 65,536 bytes stops the setting.
LONGEST_WORD = 500
ENDLESS = re.compile(rf"\S{{{LONGEST_WORD}}}(?=\S)")

#: Signs that say which way a piece of text runs; they are not drawn.
ISOLATES = "\u2066\u2067\u2068\u2069"


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points of Rubik, read from the ``cmap`` table of its file (OpenType, formats 4 and 12)."""
    raw = (FONTS / "Rubik[wght].ttf").read_bytes()
    tables = struct.unpack(">H", raw[4:6])[0]
    places = {
        raw[12 + 16 * n : 16 + 16 * n]: struct.unpack(">I", raw[20 + 16 * n : 24 + 16 * n])[0]
        for n in range(tables)
    }
    cmap = places[b"cmap"]
    found: set[int] = set()
    for n in range(struct.unpack(">H", raw[cmap + 2 : cmap + 4])[0]):
        at = cmap + struct.unpack(">I", raw[cmap + 8 + 8 * n : cmap + 12 + 8 * n])[0]
        form = struct.unpack(">H", raw[at : at + 2])[0]
        found |= _segments(raw, at) if form == 4 else _groups(raw, at) if form == 12 else set()
    return frozenset(found)


def _segments(raw: bytes, at: int) -> set[int]:
    count = struct.unpack(">H", raw[at + 6 : at + 8])[0] // 2
    ends = struct.unpack(f">{count}H", raw[at + 14 : at + 14 + 2 * count])
    starts = struct.unpack(f">{count}H", raw[at + 16 + 2 * count : at + 16 + 4 * count])
    return {code for start, end in zip(starts, ends, strict=True) for code in range(start, end + 1)} - {
        0xFFFF
    }


def _groups(raw: bytes, at: int) -> set[int]:
    count = struct.unpack(">I", raw[at + 12 : at + 16])[0]
    rows = struct.iter_unpack(">III", raw[at + 16 : at + 16 + 12 * count])
    return {code for start, end, _glyph in rows for code in range(start, end + 1)}


def drawable(text: str, *, is_strict: bool = False) -> str:
    """The text in letters that can be drawn: others by what they stand for, pictures left out, endless words parted.

    is_strict: in letters of Rubik alone.
    """
    if text.isascii():
        drawn = "".join(sign for sign in text if sign in "\n\t" or sign >= " ")
    else:
        drawn = "".join(_drawn(sign, is_strict) for sign in unicodedata.normalize("NFC", text))
    return ENDLESS.sub(r"\g<0> ", drawn) if len(drawn) > LONGEST_WORD else drawn


def _drawn(sign: str, is_strict: bool) -> str:
    code = ord(sign)
    if sign in ISOLATES:
        return sign
    if sign in "\n\t" or (code in covered() and unicodedata.category(sign) not in ("Cc", "Cf")):
        return sign
    if not is_strict and any(code in block for block in ALSO):
        return sign
    plain = unicodedata.normalize("NFKC", sign)
    if plain != sign:
        return "".join(letter if ord(letter) in covered() else "?" for letter in plain)
    return "" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Mn", "Me", "So", "Sk", "Co", "Cn") else "?"


def all_drawable(told: Any, *, is_strict: bool = False) -> Any:
    """A document's words, wherever they stand in it, in letters that can be drawn; addresses stay as they are."""
    if isinstance(told, str):
        return drawable(told, is_strict=is_strict)
    if isinstance(told, list):
        return [all_drawable(value, is_strict=is_strict) for value in told]
    if isinstance(told, dict):
        return {
            name: value if name == "href" else all_drawable(value, is_strict=is_strict)
            for name, value in told.items()
        }
    return told
