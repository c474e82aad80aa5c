"""What a searchable table has: an index column, names to compare exactly, and ``matching(query)``."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from munistem.commons.search import finding, reading
from munistem.commons.search.analyser import normalised
from munistem.commons.search.query import Query, parse

LONGEST_NAME = 500


def vector(texts: Iterable[tuple[str, str]]) -> str:
    """Text of a tsvector: pairs of (text, weight A–D) → ``'word':3A …``; words beyond the limit are left out."""
    return reading.writing().vector(texts)[0]


class SearchableQuerySet(models.QuerySet):
    def matching(self, query: str | Query):
        """The rows that answer the query, best first, at most ``MOST``; see ``finding``. The candidates are read at once."""
        return self.among(self.found(query).first())

    def found(self, query: str | Query) -> finding.Found:
        """What ``among`` needs in order to give all rows that answer, however many they are."""
        return finding.find(self, parse(query) if isinstance(query, str) else query)

    def among(self, found: finding.Found):
        """What was found, in its order, as far as it is in this set."""
        if not found.keys:
            return self.none()
        place = finding.in_order(found.keys)
        rows = self.filter(finding.Matches(found.tsquery) if found.tsquery else finding.is_among(found.keys))
        dated: str = self.model.search_at  # type: ignore[attr-defined]
        latest = [F(dated).desc(nulls_last=True)] if dated else []
        return rows.order_by(place.asc(nulls_last=True), *latest, "-pk")


class Searchable(models.Model):
    """A table found by the search box; say what is read in ``search_texts`` and call ``index`` in the deed."""

    search_vector = SearchVectorField(null=True, editable=False)
    search_title = models.TextField(default="", editable=False)
    search_length = models.PositiveIntegerField(default=0, editable=False)
    search_edition = models.PositiveIntegerField(default=0, editable=False)

    search_at: ClassVar[str] = ""  # column that tells how recent a row is
    search_used: ClassVar[str] = ""  # column that tells how often it was of use
    search_language: ClassVar[str] = ""  # column of its language, may be a related one

    class Meta:
        abstract = True

    @classmethod
    def search_index(cls, name: str) -> GinIndex:
        return GinIndex(fields=["search_vector"], name=name)

    @classmethod
    def public_rows(cls) -> models.QuerySet:
        """What every visitor may read: only of these the search counts words and learns spellings."""
        rows: Any = cls._default_manager
        return rows.visible_to(AnonymousUser())

    def search_heading(self) -> str:
        """The title or name that wins when it is typed exactly; several names on lines of their own."""
        raise NotImplementedError

    def search_texts(self) -> Iterable[tuple[str, str]]:
        """Pairs of (text, weight); A title and names, B summary and tags, C body, D files, page by page."""
        raise NotImplementedError

    def index_columns(self) -> dict[str, Any]:
        """Further columns that follow from what a row says and are written together with its index."""
        return {}

    def search_columns(self, texts: Iterable[tuple[str, str]] | None = None) -> dict[str, Any]:
        """The search columns as they follow from what the row says, or from the texts given instead."""
        reader = reading.writing()
        names = (normalised(name)[:LONGEST_NAME] for name in self.search_heading().splitlines())
        named = list(dict.fromkeys(name for name in names if name))
        words, length = reader.vector(self.search_texts() if texts is None else texts, named)
        return {
            "search_vector": words,
            "search_title": "\n".join(named),
            "search_length": length,
            "search_edition": reader.number,
        }
