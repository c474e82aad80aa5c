"""Titles and names that hold the words being typed, the last one unfinished; a page asks at every letter.

An index over the words of ``search_title`` answers it. A row is found by any word of its name, so that a person is
found by the family name; a Hebrew word also behind one particle (הרשות), an Arabic one behind the article.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Field, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat, Lower

from munistem.commons.search.analyser import words

SHORTEST = 2
MOST_WORDS = 6
MOST_READ = 300  # rows that are put in order; a beginning that more of them share is no name yet
FROM = "ךםןףץأإآٱىة-־–/״׳\"'’ـ"  # what short names hold of that which ``normalised`` makes alike …
TO = "כמנפצاااايه    "  # … and what it makes of it; what has no partner is left out
PARTICLES = "הבלמושכ"
ARTICLE = "ال"


class TitleWords(Func):
    """The words of a normalised title, as PostgreSQL indexes them."""

    template = "to_tsvector('simple'::regconfig, %(expressions)s)"
    output_field = SearchVectorField()


class _Question(Field):
    def db_type(self, connection: Any) -> str:
        return "tsquery"


class _Holds(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()
    conditional = True


def words_index(name: str) -> GinIndex:
    """The index that a table needs to be completed from."""
    return GinIndex(TitleWords("search_title"), name=name)


def question(typed: str) -> str:
    """Text of a tsquery for words being typed; empty while there is too little to go by."""
    asked = words(typed)[:MOST_WORDS]
    if not asked or len("".join(asked)) < SHORTEST:
        return ""
    return " & ".join("(" + " | ".join(f"'{form}':*" for form in forms(word)) + ")" for word in asked)


def forms(word: str) -> list[str]:
    """A beginning of a word as it may stand in a title."""
    if len(word) >= 3 and "\u05d0" <= word[0] <= "\u05ea":
        return [word, *(particle + word for particle in PARTICLES)]
    if len(word) >= 3 and "\u0620" <= word[0] <= "\u064a":
        return [word, ARTICLE + word]
    return [word]


def holds(typed: str) -> Any:
    """The condition that a title holds what is being typed; ``question(typed)`` must not be empty."""
    return _Holds(TitleWords(F("search_title")), Cast(Value(question(typed)), output_field=_Question()))


def holding_one_of(whole: Iterable[str]) -> Any:
    """The condition that a title holds at least one of these words, as ``words`` gives them."""
    asked = " | ".join(sorted(f"'{word}'" for word in whole))
    return _Holds(TitleWords(F("search_title")), Cast(Value(asked), output_field=_Question()))


def spoken(*names: str) -> Any:
    """Several columns of names in one text, nearly as ``normalised`` has them, a space before every word."""
    parts = [part for name in names for part in (Value(" "), F(name))]
    whole = Lower(Concat(*parts, output_field=TextField()))
    return Func(whole, Value(FROM), Value(TO), function="translate", output_field=TextField())


def completing(rows: QuerySet, typed: str, *others: Any) -> QuerySet:
    """Rows whose title holds what is being typed, few enough to be put in order.

    rows: what the asker may see; others: further conditions any of which is as good as the title.
    """
    if not question(typed):
        return rows.none()
    found = reduce(or_, others, Q(holds(typed)))
    few = rows.filter(found).order_by().values("pk")[:MOST_READ]
    return rows.model._default_manager.filter(pk__in=few)
