"""Text into search terms: the one place that knows how words are compared.

The same function reads what is stored and what is asked, so that both always meet.
"""

import re
import unicodedata

FINALS = str.maketrans("ךםןףץ", "כמנפצ")
ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None})
MARKS = re.compile(r"[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]")
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
QUOTES = re.compile(r"(?<=\w)[\"'׳״‘’“”´`](?=\w)")
WORD = re.compile(r"[^\W_]+", re.UNICODE)
HEBREW = re.compile(r"[\u05d0-\u05ea]")
PREFIXES = re.compile(r"^(?:ו?(?:כש|מה|שה|ב|ה|ל|מ|כ|ש)|ו)(?=[\u05d0-\u05ea]{3,}$)")
LONGEST = 60


def normalised(text: str) -> str:
    """One spelling for all ways to type the same text; applying it twice changes nothing."""
    text = unicodedata.normalize("NFKC", text)
    text = INVISIBLE.sub("", MARKS.sub("", text)).casefold()
    text = QUOTES.sub("", text).translate(FINALS).translate(ARABIC)
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
