"""All readings of a word: what the modules beside this one know, put together."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise

from munistem.commons.search.analyser import acronyms, arabic, english, spelling
from munistem.commons.search.analyser.frequencies import Frequencies
from munistem.commons.search.analyser.inflection import GRAMMAR, lemmas
from munistem.commons.search.analyser.prefixes import rests, without_particles
from munistem.commons.search.analyser.tokens import Token, tokens

HEBREW_WORD = re.compile(r"[\u05d0-\u05ea]+")
ARABIC_WORD = re.compile(r"[\u0620-\u064a\u066e-\u06d3]+")
LATIN_WORD = re.compile(r"[^\W\d_]*[a-z][^\W_]*")
FAINT = 0.3  # weight of a key that only resembles the word
UNKNOWN = 0.3  # per million: rarer words are names and loans, spelt as everybody likes
TIED = 0.9  # two words tied by a hyphen, written as one
CACHED = 50_000


@dataclass(frozen=True, slots=True)
class Group:
    """One word of a query: its readings as index terms with weights, of which the best one counts."""

    token: Token
    terms: Mapping[str, float]
    per_million: float = 0.0  # how often the word is written in general


class Analyser:
    """Readings of words with the frequencies of a collection (``counts`` of its normalised words).

    ``synonyms`` lead a normalised word to the one it is compared as, beside the transliterations known to all.
    """

    def __init__(self, counts: Mapping[str, int] | None = None, synonyms: Mapping[str, str] | None = None):
        self.frequencies = Frequencies(counts)
        self.synonyms = acronyms.TRANSLITERATED | dict(synonyms or {})
        self._known: dict[tuple[str, bool], dict[str, float]] = {}
        # forms of one word share what stands behind their particles: read it once
        self._lemmas = lru_cache(CACHED)(partial(lemmas, frequencies=self.frequencies))
        self._bare = lru_cache(CACHED)(partial(without_particles, frequencies=self.frequencies))
        self._full = lru_cache(CACHED)(partial(spelling.full_spelling, frequencies=self.frequencies))

    def index_terms(self, text: str) -> Iterator[tuple[int, Token, Mapping[str, float]]]:
        """Position, token and terms of each word of a text; words tied by a hyphen have their union as a term too."""
        before: Token | None = None
        for position, token in enumerate(tokens(text)):
            found: Mapping[str, float] = self.readings(token.word, token.is_acronym)
            if token.is_tied and before:
                found = {**found, before.word + token.word: TIED}
            yield position, token, found
            before = token

    def query_groups(self, query: str) -> list[Group]:
        """The words of a query with their weighted terms, each word once."""
        groups: dict[str, Group] = {}
        asked = list(tokens(query))
        for place, token in enumerate(asked):
            found = dict(self.readings(token.word, token.is_acronym))
            for first, second in pairwise(asked[max(0, place - 1) : place + 2]):
                if second.is_tied:
                    found.setdefault(first.word + second.word, TIED)
            groups.setdefault(
                token.word, Group(token, found, self.frequencies.general.per_million(token.word))
            )
        return list(groups.values())

    def readings(self, word: str, is_acronym: bool = False) -> dict[str, float]:
        """The terms of one normalised word with their weights; the word itself always weighs most."""
        key = word, is_acronym
        found = self._known.get(key)
        if found is None:
            if len(self._known) > CACHED:
                self._known.clear()
            found = self._known[key] = self._readings(word, is_acronym)
        return found

    def _readings(self, word: str, is_acronym: bool) -> dict[str, float]:
        if HEBREW_WORD.fullmatch(word):
            found = self._hebrew(word, is_acronym)
        elif ARABIC_WORD.fullmatch(word):
            found = arabic.readings(word, self.frequencies)
        elif LATIN_WORD.fullmatch(word):
            found = english.readings(word)
        else:
            found = {word: 1.0}
        if other := self.synonyms.get(word):  # as it is written: סטיים is STEAM and not, like סטים, STEM
            return {**found, other: acronyms.WEIGHT}
        for term, weight in list(found.items()):
            if other := self.synonyms.get(term):
                found = {**found, other: weight * acronyms.WEIGHT}
        return found

    def _hebrew(self, word: str, is_acronym: bool) -> dict[str, float]:
        found: dict[str, float] = {}

        def add(term: str, weight: float) -> None:
            term = spelling.squeezed(term)
            found[term] = max(found.get(term, 0.0), round(weight, 3))

        add(word, 1.0)
        if is_acronym and (year := acronyms.year(word)):
            add(year, 1.0)
            return found
        for bare, weight in self._bare(word).items():
            for form, share in self._spellings(bare):
                for lemma, nearness in self._lemmas(form).items():
                    add(lemma, weight * share * nearness)
                    if lemma == form:
                        continue
                    for rest, part in self._bare(lemma).items():  # הרשותית → הרשות → רשות
                        if rest not in GRAMMAR:  # שעליו is no שעל, and so no על
                            add(rest, weight * share * nearness * part)
                    for full, part in self._spellings(lemma)[1:]:  # תכניות → תכנית → תוכנית
                        add(full, weight * share * nearness * part)
        if self.frequencies.of(word) < UNKNOWN:
            for rest, weight in [(word, FAINT), *((rest, FAINT * 0.8) for _, rest in rests(word))]:
                if len(skeleton := spelling.consonants(rest)) >= 3 and len(rest) >= 4:
                    add("~" + skeleton, weight)
        return found

    def _spellings(self, word: str) -> list[tuple[str, float]]:
        full = self._full(word)
        return [(word, 1.0), (full, spelling.WEIGHT)] if full else [(word, 1.0)]
