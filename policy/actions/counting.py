"""Numbers as people write them in a table of figures: 120, 1,200, ~30, כ-30, ?."""

import re

from munistem.commons.search.analyser import normalised
from policy.actions.figures import UNKNOWN, Counted

#: Before a number that is an estimate.
ABOUT = re.compile(
    r"^(?:~|≈|כ\s*[-־–]\s*|about\s+|approx\.?\s+|ca\.?\s+|نحو\s+|حوالي\s+|تقريبا\s+)", re.IGNORECASE
)
#: After it.
ABOUTS = re.compile(r"\s*(?:\((?:הערכה|تقدير|estimate|estimated)\)|~|≈)$", re.IGNORECASE)
#: What people write for "not known", as words are compared.
NOT_KNOWN = {
    normalised(words)
    for words in ("לא ידוע", "אין נתון", "unknown", "not known", "n/a", "غير معروف", "غير معلوم")
}
GROUPS = re.compile(r"(?<=\d)[,٬'’\s\u00a0\u202f](?=\d{3}(?!\d))")


class NoNumber(ValueError):
    """What stands there is no whole number."""


def counted_in(text: str, *, is_estimated: bool = False) -> Counted:
    """The number that a cell says and whether it is an estimate; an empty cell is not known. Raises NoNumber."""
    said = text.strip()
    if said in ("", "?", "-", "–", "—") or normalised(said) in NOT_KNOWN:
        return UNKNOWN
    bare = ABOUTS.sub("", ABOUT.sub("", said)).strip()
    digits = GROUPS.sub("", bare)
    if digits.endswith(".0"):  # as programs write whole numbers
        digits = digits.removesuffix(".0")
    if not digits.isdecimal() or len(digits) > 9:
        raise NoNumber(said)
    return Counted(int(digits), is_estimated or bare != said)


def written(counted: Counted) -> str:
    """A number as ``counted_in`` reads it again."""
    if counted.value is None:
        return ""
    return f"~{counted.value}" if counted.is_estimated else str(counted.value)
