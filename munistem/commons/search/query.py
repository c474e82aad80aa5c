"""What stands in the search box, understood: words, "words in this order", -without, a last word that is still typed.

Words in quotation marks stand next to each other as they are typed, whatever particle the text writes before them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from munistem.commons.search import figures, reading
from munistem.commons.search.analyser import Group, normalised, words
from munistem.commons.search.ranking import Statistics

LONGEST = 400  # characters that are read
MOST_WORDS = 16
SHORTEST_BEGINNING = 3
ENOUGH = 10  # rows with the last word as it stands; then it is not taken for a beginning
BEGINNING = 0.4  # weight of a longer word
WHOLE = 30.0  # per million: so frequent a word is meant as it stands; who types יום does not look for יומן
OPENING, CLOSING = '"“”„«״', '"“”»״'
QUOTED = re.compile(rf"(?<![^\s(\[-])(-?)[{OPENING}](?=\S)(.+?)(?<=\S)[{CLOSING}](?![^\s.,;:!?)\]])")
WITHOUT = re.compile(r"(?<!\S)-(?=[^\W_])(\S+)")
HEBREW = re.compile(r"[\u05d0-\u05ea]")
FREQUENT = 3000.0  # per million: such a word (של, את, היא) need not stand in what is found
#: Words of the same sort that no list counts, as the analyser compares them.
LIGHT = frozenset(
    words(
        "a an and are as at be by do does for from has have how i in is it its of on or our that the their there these "
        "they this to was we what when where which who why will with you your "
        "איך מה מי למה מתי איפה היכן כמה איזה איזו אילו האם יש אין של על עם את זה אצל גם אבל כי אם או כל עוד "
        "كيف ما ماذا من متى أين كم هل لماذا أي أو في على عن مع إلى عند هذا هذه ذلك التي الذي و "
    )
)


@dataclass(frozen=True)
class Query:
    """A question as it was typed and as it is understood; see ``parse``."""

    text: str
    wanted: str = ""  # what shall be found, quotation marks taken away
    phrases: tuple[tuple[str, ...], ...] = ()  # words that stand next to each other, as index terms
    without: tuple[tuple[str, ...], ...] = ()  # the same of what shall not be found
    beginning: str = ""  # the last word, when it may be the beginning of a longer one
    title: str = ""  # as titles are compared with it

    def __bool__(self) -> bool:
        return bool(self.groups)

    def __str__(self) -> str:
        return self.text

    @property
    def language(self) -> str:
        """``he`` where any Hebrew letter is asked for, else empty."""
        return "he" if HEBREW.search(self.wanted) else ""

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The words asked for, each with its readings as weighted index terms."""
        return self._groups(reading.current())

    @cached_property
    def told(self) -> "figures.Told":
        """What the collection knows of these words; one query, the first time it is asked.

        When it tells of an edition that this process has not met, the words are read again by that.
        """
        told = figures.read(self.terms)
        if not reading.is_present(told.edition, told.is_settled):
            for name in ("groups", "terms"):
                self.__dict__.pop(name, None)
            self.__dict__["groups"] = self._groups(reading.renewed())
            told = figures.read(self.terms)
        return told

    @cached_property
    def terms(self) -> frozenset[str]:
        """All index terms of the words asked for."""
        return frozenset(term for group in self.groups for term in group.terms)

    def statistics(self, kind: str) -> Statistics:
        """What the public rows of a kind tell of the words asked for."""
        return self.told.statistics(kind)

    def weighed(self, kind: str) -> tuple[Group, ...]:
        """All words with their terms; the last one also as a beginning where few rows of the kind have it whole."""
        told, groups = self.statistics(kind), self.groups
        if not self.beginning or groups[-1].token.word != self.beginning:
            return groups
        last = groups[-1]
        if last.per_million > WHOLE or sum(told.rows_with.get(term, 0) for term in last.terms) >= ENOUGH:
            return groups
        longer = {**last.terms, f"{self.beginning}*": BEGINNING}
        return (*groups[:-1], Group(last.token, longer, last.per_million))

    def asking(self, kind: str) -> tuple[Group, ...]:
        """Of these the words that must stand in a row: all but the lightest."""
        groups = self.weighed(kind)
        return tuple(group for group in groups if not is_light(group)) or groups

    def _groups(self, reader: reading.Reader) -> tuple[Group, ...]:
        as_typed = {term for phrase in self.phrases for term in phrase}
        return tuple(
            Group(group.token, literal, group.per_million)
            if (literal := _literal(group.terms, as_typed))
            else group
            for group in reader.groups(self.wanted)[:MOST_WORDS]
        )


def _literal(terms: Mapping[str, float], as_typed: set[str]) -> dict[str, float]:
    """Only the word itself, where it stands in quotation marks."""
    own = next(iter(terms), "")
    return {own: 1.0} if own in as_typed else {}


def is_light(group: Group) -> bool:
    """Whether a word says so little that a row may lack it."""
    return group.per_million >= FREQUENT or group.token.word in LIGHT


def parse(text: str) -> Query:
    """Understand any text that is typed; what cannot be understood is words."""
    text = text[:LONGEST]
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []

    def quoted(found: re.Match) -> str:
        terms = as_typed(found[2])
        if not terms:
            return " "
        (without if found[1] else phrases).append(terms)
        return " " if found[1] else f" {found[2]} "

    rest = QUOTED.sub(quoted, text)

    def left_out(found: re.Match) -> str:
        if terms := as_typed(found[1]):
            without.append(terms)
        return " "

    rest = WITHOUT.sub(left_out, rest)
    wanted = " ".join(rest.split())
    if without and not normalised(
        wanted
    ):  # who leaves everything out asks for nothing: it is a name with a dash
        rest, wanted, without = text, " ".join(text.split()), []
    return Query(
        text,
        wanted,
        tuple(phrases[:MOST_WORDS]),
        tuple(without[:MOST_WORDS]),
        _beginning(rest, phrases),
        normalised(text),
    )


def as_typed(text: str) -> tuple[str, ...]:
    """The words of a text as the index terms that each stands under in any case."""
    return tuple(next(iter(terms)) for _, _, terms in reading.current().analyser.index_terms(text) if terms)


def _beginning(rest: str, phrases: list[tuple[str, ...]]) -> str:
    last = words(rest[-60:].split()[-1])[-1:] if rest.split() and rest[-1:].isalnum() else []
    if not last or len(last[0]) < SHORTEST_BEGINNING or (phrases and last[0] in phrases[-1]):
        return ""
    return last[0]
