"""Which rows answer a query best: candidates from the GIN index, then BM25, then a second look at the best of them.

PostgreSQL's own ``ts_rank`` knows no rarity of words and loses clearly to BM25, so the ranking is done here, on how often
each term stands in a candidate. The second look reads the ``tsvector`` of the best as text (``'term':3A,17 …``), which says
where a term stands, and adds what the best passage holds, words that stand as near each other as in the query, and for words that are
missing the likeness of others.
Alternatives of one word never add up: of a group of terms only the best counts.
Okapi BM25: Robertson & Zaragoza, The Probabilistic Relevance Framework (2009); nearness of pairs after Rasolofo &
Savoy, Term Proximity Scoring for Keyword-Based Retrieval Systems (2003).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, exp, log
from typing import Any, NamedTuple

from munistem.commons.search.analyser import Analyser, Group

SATURATION = 1.2  # k1 of BM25
LENGTH = 0.75  # its b
FIELDS = {"A": 3, "B": 2, "C": 1, "D": 1}  # what one occurrence there counts
MOST_POSITIONS = 16_000  # PostgreSQL keeps no higher ones
APART = 10  # places between two texts of a row: the end of a title is not near the beginning of a body
MOST_BYTES = 900_000  # PostgreSQL keeps no tsvector above 1 MB
MOST_PLACES = 200  # of one term in one row
TITLED, CALLED = "^", "#"  # signs that no word holds: before a term of a title, and before a whole name
ROWS = 500  # how many candidates are read; 800 find a trifle more titles (.003 MRR@10), at a price in time
SECOND_LOOK = 40
NEARNESS = 0.3  # what a pair of neighbouring words counts, as a share of the weaker one
FARTHEST = 8
PASSAGE = 12  # places: questions are answered in a sentence
MOST_HITS = 2 * PASSAGE
PASSAGE_WORTH = 0.7  # of the words that stand together in the best passage, beside what they count in the row
RESEMBLANCE = 0.4  # of a word that the row has only in a similar form, for its share of letters
SIMILAR = 0.75  # of its letters in one piece
SHORTEST_PIECE = 4
USUAL = (
    200  # words: a word is as common as it would be in rows of this length of general text, if not commoner
)


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many rows a collection has, how long they are on average, and in how many a term stands."""

    rows: int
    mean_length: float
    rows_with: Mapping[str, int]

    def rarity(self, term: str, per_million: float = 0.0) -> float:
        """What a match of the term tells; words common in general tell little even where a collection lacks them."""
        in_general = self.rows * (1 - exp(-per_million * 1e-6 * USUAL))
        found = max(self.rows_with.get(term, 0), in_general)
        return log(1 + (self.rows - found + 0.5) / (found + 0.5))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row as it is read for ranking."""

    key: Any
    often: Sequence[
        int
    ]  # each of ``terms_of`` the words asked for stands in it, by the weights of ``FIELDS``
    length: int
    lift: float = 1.0  # by what its score is multiplied
    is_called: bool = False  # exactly what was asked for
    is_foreign: bool = False  # not in Hebrew
    vector: str | None = None  # where it has been read along


class Scored(NamedTuple):
    """A candidate with its score, and what each word counts in it."""

    score: float
    candidate: Candidate
    counted: Sequence[float]


def vector_of(
    analyser: Analyser, texts: Iterable[tuple[str, str]], names: Iterable[str] = ()
) -> tuple[str, int]:
    """Text of a tsvector for pairs of (text, weight A–D), and the number of words in it.

    Terms of titles (A) stand there a second time as such, and every whole name as one term: so the index alone tells
    whose title says a word, or is called so, where more rows have the word than can be looked at.
    """
    places: dict[str, list[str]] = {called(name): [] for name in names}
    place = count = size = 0
    for text, weight in texts:
        for _, _, terms in analyser.index_terms(text):
            count += 1
            if (place := place + 1) >= MOST_POSITIONS or size > MOST_BYTES:
                continue
            for term in terms:
                if (spots := places.get(term)) is None:
                    spots = places[term] = []
                    size += len(term.encode()) + 4
                if len(spots) < MOST_PLACES:
                    spots.append(f"{place}{weight}")
                    size += 2
                if weight == "A":
                    places.setdefault(TITLED + term, [])
        place += APART
    return " ".join(f"'{term}'{':' * bool(spots)}{','.join(spots)}" for term, spots in places.items()), count


def called(name: str) -> str:
    """The term under which rows stand that are called exactly so."""
    return CALLED + blake2b(name.encode(), digest_size=8).hexdigest()


def leading(groups: Sequence[Group], statistics: Statistics, rows: int = ROWS) -> tuple[list[Group], bool]:
    """The rarest groups that together bring no more than so many rows; and whether all of them must match."""

    def brings(group: Group) -> int:
        return sum(statistics.rows_with.get(term, 0) for term in group.terms)

    rarest = sorted((group for group in groups if brings(group)), key=brings)
    if not rarest:
        return [], False
    if brings(rarest[0]) > rows:
        return rarest[:3], True
    chosen, total = [], 0
    for group in rarest:
        total += brings(group)
        if chosen and total > rows:
            break
        chosen.append(group)
    return chosen, False


def asked(groups: Iterable[Group], is_every: bool = False, sign: str = "") -> str:
    """Text of a tsquery for these groups; with the sign ``TITLED`` for rows whose title says so."""
    return (" & " if is_every else " | ").join(
        "("
        + " | ".join(f"'{sign}{term.rstrip('*')}'{':*' * term.endswith('*')}" for term in group.terms)
        + ")"
        for group in groups
    )


def _mark(term: str) -> str:
    """How the term stands in a vector; ``term*`` asks for any word that begins so."""
    return f"'{term[:-1]}" if term.endswith("*") else f"'{term}':"


def _start(vector: str, mark: str) -> int:
    """Where the places of a term begin in a vector, -1 where it does not stand there."""
    if (place := vector.find(mark)) < 0:
        return -1
    return place + len(mark) if mark[-1] == ":" else vector.find("':", place) + 2


def terms_of(groups: Iterable[Group]) -> list[str]:
    """All terms of the words asked for, each once."""
    return list(dict.fromkeys(term for group in groups for term in group.terms))


def scored(groups: Sequence[Group], candidates: Iterable[Candidate], statistics: Statistics) -> list[Scored]:
    """The candidates that match anything, those with most of what the words tell first."""
    places = {term: place for place, term in enumerate(terms_of(groups))}
    wanted = [
        [(places[term], value) for term, value in zip(group.terms, values, strict=True)]
        for group, values in zip(groups, worth_of(groups, statistics), strict=True)
    ]
    found = []
    for candidate in candidates:
        norm = SATURATION * (1 - LENGTH + LENGTH * candidate.length / max(1.0, statistics.mean_length))
        counted = []
        for terms in wanted:
            top = 0.0
            for place, value in terms:
                if value * (SATURATION + 1) > top and (often := candidate.often[place]):
                    top = max(top, value * often * (SATURATION + 1) / (often + norm))
            counted.append(top)
        if any(counted):
            found.append(Scored(sum(counted), candidate, counted))
    found.sort(key=lambda one: -one.score * one.candidate.lift)
    return found


def worth_of(groups: Iterable[Group], statistics: Statistics) -> list[list[float]]:
    """What each term of each word tells."""
    return [
        [weight * statistics.rarity(term, group.per_million) for term, weight in group.terms.items()]
        for group in groups
    ]


def to_read(groups: Sequence[Group], found: Sequence[Scored], statistics: Statistics) -> list[Any]:
    """Keys of the rows whose vector the second look needs: of one word it is known already what it adds, unless the row
    may hold a word that is only alike.
    """
    worth = [max(values) for values in worth_of(groups, statistics)]
    return [
        one.candidate.key
        for one in found[:SECOND_LOOK]
        if one.candidate.vector is None
        and (len(groups) > 1 or any(map(_is_lacking, groups, worth, one.counted)))
    ]


def _is_lacking(group: Group, value: float, score: float) -> bool:
    """Whether a word counts so little in a row that one that is alike may count more."""
    return score < value / 2 and len(group.token.word) >= SHORTEST_PIECE


def best(
    groups: Sequence[Group], found: Sequence[Scored], statistics: Statistics, vectors: Mapping[Any, str]
) -> list[Any]:
    """Keys of the rows, best first; vectors: of those that are ``to_read``."""
    worth = worth_of(groups, statistics)
    wanted = [
        [(_mark(term), value) for term, value in zip(group.terms, values, strict=True)]
        for group, values in zip(groups, worth, strict=True)
    ]
    places = {term: place for place, term in enumerate(terms_of(groups))}
    first = []
    for score, candidate, counted in found[:SECOND_LOOK]:
        vector = candidate.vector or vectors.get(candidate.key)
        if vector is None:
            held = zip(groups[0].terms, worth[0], strict=True)
            added = PASSAGE_WORTH * max(value for term, value in held if candidate.often[places[term]])
        else:
            added = second_look(groups, wanted, vector, counted)
        first.append(((score + added) * candidate.lift, candidate.key))
    first.sort(key=lambda pair: -pair[0])
    return [key for _, key in first] + [one.candidate.key for one in found[SECOND_LOOK:]]


def second_look(
    groups: Sequence[Group],
    wanted: Sequence[Sequence[tuple[str, float]]],
    vector: str,
    counted: Sequence[float],
) -> float:
    """What is added to the score of a row, out of ``counted`` for each word: passage, nearness and likeness."""
    spots = [_spots(vector, terms) for terms in wanted]
    worth = [max(value for _, value in terms) for terms in wanted]
    found = PASSAGE_WORTH * passage(spots) + nearness([sorted(places) for places in spots], worth)
    for group, value, score in zip(groups, worth, counted, strict=True):
        if _is_lacking(group, value, score):
            found += RESEMBLANCE * max(0.0, value * likeness(group.token.word, vector) - score)
    return found


def _spots(vector: str, terms: Iterable[tuple[str, float]]) -> dict[int, float]:
    """Where any of the terms stands, and what the best of them is worth there."""
    found: dict[int, float] = {}
    for mark, value in terms:
        if (start := _start(vector, mark)) >= 0:
            end = vector.find(" ", start)
            for spot in vector[start : end if end >= 0 else len(vector)].split(","):
                place = int(spot.rstrip("ABCD"))
                if found.get(place, 0.0) < value:
                    found[place] = value
    return found


def passage(spots: Sequence[Mapping[int, float]]) -> float:
    """What the words in the best ``PASSAGE`` places of a row are worth together, each once."""
    hits = sorted(
        (place, group, value) for group, found in enumerate(spots) for place, value in found.items()
    )
    most = 0.0
    for number, (first, _, _) in enumerate(hits):
        inside: dict[int, float] = {}
        for place, group, value in hits[number : number + MOST_HITS]:
            if place > first + PASSAGE:
                break
            if inside.get(group, 0.0) < value:
                inside[group] = value
        most = max(most, sum(inside.values()))
    return most


def nearness(places: Sequence[list[int]], worth: Sequence[float]) -> float:
    """What words that stand near each other, as they do in the query, add to the score of a row."""
    found = 0.0
    for ahead in (1, 2):
        for first in range(len(places) - ahead):
            one, two = places[first], places[first + ahead]
            if one and two and (apart := _distance(one, two)) <= FARTHEST:
                found += NEARNESS * min(worth[first], worth[first + ahead]) / (apart * ahead)
    return found


def likeness(word: str, vector: str) -> float:
    """The share of a word that stands in one piece in a word of the row; 0 below ``SIMILAR``."""
    whole = len(word)
    for length in range(whole, max(SHORTEST_PIECE, ceil(whole * SIMILAR)) - 1, -1):
        if any(word[first : first + length] in vector for first in range(whole - length + 1)):
            return length / whole
    return 0.0


def _distance(one: list[int], two: list[int]) -> int:
    """The least distance between places of two lists."""
    least, i, j = MOST_POSITIONS, 0, 0
    while i < len(one) and j < len(two):
        least = min(least, abs(one[i] - two[j]) or least)
        if one[i] < two[j]:
            i += 1
        else:
            j += 1
    return least
