"""Where a text says what was asked for: the words in the spelling they have there, and the passage that says most.

A word of the text is marked when it shares a reading with a word asked for, so that מעבדות is marked for מעבדה.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from munistem.commons.search import reading
from munistem.commons.search.analyser import Token, tokens
from munistem.commons.search.analyser.tokens import LONE_PARTICLES, WRITTEN
from munistem.commons.search.query import Query, is_light, parse

LONGEST = 230  # characters of a passage
LEAD = 60  # of them before the first mark, where there are as many
SHARED = "="  # begins the key that the names of a word of the vocabulary share
FAINTEST = 0.2  # readings that both are doubtful mark nothing

Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """A piece of a text around what was asked for."""

    text: str
    spans: tuple[Span, ...]  # of the words asked for, in this text
    start: int = 0
    end: int = 0
    label: str = ""  # of the text it is taken from, such as the number of a page
    score: float = 0.0

    @property
    def html(self) -> SafeString:
        """The passage with its words marked, and dots where the text goes on."""
        inside = [
            (a - self.start, b - self.start) for a, b in self.spans if a >= self.start and b <= self.end
        ]
        body = marked(self.text[self.start : self.end].replace("\n", " "), inside)
        before, after = "… " if self.start else "", " …" if self.end < len(self.text) else ""
        return format_html("{}{}{}", before, body, after)


class Asked:
    """What a question asks for, to be looked for in texts."""

    def __init__(self, query: str | Query):
        self.query = parse(query) if isinstance(query, str) else query
        self.analyser = reading.current().analyser
        self._known: dict[tuple[str, bool], int] = {}
        self._pieces: dict[str, tuple[str, int] | None] = {}
        self._terms: dict[str, list[tuple[int, float]]] = {}
        self.worth: list[float] = []
        for place, group in enumerate(self.query.groups):
            self.worth.append(0.1 if is_light(group) else 1 + 1 / log(group.per_million + 3))
            for term, weight in group.terms.items():
                self._terms.setdefault(term, []).append((place, weight))
        self._keys = {
            term: sum(1 << place for place, _ in asked)
            for term, asked in self._terms.items()
            if term.startswith(SHARED)
        }

    def found(self, text: str) -> list[Span]:
        """Where the asked words stand in a text: beginning and end of each."""
        return [(token.start, token.end) for token, _ in self._hits(text)]

    def marked(self, text: str) -> SafeString:
        """The whole text with the asked words marked."""
        return marked(text, self.found(text))

    def passage(self, texts: Iterable[str]) -> SafeString | str:
        """The passage of these texts that says most; the beginning of the first text where none says anything."""
        texts = list(texts)
        best = self.best(("", text) for text in texts)
        if best:
            return best.html
        first = next(filter(None, texts), "")
        return first if len(first) <= LONGEST else f"{first[:LONGEST].rsplit(' ', 1)[0]} …"

    def best(self, texts: Iterable[tuple[str, str]]) -> Passage | None:
        """The passage that says most, out of pairs of (label, text); of two that say as much the earlier."""
        best: Passage | None = None
        for label, text in texts:
            hits = self._hits(text)
            if hits and (score := self._densest(hits)[1]) > (best.score if best else 0):
                best = self._around(text, hits, label, score)
        return best

    def is_all_said(self, texts: Iterable[str]) -> bool:
        """Whether these texts together hold every word asked for, but for the lightest."""
        return not self.weighty & ~self.words_in(texts)

    @property
    def weighty(self) -> int:
        """The words asked for but the lightest, as bits."""
        return sum(1 << place for place, worth in enumerate(self.worth) if worth >= 1)

    def words_in(self, texts: Iterable[str]) -> int:
        """Which of the words asked for these texts hold, as bits."""
        bits = 0
        for text in texts:
            for _, asked in self._hits(text):
                bits |= asked
        return bits

    def _hits(self, text: str) -> list[tuple[Token, int]]:
        """The words of a text that were asked for, each with the set of asked words it is a reading of, as bits."""
        if not self._keys and (hits := self._lone_hits(text)) is not None:
            return hits
        hits = []
        every = list(tokens(text))
        named = self._named(every) if self._keys else {}
        for place, token in enumerate(every):
            key = token.word, token.is_acronym
            asked = self._known.get(key)
            if asked is None:
                asked = self._known[key] = self._asked(*key)
            asked |= named.get(place, 0)
            if asked and (not hits or hits[-1][0].start != token.start):
                hits.append((token, asked))
        return hits

    def _lone_hits(self, text: str) -> list[tuple[Token, int]] | None:
        """The same where no names of several words are asked for: only pieces that hold a word are taken apart.

        None where one is a particle alone: whether that counts as a word hangs on what stands behind it.
        """
        hits: list[tuple[Token, int]] = []
        for piece in WRITTEN.finditer(text):
            if (hit := self._said(piece[0])) is None:
                continue
            word, asked = hit
            if word in LONE_PARTICLES:
                return None
            hits.append((Token(word, piece.start(), piece.end()), asked))
        return hits

    def _said(self, piece: str) -> tuple[str, int] | None:
        """The first word in a piece of a text that was asked for, with the asked words as bits; most pieces hold none."""
        if piece not in self._pieces:
            read = ((word, self._asked(word, is_acronym)) for word, is_acronym in _words_of(piece))
            self._pieces[piece] = next((hit for hit in read if hit[1]), None)
        return self._pieces[piece]

    def _named(self, words: Sequence[Token]) -> dict[int, int]:
        """Places of words that are together another name of what was asked for, with the asked words as bits."""
        found: dict[int, int] = {}
        for first, last, key in self.analyser.names(words):
            if asked := self._keys.get(key):
                found.update((place, found.get(place, 0) | asked) for place in range(first, last + 1))
        return found

    def _asked(self, word: str, is_acronym: bool) -> int:
        bits = 0
        for term, weight in self.analyser.readings(word, is_acronym).items():
            for place, other in self._terms.get(term, ()):
                if weight * other >= FAINTEST:
                    bits |= 1 << place
        if self.query.beginning and self.query.groups and word.startswith(self.query.beginning):
            bits |= 1 << (len(self.query.groups) - 1)
        return bits

    def _densest(self, hits: Sequence[tuple[Token, int]]) -> tuple[int, float]:
        """Index of the hit that opens the tightest window with most of the words, and what the window is worth."""
        opening, most = 0, 0.0
        inside: Counter[int] = Counter()
        last = 0
        for first, (token, _) in enumerate(hits):
            while last < len(hits) and hits[last][0].end - token.start <= LONGEST - LEAD:
                inside.update(self._words(hits[last][1]))
                last += 1
            words = [word for word, count in inside.items() if count > 0]
            tight = 1 - (hits[last - 1][0].end - token.start) / (20 * LONGEST) if last else 1.0
            often = min(sum(inside[word] * self.worth[word] for word in words), 8) / 100
            worth = sum(self.worth[word] for word in words) * tight + often
            if worth > most + 1e-9:
                opening, most = first, worth
            inside.subtract(self._words(hits[first][1]))
        return opening, most

    def _words(self, bits: int) -> list[int]:
        return [place for place in range(len(self.worth)) if bits >> place & 1]

    def _around(self, text: str, hits: Sequence[tuple[Token, int]], label: str, score: float) -> Passage:
        first = hits[self._densest(hits)[0]][0].start
        start = 0 if first <= LEAD else text.rfind(" ", 0, first - LEAD // 2) + 1
        if first - start > LEAD:
            start = first
        end = len(text) if len(text) - start <= LONGEST else text.rfind(" ", start, start + LONGEST)
        end = end if end > first else min(len(text), start + LONGEST)
        return Passage(text, tuple((token.start, token.end) for token, _ in hits), start, end, label, score)


@lru_cache(maxsize=16_384)
def _words_of(piece: str) -> tuple[tuple[str, bool], ...]:
    return tuple((token.word, token.is_acronym) for token in tokens(piece))


def marks(text: str, query: str | Query) -> list[Span]:
    """Where the words of a question stand in a text, in its own spelling: beginning and end of each."""
    return Asked(query).found(text)


def best_passage(texts: Iterable[tuple[str, str]], query: str | Query) -> Passage | None:
    """The passage that says most of a question, out of pairs of (label, text), such as the pages of a file."""
    return Asked(query).best(texts)


def marked(text: str, spans: Iterable[Span]) -> SafeString:
    """The text, escaped, with ``<mark>`` around these places."""
    parts, place = [], 0
    for start, end in spans:
        parts += [conditional_escape(text[place:start]), format_html("<mark>{}</mark>", text[start:end])]
        place = end
    return mark_safe("".join([*parts, conditional_escape(text[place:])]))
