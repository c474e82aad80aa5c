"""Text into words as they are compared, with the places where they stand in the text.

The same functions read what is stored and what is asked, so that both always meet.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

FINALS = str.maketrans("ךםןףץ", "כמנפצ")
DIGITS = str.maketrans({ord(zero) + n: str(n) for zero in "٠۰" for n in range(10)})
ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None})
MARKS = re.compile(r"[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]")
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
QUOTES = re.compile(r"(?<=\w)[\"'׳״‘’“”´`]{1,2}(?=\w)")  # two where one mark was typed twice
WORD = re.compile(r"[^\W_]+", re.UNICODE)
HEBREW = re.compile(r"[\u05d0-\u05ea]")
PREFIXES = re.compile(r"^(?:ו?(?:כש|מה|שה|ב|ה|ל|מ|כ|ש)|ו)(?=[\u05d0-\u05ea]{3,}$)")
LONGEST = 60
_BETWEEN = MARKS.pattern[:-1] + INVISIBLE.pattern[1:-1] + "\"'׳״‘’“”´`]"
WRITTEN = re.compile(rf"[^\W_]+(?:{_BETWEEN}+[^\W_]+)*")
GERSHAYIM = re.compile(r"[\"״“”](?=[^\W_]{1,4}$)|''|׳׳|’’")
HYPHENS = re.compile(r"[-\u05be\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
SCRIPTS = re.compile(r"[\u05d0-\u05ea]+|[^\u05d0-\u05ea]+")
ARABIC_BEFORE_DIGITS = re.compile(r"^(?:[وفبكل]?ال|لل|[وبل])(?=[0-9])")
LONE_PARTICLES = frozenset(
    ["ה", "ו", "ב", "כ", "ל", "מ", "ש", "וה", "וב", "ול", "ומ", "מה", "שה", "בה", "לה", "כש", "כשה"]
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is compared, and ``text[start:end]`` as it was written."""

    word: str
    start: int
    end: int
    is_acronym: bool = False
    is_tied: bool = False  # by a hyphen to the word before


def normalised(text: str) -> str:
    """One spelling for all ways to type the same text; applying it twice changes nothing."""
    text = unicodedata.normalize("NFKC", text)
    text = INVISIBLE.sub("", MARKS.sub("", text)).casefold()
    text = QUOTES.sub("", text).translate(FINALS).translate(ARABIC).translate(DIGITS)
    return " ".join(WORD.findall(text))


def words(text: str) -> list[str]:
    """The words of a text as they are compared, in their order."""
    return [word[:LONGEST] for word in normalised(text).split()]


def terms(word: str) -> list[str]:
    """A normalised word and, for Hebrew, what stands behind its particles (הרשות → רשות)."""
    found = [word]
    if HEBREW.match(word) and (bare := PREFIXES.sub("", word)) != word:
        found.append(bare)
    return found


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in their order; a Hebrew particle before another script (ה-STEM, הSTEM) is left out."""
    before = 0
    held: Token | None = None  # a particle that waits for what its hyphen leads to
    for written in WRITTEN.finditer(text):
        start, end = written.span()
        is_tied = start == before + 1 and bool(HYPHENS.match(text, before)) and before > 0
        parts, is_marked = _known(written[0]) if end - start <= LONGEST else _read(written[0])
        if held and not (is_tied and parts and not HEBREW.match(parts[0])):
            yield held
        elif held:
            is_tied = False
        held = None
        for part in parts:
            token = Token(part[:LONGEST], start, end, is_marked, is_tied)
            if len(parts) == 1 and part in LONE_PARTICLES and HYPHENS.match(text, end):
                held = token
            else:
                yield token
            is_tied = False
        before = end
    if held:
        yield held


def _read(written: str) -> tuple[tuple[str, ...], bool]:
    """The words that stand in a piece of text without blanks; and whether it is one, written as an acronym."""
    parts = tuple(part for word in normalised(written).split() for part in _scripts(word))
    return parts, len(parts) == 1 and bool(GERSHAYIM.search(MARKS.sub("", written)))


#: The same words come again and again; some thousands of them are most of any text.
_known = lru_cache(maxsize=16_384)(_read)


def _scripts(word: str) -> list[str]:
    """The word cut where Hebrew meets another script, without particles before the cut."""
    word = ARABIC_BEFORE_DIGITS.sub("", word)
    parts = SCRIPTS.findall(word) if HEBREW.search(word) else [word]
    if len(parts) > 1 and parts[0] in LONE_PARTICLES:
        del parts[0]
    return parts
