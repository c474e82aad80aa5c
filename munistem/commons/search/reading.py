"""How this process reads words: the analyser with the counts of the present edition of the collection.

Nothing is asked of the database beforehand. Who searches learns the number of the present edition along with the
figures of the words asked for, and this process takes a new edition up when it meets one; before the first row is
written it is asked for once. While rows are still read by the edition before, questions are put in both readings.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from munistem.commons.search.analyser import Group, frequencies
from munistem.commons.search.analyser.phrases import Phrasebook
from munistem.commons.search.ranking import vector_of
from munistem.commons.search.tables import Edition

FORM = b"2"  # of the vectors that ``vector_of`` makes; a new one has every row read anew


class Counts(Mapping[str, int]):
    """How often words are written, in 12 bytes a word: sorted fingerprints of the words, then the counts."""

    def __init__(self, content: bytes = b"", total: int = 0):
        size = len(content) // 12
        self.prints, self.numbers, self.total = array("Q"), array("I"), total
        self.prints.frombytes(content[: size * 8])
        self.numbers.frombytes(content[size * 8 :])

    @staticmethod
    def packed(counts: Mapping[str, int]) -> bytes:
        pairs = sorted((fingerprint(word), count) for word, count in counts.items())
        prints = array("Q", [key for key, _ in pairs])
        return prints.tobytes() + array("I", [count for _, count in pairs]).tobytes()

    def __getitem__(self, word: str) -> int:
        wanted = fingerprint(word)
        place = bisect_left(self.prints, wanted)
        if place < len(self.prints) and self.prints[place] == wanted:
            return self.numbers[place]
        raise KeyError(word)

    def __len__(self) -> int:
        return len(self.prints)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("Words are kept as fingerprints only.")

    def values(self):
        return self.numbers


def fingerprint(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


@cache
def rules() -> str:
    """What tells this analyser from one with other rules: the fingerprint of its code and of its word list."""
    whole = blake2b(FORM, digest_size=8)
    for path in sorted(Path(frequencies.__file__).parent.glob("*.py")):
        whole.update(path.read_bytes())
    if frequencies.FILE.exists():
        whole.update(frequencies.FILE.read_bytes())
    return whole.hexdigest()


@dataclass(frozen=True)
class Reader:
    """The analyser of one edition, beside it the one before where rows may still be read by that."""

    number: int
    analyser: Phrasebook
    before: Phrasebook | None = None

    def groups(self, text: str) -> list[Group]:
        """The words of a question with their weighted terms."""
        groups = self.analyser.query_groups(text)
        if self.before is None:
            return groups
        earlier = {group.token.word: group.terms for group in self.before.query_groups(text)}
        return [
            Group(group.token, {**earlier.get(group.token.word, {}), **group.terms}, group.per_million)
            for group in groups
        ]

    def vector(self, texts: Iterable[tuple[str, str]], names: Iterable[str] = ()) -> tuple[str, int]:
        """Text of a tsvector for pairs of (text, weight A–D), and the number of words in it; see ``vector_of``."""
        return vector_of(self.analyser, texts, names)


def reader_of(editions: Iterable[Edition]) -> Reader:
    """Of the latest of these editions, and of the one before it unless every row is read anew."""
    latest, *earlier = [*editions, None]
    if latest is None:
        return Reader(0, Phrasebook())
    analyser = Phrasebook(Counts(bytes(latest.counts), latest.word_count), latest.synonyms)
    if latest.is_settled:
        return Reader(latest.number, analyser)
    former = earlier[0]
    counts = Counts(bytes(former.counts), former.word_count) if former else None
    return Reader(latest.number, analyser, Phrasebook(counts, former.synonyms if former else None))


class _Held:
    """What this process holds; forgotten by tests that make editions of their own."""

    reader = Reader(0, Phrasebook())
    is_asked = False  # whether the database was asked which edition is the present one
    is_settled = True


def current() -> Reader:
    """How questions are read, without a look at the database."""
    return _Held.reader


def renewed() -> Reader:
    """The present edition, read from the database."""
    editions = list(Edition.objects.order_by("-number")[:2])
    _Held.reader, _Held.is_asked = reader_of(editions), True
    _Held.is_settled = not editions or editions[0].is_settled
    return _Held.reader


def is_present(number: int, is_settled: bool) -> bool:
    """Whether this process reads by that edition; what was told by the figures of a question."""
    return _Held.reader.number == number and _Held.is_settled == is_settled


def writing() -> Reader:
    """How rows are read that are about to be written."""
    return _Held.reader if _Held.is_asked else renewed()


def forget() -> None:
    _Held.reader, _Held.is_asked, _Held.is_settled = Reader(0, Phrasebook()), False, True
