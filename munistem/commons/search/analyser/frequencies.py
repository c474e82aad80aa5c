"""How often a Hebrew word form is written: a general list, and the collection's own counts on top of it.

The list is a file that this machine maps into memory, so that all processes share one copy and none has to load it:
a word is a number in base 23, the sorted numbers (8 bytes each) stand before their frequencies (1 byte each).
``gather`` makes it; its source and licence stand beside it in ``data/README.md``.
"""

import mmap
import re
from bisect import bisect_left
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "hebrew.frequencies"
LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"  # without the final forms, which `normalised` has folded
DIGITS = str.maketrans(LETTERS, "123456789abcdefghijklm")
COUNTABLE = re.compile(f"[{LETTERS}]{{1,14}}")  # fourteen digits in base 23 fit into 64 bits
PER_MILLION = [10 ** (3 - step / 20) * 100 for step in range(256)]  # one step is a twentieth of a decade
CACHED = 50_000
GENERAL_TOKENS = 5_000_000  # how many words of a collection weigh as much as the general list


def number(word: str) -> int:
    """A word of Hebrew letters as a number; 0 for any other word and for those too long."""
    return int(word.translate(DIGITS), 23) if COUNTABLE.fullmatch(word) else 0


def step(per_million: float) -> int:
    """The byte that stands for a frequency: the nearest of ``PER_MILLION``."""
    return min(range(256), key=lambda index: abs(PER_MILLION[index] / max(per_million, 1e-9) - 1))


class GeneralList:
    """The words of the file with their occurrences per million; an absent file is an empty list."""

    def __init__(self, file: Path = FILE):
        self.numbers = memoryview(b"").cast("Q")
        self.steps = memoryview(b"")
        if file.exists() and (size := file.stat().st_size):
            with file.open("rb") as opened:
                whole = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
            count = size // 9
            self.numbers, self.steps = whole[: count * 8].cast("Q"), whole[count * 8 :]

    def __len__(self) -> int:
        return len(self.numbers)

    def per_million(self, word: str) -> float:
        if not (wanted := number(word)):
            return 0.0
        place = bisect_left(self.numbers, wanted)
        if place < len(self.numbers) and self.numbers[place] == wanted:
            return PER_MILLION[self.steps[place]]
        return 0.0


@cache
def general_list() -> GeneralList:
    return GeneralList()


class Frequencies:
    """Occurrences per million of a form, from the general list and from ``counts`` of the collection together."""

    def __init__(self, counts: Mapping[str, int] | None = None, general: GeneralList | None = None):
        self.general = general_list() if general is None else general
        self.counts = counts or {}
        self.tokens = sum(self.counts.values())
        prior = GENERAL_TOKENS if len(self.general) else 0
        self.general_share = prior / max(1, prior + self.tokens)
        self.each = 1e6 / max(1, prior + self.tokens)
        self.known: dict[str, float] = {}

    def of(self, word: str) -> float:
        found = self.known.get(word)
        if found is None:
            if len(self.known) > CACHED:
                self.known.clear()
            own = self.counts.get(word, 0) * self.each
            found = self.known[word] = self.general.per_million(word) * self.general_share + own
        return found
