"""What a searchable table has: an index column, a title to compare exactly, and ``matching(query)``."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Func, IntegerField, Value, When
from django.db.models.functions import Cast

from munistem.commons.search.analyser import normalised, terms, words

MOST_POSITIONS = 16_000
MOST_QUERY_WORDS = 12
SHORTEST_BEGINNING = 3


class Rank(Func):
    template = "ts_rank('{.05,.2,.5,1}', %(expressions)s, 1)"


def vector(texts: Iterable[tuple[str, str]]) -> str:
    """Text of a tsvector: pairs of (text, weight A–D) → ``'word':3A …``; words beyond the limit are left out."""
    places: dict[str, list[str]] = {}
    position = 0
    for text, weight in texts:
        for word in words(text):
            position += 1
            if position >= MOST_POSITIONS:
                break
            for term in terms(word):
                spots = places.setdefault(term, [])
                if len(spots) < 200:
                    spots.append(f"{position}{weight}")
        position += 10
    return " ".join(f"'{term}':{','.join(spots)}" for term, spots in places.items())


def question(query: str) -> str:
    """Text of a tsquery that asks for every word in any of its terms, the last one also as a beginning of a word.

    Empty when nothing can be asked.
    """
    asked = words(query)[:MOST_QUERY_WORDS]
    groups = [[f"'{term}'" for term in terms(word)] for word in asked]
    if asked and len(asked[-1]) >= SHORTEST_BEGINNING:
        groups[-1].append(f"'{asked[-1]}':*")
    return " & ".join(f"({' | '.join(group)})" for group in groups)


class SearchableQuerySet(models.QuerySet):
    def matching(self, query: str):
        """Rows that hold all words of the query, best first: exact title, then title that begins so, then rank."""
        if not (asked := question(query)):
            return self.none()
        title = normalised(query)
        tsquery = Cast(Value(asked), output_field=_TSQuery())
        return (
            self.filter(_Matches(F("search_vector"), tsquery))
            .annotate(
                search_exact=Case(
                    When(search_title=title, then=2),
                    When(search_title__startswith=title, then=1),
                    default=0,
                    output_field=IntegerField(),
                ),
                search_rank=Rank(F("search_vector"), tsquery, output_field=models.FloatField()),
            )
            .order_by("-search_exact", "-search_rank", "-pk")
        )


class _TSQuery(models.Field):
    def db_type(self, connection):
        return "tsquery"


class _Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = models.BooleanField()
    conditional = True


class Searchable(models.Model):
    """A table found by the search box; say what is read in ``search_texts`` and call ``index`` in the deed."""

    search_vector = SearchVectorField(null=True, editable=False)
    search_title = models.TextField(default="", editable=False)

    class Meta:
        abstract = True

    @classmethod
    def search_index(cls, name: str) -> GinIndex:
        return GinIndex(fields=["search_vector"], name=name)

    def search_heading(self) -> str:
        """The title or name that wins when it is typed exactly."""
        raise NotImplementedError

    def search_texts(self) -> Iterable[tuple[str, str]]:
        """Pairs of (text, weight); A title and names, B summary and tags, C body, D files."""
        raise NotImplementedError

    def index_columns(self) -> dict[str, Any]:
        """Further columns that follow from what a row says and are written together with its index."""
        return {}
