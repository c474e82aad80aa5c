"""The rows that are looked at for a question, of several kinds in one query, out of the rows the asker may see.

All that match are looked at while they are few enough. Where a kind has so many that hold the words that going through
them would be felt, the index alone brings those called so and those whose title says it, and beside them the newest
and any others up to ``MOST``: of a word that every second row has, no reader turns a hundred pages.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from math import log1p
from operator import itemgetter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from munistem.commons.reading import reading_cursor
from munistem.commons.search.analyser import words
from munistem.commons.search.query import Query
from munistem.commons.search.ranking import ROWS, Candidate, called

RECENT, USED = 0.1, 0.05  # how much a row of today and a much used one are lifted
HALF_LIFE, MUCH_USED = 365.0, 50.0
SURE, MOST_WORDS = 40, 200_000  # rows that are read however long, and words of all that are read
MOST = 1000  # rows that are told of a kind; there may be more
MANY = 4000  # rows of a kind that hold the words: so many are gone through, of more only ``MOST``
NAMESAKES = 50
NEWEST = 400  # of the last so many rows those that match are looked at
RANKED = 200  # rows that are ranked then

PIECE = """
SELECT %s AS code, one.found_key::bigint,
       CASE WHEN is_read THEN (SELECT search_vector::text FROM "{table}" stored WHERE stored."{key}" = one.found_key) END,
       CASE WHEN is_read THEN one.found_length END, CASE WHEN is_read THEN one.found_title END,
       CASE WHEN is_read THEN one.found_at::timestamptz END, CASE WHEN is_read THEN one.found_used::integer END,
       CASE WHEN is_read THEN one.found_language::text END, one.total, one.place
FROM (SELECT every.*, count(*) OVER () AS total, row_number() OVER placed AS place,
             sum(found_length) OVER placed AS words
      FROM ({inner}) every
      WINDOW placed AS (ORDER BY found_exactly DESC, found_titled DESC, found_at DESC NULLS LAST, found_key DESC)
     ) one
     CROSS JOIN LATERAL (SELECT one.place <= %s AND (one.place <= %s OR one.words <= %s) AS is_read) looked_at
WHERE one.place <= %s
"""
# The planner holds a comparison of vectors for cheap, although each unpacks one: left alone it reads the whole table for
# a common word. Sent together these are one query and one transaction.
BY_INDEX = "SET LOCAL enable_seqscan = off; {}; SET LOCAL enable_seqscan = on"


class TSQuery(models.Field):
    def db_type(self, connection):
        return "tsquery"


class Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = models.BooleanField()
    conditional = True

    def __init__(self, tsquery: str):
        super().__init__(F("search_vector"), Cast(Value(tsquery), output_field=TSQuery()))


@dataclass
class Row:
    candidate: Candidate
    title: str
    language: str


@dataclass
class Read:
    """Rows that were read of a kind, how many of the first hold all words, and how many there are in all.

    ``others`` are the keys of rows that match but were not read, those first whose title says most of it.
    """

    rows: list[Row] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)
    whole: int = 0
    total: int = 0


@dataclass(frozen=True)
class Wanted:
    """What is asked of a kind: the condition, and how the index tells whose title says it, if there are many rows."""

    condition: Any
    titled: str = ""  # a tsquery; empty where all rows that match are gone through


def read(kinds: Mapping[str, QuerySet], query: Query, wanted: Mapping[str, Wanted]) -> dict[str, Read]:
    """The rows to be ranked of each kind, and how many there are in all; one query."""
    found = {code: Read() for code in kinds}
    pieces, parameters = [], []
    for code, rows in kinds.items():
        with suppress(EmptyResultSet):
            sql, values = _inner(rows, query, wanted[code])
            table, key = rows.model._meta.db_table, rows.model._meta.pk.column
            pieces.append(PIECE.format(inner=sql, table=table, key=key))
            ranked = RANKED if wanted[code].titled else ROWS
            parameters += [code, *values, ranked, SURE, MOST_WORDS, MOST]
    if not pieces:
        return found
    now = timezone.now()
    with reading_cursor(next(iter(kinds.values())).model) as cursor:
        cursor.execute(BY_INDEX.format(" UNION ALL ".join(pieces)), parameters)
        cursor.nextset()
        placed = sorted(cursor.fetchall(), key=itemgetter(-1))
        for code, key, vector, length, title, at, used, language, total, _place in placed:
            found[code].total = total
            if vector is None:
                found[code].others.append(key)
            else:
                candidate = Candidate(key, vector, length, lift(at, used, now))
                found[code].rows.append(Row(candidate, title, language))
    for one in found.values():
        one.whole = len(one.rows)
    return found


def _inner(rows: QuerySet, query: Query, wanted: Wanted) -> tuple[str, list[Any]]:
    """SQL of the rows that are put in order, and its parameters."""
    if not wanted.titled:
        sql, values = _columns(rows.filter(wanted.condition).order_by(), query).query.sql_with_params()
        return sql, list(values)
    matching = rows.filter(wanted.condition).order_by()
    last = Subquery(rows.model._base_manager.order_by("-pk").values("pk")[:1])
    slices = (
        matching.filter(Matches(f"'{called(query.title)}'"))[:NAMESAKES],
        matching.filter(Matches(wanted.titled))[:ROWS],
        matching.filter(pk__gt=last - NEWEST)[:NEWEST],
        matching[:MOST],
    )
    told = [_columns(part, query).query.sql_with_params() for part in slices]
    sql = " UNION ALL ".join(f"({sql})" for sql, _ in told)
    every = f"SELECT DISTINCT ON (found_key) * FROM ({sql}) parts ORDER BY found_key"
    return every, [value for _, values in told for value in values]


def _columns(rows: QuerySet, query: Query) -> QuerySet:
    """What tells which rows are ranked, if there are too many: those called so, then those whose title says it."""
    model: Any = rows.model
    titled = [Case(When(search_title__contains=word, then=1), default=0) for word in words(query.wanted)[:6]]
    return rows.values(
        found_key=F("pk"),
        found_length=F("search_length"),
        found_title=F("search_title"),
        found_exactly=Case(When(is_called(query.title), then=1), default=0, output_field=IntegerField()),
        found_titled=sum(titled, Value(0, IntegerField())),
        found_at=_column(model.search_at, models.DateTimeField()),
        found_used=_column(model.search_used, IntegerField()),
        found_language=_column(model.search_language, models.TextField()),
    )


def _column(name: str, field: models.Field) -> Any:
    return Cast(F(name), field) if name else Value(None, field)


def is_called(title: str) -> Q:
    """Rows one of whose names is exactly this, as titles are compared."""
    return (
        Q(search_title=title)
        | Q(search_title__startswith=f"{title}\n")
        | Q(search_title__endswith=f"\n{title}")
        | Q(search_title__contains=f"\n{title}\n")
    )


def lift(at: datetime | None, used: int | None, now: datetime) -> float:
    """By what the score of a row is multiplied: between 1 and 1 + RECENT + USED."""
    days = max(0.0, (now - at).total_seconds() / 86400) if at else None
    recent = RECENT * 0.5 ** (days / HALF_LIFE) if days is not None else 0.0
    return 1 + recent + USED * min(1.0, log1p(max(0, used or 0)) / log1p(MUCH_USED))
