"""Titles and names that hold the words being typed, the last one unfinished; a page asks at every letter.

An index over the words of ``search_title`` answers it. A row is found by any word of its name, so that a person is
found by the family name; a Hebrew word also behind one particle (הרשות), an Arabic one behind the article. Behind the
rows that hold the words as they are typed come those that spell one of them with a ו or י more or less (מצויינ, מצוינות).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Field, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, Lower

from munistem.commons.search.analyser import normalised, words
from munistem.commons.search.analyser.frequencies import LETTERS
from munistem.commons.search.analyser.spelling import squeezed

HEBREW = frozenset(LETTERS)
SHORTEST = 2
MOST_WORDS = 6
MOST_SPELT = 3  # so many words are looked for in other spellings; more tell enough as they are
MOST_READ = 300  # rows that are put in order; a beginning that more of them share is no name yet
FROM = "ךםןףץأإآٱىة-־–/״׳\"'’ـ"  # what short names hold of that which ``normalised`` makes alike …
TO = "כמנפצاااايه    "  # … and what it makes of it; what has no partner is left out
MARKS = "".join(map(chr, (*range(0x591, 0x5BE), 0x5BF, 0x5C1, 0x5C2, 0x5C7, *range(0x64B, 0x660), 0x670)))
PARTICLES = "הבלמושכ"
VOWELS = "וי"  # are written or left out as one likes
LONGEST_SPELT = 12  # letters of a word whose other spellings are looked for
ARTICLE = "ال"


class TitleWords(Func):
    """The words of a normalised title, as PostgreSQL indexes them."""

    template = "to_tsvector('simple'::regconfig, %(expressions)s)"
    output_field = SearchVectorField()


class _Question(Field):
    def db_type(self, connection: Any) -> str:
        return "tsquery"


class _Asked(Func):
    """A question that the planner does not look into: else it would hold many beginnings for a reason to read the whole
    table, and take all of its titles apart; told nothing, it takes the index.
    """

    template = "(SELECT %(expressions)s::tsquery)"
    output_field = _Question()


class _Holds(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()
    conditional = True


def words_index(name: str) -> GinIndex:
    """The index that a table needs to be completed from."""
    return GinIndex(TitleWords("search_title"), name=name)


def question(typed: str, is_spelt: bool = False) -> str:
    """Text of a tsquery for words being typed; empty while there is too little to go by.

    is_spelt: in other spellings, too.
    """
    asked = words(typed)[:MOST_WORDS]
    if not asked or len("".join(asked)) < SHORTEST:
        return ""
    is_spelt = is_spelt and len(asked) <= MOST_SPELT
    told = ([form for other in spelt(word, is_spelt) for form in forms(other)] for word in asked)
    return " & ".join("(" + " | ".join(f"'{form}':*" for form in every) + ")" for every in told)


def spelt(word: str, is_spelt: bool = True) -> list[str]:
    """A beginning of a Hebrew word, and as it begins with one ו or י more or less inside, or with none of them."""
    if not is_spelt or not 3 <= len(word) <= LONGEST_SPELT or not set(word) <= HEBREW:
        return [word]
    found = {word: None, squeezed(word): None}
    for place in range(1, len(word)):
        if word[place] in VOWELS:
            found[word[:place] + word[place + 1 :]] = None
        found |= {word[:place] + vowel + word[place:]: None for vowel in VOWELS}
    bare = word[0] + "".join(letter for letter in word[1:] if letter not in VOWELS)
    return [other for other in [*found, bare] if len(other) >= 3]


def forms(word: str) -> list[str]:
    """A beginning of a word as it may stand in a title."""
    if len(word) >= 3 and "\u05d0" <= word[0] <= "\u05ea":
        return [word, *(particle + word for particle in PARTICLES)]
    if len(word) >= 3 and "\u0620" <= word[0] <= "\u064a":
        return [word, ARTICLE + word]
    return [word]


@dataclass(frozen=True)
class Typed:
    """What is being typed, as the database is asked for it.

    asked: text of a tsquery; spelt: the same in other spellings, empty where there are none; spoken: pattern of the names
    of ``spoken``; words: those typed.
    """

    whole: str
    asked: str
    spelt: str
    spoken: str
    words: Sequence[str]

    @classmethod
    def of(cls, typed: str) -> "Typed | None":
        """None while there is too little to go by."""
        asked, spelt_too = question(typed), question(typed, True)
        if not asked:
            return None
        every = words(typed)[:MOST_WORDS]
        return cls(
            normalised(typed), asked, spelt_too if spelt_too != asked else "", speaking(every), tuple(every)
        )

    @property
    def reads(self) -> Q:
        """The condition that a title has the words as they are typed: these go before other spellings."""
        return reduce(and_, (Q(search_title__contains=word) for word in self.words))

    @property
    def begins(self) -> Q:
        return Q(search_title__startswith=self.whole)

    @property
    def speaks(self) -> Q:
        """The condition that the names of ``spoken`` hold what is being typed, in any spelling."""
        return Q(spoken__regex=self.spoken)


def speaking(asked: Iterable[str]) -> str:
    every = ("|".join(re.escape(other) for other in spelt(word)) for word in asked)
    return " " + " ".join(f"(?:{one})" for one in every)


def _holds(asked: str) -> Any:
    return _Holds(TitleWords(F("search_title")), _Asked(Value(asked)))


def holding_one_of(whole: Iterable[str]) -> Any:
    """The condition that a title holds at least one of these words, as ``words`` gives them."""
    return _holds(" | ".join(sorted(f"'{word}'" for word in whole)))


def spoken(*names: str) -> Any:
    """Several columns of names in one text, nearly as ``normalised`` has them, a space before every word."""
    parts = [part for name in names for part in (Value(" "), F(name))]
    whole = Lower(Concat(*parts, output_field=TextField()))
    return Func(whole, Value(FROM + MARKS), Value(TO), function="translate", output_field=TextField())


def completing(rows: QuerySet, typed: Typed, *others: Any) -> QuerySet:
    """Rows whose title holds what is being typed, few enough to be put in order.

    rows: what the asker may see; others: further conditions any of which is as good as the title.
    """
    found = reduce(or_, others, Q(_holds(typed.asked)))
    few = rows.filter(found).order_by().values("pk")[:MOST_READ]
    if typed.spelt:
        few = few.union(rows.filter(_holds(typed.spelt)).order_by().values("pk")[:MOST_READ], all=True)
    return rows.model._default_manager.filter(pk__in=few)
