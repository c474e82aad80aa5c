"""Names of several words that the vocabulary holds for the same: who asks for בני נוער also finds מתבגרים.

Such a name is one more index term, the key that all names of its word share, at the place of its last word; a single
word has that key by its own readings. A question with the name may be answered by the key in place of each of its
words, so that (בני & נוער) | key needs no other kind of query: it is (בני | key) & (נוער | key).
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from munistem.commons.search.analyser.readings import Analyser, Group
from munistem.commons.search.analyser.tokens import Token, tokens

LONGEST = 5  # words of a name
WEIGHT = 0.6  # of another name, beside the words themselves
CERTAIN = 0.6  # readings below are no proof that a text writes the name


class Phrasebook(Analyser):
    """An analyser that knows synonyms of several words too."""

    def __init__(self, counts: Mapping[str, int] | None = None, synonyms: Mapping[str, str] | None = None):
        super().__init__(counts, synonyms)
        #: The last word of each name as it is indexed → the words before it, backwards, and the shared key.
        self.endings: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, key in self.synonyms.items():
            if " " in name:
                *before, last = (next(iter(self.readings(token.word))) for token in tokens(name))
                if 0 < len(before) < LONGEST:
                    self.endings.setdefault(last, []).append((tuple(reversed(before)), key))

    def index_terms(self, text: str) -> Iterator[tuple[int, Token, Mapping[str, float]]]:
        """As any analyser; the last word of a name of several has its key too."""
        if not self.endings:
            yield from super().index_terms(text)
            return
        before: deque[Mapping[str, float]] = deque(maxlen=LONGEST)
        for position, token, found in super().index_terms(text):
            keys = [key for key, _ in self.ending(found, before)]
            before.appendleft(found)
            yield position, token, ({**found, **dict.fromkeys(keys, WEIGHT)} if keys else found)

    def query_groups(self, query: str) -> list[Group]:
        """As any analyser; the words of a name may be answered by its key."""
        groups = {group.token.word: group for group in super().query_groups(query)}
        asked = list(tokens(query))
        for first, last, key in self.names(asked):
            for token in asked[first : last + 1]:
                word, group = token.word, groups[token.word]
                terms = {**group.terms, key: max(WEIGHT, group.terms.get(key, 0.0))}
                groups[word] = Group(group.token, terms, group.per_million)
        return list(groups.values())

    def names(self, words: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
        """The names of several words that stand among these: place of their first and last word, and their key."""
        before: deque[Mapping[str, float]] = deque(maxlen=LONGEST)
        for place, token in enumerate(words if self.endings else ()):
            found = self.readings(token.word, token.is_acronym)
            for key, length in self.ending(found, before):
                yield place - length + 1, place, key
            before.appendleft(found)

    def ending(
        self, found: Mapping[str, float], before: Sequence[Mapping[str, float]]
    ) -> Iterator[tuple[str, int]]:
        """Keys of the names that end with a word of these readings, and how many words each has; before: backwards."""
        for term, weight in found.items():
            if weight < CERTAIN or term not in self.endings:
                continue
            for words, key in self.endings[term]:
                if len(words) <= len(before) and all(
                    terms.get(word, 0.0) >= CERTAIN for word, terms in zip(words, before, strict=False)
                ):
                    yield key, len(words) + 1
