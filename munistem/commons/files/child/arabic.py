"""Arabic letters of a PDF in the order in which they are read.

PDFium turns what one glyph says around where writing runs from right to left, so that لا is read as ال, and tells some words
from left to right as they stand on the paper. Where each letter stands says which way it is.
"""

import ctypes
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

# letters and marks; the digits ٠–٩ run from left to right
ARABIC = re.compile("[\u0620-\u065f\u066e-\u06ef\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
WORD = re.compile(f"{ARABIC.pattern}+")
MARKS = re.compile("[\u064b-\u065f\u0670]")
LAM = "ل"
LAST = "اأإآٱىي"  # what stands behind a lam within one glyph


class Letter(NamedTuple):
    text: str
    x: float
    y: float


def in_order(textpage: Any) -> str:
    """The words of a page of a PDF, each word of Arabic in its order; left as they are where the two views differ."""
    text = textpage.get_text_bounded()
    if not ARABIC.search(text):
        return text
    runs = groupby(letters_of(textpage), key=lambda letter: bool(ARABIC.match(letter.text)))
    words = [list(letters) for is_arabic, letters in runs if is_arabic]
    if WORD.findall(text) != ["".join(letter.text for letter in word) for word in words]:
        return text
    ordered = map(word_of, words)
    return WORD.sub(lambda _found: next(ordered), text)


def letters_of(textpage: Any) -> Iterator[Letter]:
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    for place in range(textpage.count_chars()):
        text = chr(raw.FPDFText_GetUnicode(textpage, place))
        if text == "\x00" or "\ud800" <= text <= "\udfff" or text == "\ufffe":
            continue
        if ARABIC.match(text):
            raw.FPDFText_GetCharOrigin(textpage, place, x, y)
        yield Letter(text, x.value, y.value)


def word_of(letters: Iterable[Letter]) -> str:
    """A word: its glyphs from right to left, and the letters within each."""
    glyphs = [list(glyph) for _, glyph in groupby(letters, key=lambda letter: (letter.x, letter.y))]
    if glyphs[0][0].x < glyphs[-1][0].x and glyphs[0][0].y == glyphs[-1][0].y:
        glyphs.reverse()
    return "".join(glyph_of([letter.text for letter in glyph]) for glyph in glyphs)


def glyph_of(texts: list[str]) -> str:
    """A lam goes before what it is joined with, a letter before its marks."""
    return "".join(
        sorted(texts, key=lambda text: (bool(MARKS.match(text)), text != LAM and LAM in texts, text in LAST))
    )
