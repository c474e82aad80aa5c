"""Which rows answer a question, best first, out of the rows the asker may see.

The GIN index brings the rows that hold all words; only where these are few, rows with most of the words are brought
too. No more than ``ROWS`` of a kind are read and ranked. What comes first: the row that is called exactly so, then
rows with all words, then rows with most of them; a Hebrew question prefers rows in Hebrew. Inside each of these the
order is that of ``ranking``, where recent and much used rows are lifted a little.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from math import log1p
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from munistem.commons.search.analyser import words
from munistem.commons.search.query import Query
from munistem.commons.search.ranking import ROWS, Candidate, Statistics, asked, best, leading

FEW = 10  # rows with all words; where there are fewer, rows with most of the words are shown behind them
MUCH_OF_IT = (
    0.35  # of what the words tell that the fullest row holds; a row that lacks some words holds as much
)
RECENT, USED = 0.1, 0.05  # how much a row of today and a much used one are lifted
HALF_LIFE, MUCH_USED = 365.0, 50.0
MOST_NAMESAKES = 5
SURE, MOST_WORDS = 40, 200_000  # rows that are read however long, and words of all that are read
ORDERED = 200  # keys put in order where there are more rows than were ranked


PIECE = """
SELECT %s AS code, one.found_key::bigint, stored.search_vector::text, stored.search_length, stored.search_title,
       one.found_at::timestamptz, one.found_used::integer, one.found_language::text, one.total
FROM (SELECT every.*, count(*) OVER () AS total, row_number() OVER placed AS place,
             sum(found_length) OVER placed AS words
      FROM ({inner}) every
      WINDOW placed AS (ORDER BY found_exactly DESC, found_titled DESC, found_at DESC NULLS LAST, found_key DESC)
     ) one JOIN "{table}" stored ON stored."{key}" = one.found_key
WHERE one.place <= %s AND (one.place <= %s OR one.words <= %s)
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
class Found:
    """What a question finds of a kind: keys, best first, and how many rows there are in all."""

    keys: list[Any] = field(default_factory=list)
    total: int = 0
    whole: int = 0  # how many of the first hold all words
    tsquery: str = ""  # finds the rows beyond those that were ranked; empty where there are none

    def first(self, most: int) -> "Found":
        """The best few."""
        return Found(self.keys[:most], self.total, min(self.whole, most))


@dataclass
class _Row:
    candidate: Candidate
    title: str
    language: str


@dataclass
class _Read:
    """Rows that were read of a kind, how many of the first hold all words, and how many there are in all."""

    rows: list[_Row] = field(default_factory=list)
    whole: int = 0
    total: int = 0


def tsquery_of(query: Query, groups: str) -> str:
    """Text of a tsquery: these groups, the phrases, and nothing of what is to be left out."""
    parts = [f"({groups})"] if groups else []
    parts += [_phrase(phrase) for phrase in query.phrases]
    parts += [f"!{_phrase(phrase)}" for phrase in query.without]
    return " & ".join(parts)


def _phrase(terms: Iterable[str]) -> str:
    return "(" + " <-> ".join(f"'{term}'" for term in terms) + ")"


def find(rows: QuerySet, query: Query) -> Found:
    """The rows of one kind that answer, out of those given; two or three queries."""
    return find_all({"": rows}, query)[""]


def find_all(kinds: Mapping[str, QuerySet], query: Query) -> dict[str, Found]:
    """The same of several kinds at once, in as many queries as for one."""
    if not query or not kinds:
        return {code: Found() for code in kinds}
    literal = _called_literally(kinds, query)
    wholly = {
        code: tsquery_of(query, asked(query.asking(kind_of(rows)), True)) for code, rows in kinds.items()
    }
    read = _read(kinds, query, {code: _answering(wholly[code], literal[code]) for code in kinds})
    partly = {
        code: Matches(tsquery_of(query, partial))
        for code, rows in kinds.items()
        if read[code].total < FEW
        and (partial := _partial(query, query.statistics(kind_of(rows)), kind_of(rows)))
    }
    for code, more in _read({code: kinds[code] for code in partly}, query, partly).items():
        _add_partial(read[code], more)
    return {code: _ranked(read[code], wholly[code], query, kind_of(rows)) for code, rows in kinds.items()}


def _add_partial(read: "_Read", more: "_Read") -> None:
    """Behind the rows with all words those with any of them; ``_ranked`` leaves out what holds little."""
    known = {row.candidate.key for row in read.rows}
    read.whole = len(read.rows)
    read.rows += [row for row in more.rows if row.candidate.key not in known]
    read.total = len(read.rows)


def kind_of(rows: QuerySet) -> str:
    return rows.model._meta.label_lower


def _partial(query: Query, told: Statistics, kind: str) -> str:
    """A tsquery for rows that lack some words, led by the rarest of them; empty where there is one word only."""
    groups = query.asking(kind)
    if len(groups) < 2:
        return ""
    known = [group for group in groups if any(term in told.rows_with for term in group.terms)]
    unknown = [group for group in groups if group not in known]
    chosen, is_every = leading(known, told)
    parts = [asked(unknown)] if unknown else []
    parts += [f"({asked(chosen, is_every)})"] if chosen else []
    return " | ".join(parts)


def _read(kinds: Mapping[str, QuerySet], query: Query, conditions: Mapping[str, Any]) -> dict[str, _Read]:
    """The rows to be ranked of each kind, and how many there are in all; one query."""
    found = {code: _Read() for code in kinds}
    pieces, parameters = [], []
    for code, rows in kinds.items():
        with suppress(EmptyResultSet):
            sql, values = _columns(rows, query, conditions[code]).query.sql_with_params()
            table, key = rows.model._meta.db_table, rows.model._meta.pk.column
            pieces.append(PIECE.format(inner=sql, table=table, key=key))
            parameters += [code, *values, ROWS, SURE, MOST_WORDS]
    if not pieces:
        return found
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX.format(" UNION ALL ".join(pieces)), parameters)
        cursor.nextset()
        for code, key, vector, length, title, at, used, language, total in cursor.fetchall():
            candidate = Candidate(key, vector, length, lift(at, used, now))
            found[code].rows.append(_Row(candidate, title, language))
            found[code].total = total
    for one in found.values():
        one.whole = len(one.rows)
    return found


def _columns(rows: QuerySet, query: Query, condition: Any) -> QuerySet:
    """What tells which rows are ranked, if there are too many: those called so, then those whose title says it."""
    model: Any = rows.model
    titled = [Case(When(search_title__contains=word, then=1), default=0) for word in words(query.wanted)[:6]]
    return (
        rows.filter(condition)
        .order_by()
        .values(
            found_key=F("pk"),
            found_length=F("search_length"),
            found_exactly=Case(When(is_called(query.title), then=1), default=0, output_field=IntegerField()),
            found_titled=sum(titled, Value(0, IntegerField())),
            found_at=_column(model.search_at, models.DateTimeField()),
            found_used=_column(model.search_used, IntegerField()),
            found_language=_column(model.search_language, models.TextField()),
        )
    )


def _answering(tsquery: str, literal: Sequence[Any]) -> Any:
    """Rows that match, and those that are called exactly what was typed."""
    return Q(Matches(tsquery)) | Q(pk__in=literal) if literal else Matches(tsquery)


def _called_literally(kinds: Mapping[str, QuerySet], query: Query) -> dict[str, list[Any]]:
    """Keys of rows whose very name holds quotation marks or a minus that would be read as signs of ours."""
    found: dict[str, list[Any]] = {code: [] for code in kinds}
    groups = Query(query.title, query.title).groups if query.without or query.phrases else ()
    if not groups:
        return found
    first, *others = (
        rows.filter(Matches(asked(groups, True)), is_called(query.title))
        .order_by()
        .values_list(Value(code, models.TextField()), "pk")[:MOST_NAMESAKES]
        for code, rows in kinds.items()
    )
    typed = query.text.strip()
    for code, key in list(first.union(*others, all=True) if others else first):
        row = kinds[code].model._base_manager.get(pk=key)
        if typed in (name.strip() for name in row.search_heading().splitlines()):
            found[code].append(key)
    return found


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


def holding_little(counted: Mapping[Any, Sequence[float]], query: Query, kind: str) -> set[Any]:
    """Those of the rows, by what each word counts in them, that hold much less than the fullest of them.

    Measured by the fullest row and not by the whole question: who asks in a sentence uses words that no answer has.
    """
    asking = {group.token for group in query.asking(kind)}
    told = query.statistics(kind)
    tells = [
        max(told.rarity(term, group.per_million) for term in group.terms) if group.token in asking else 0.0
        for group in query.weighed(kind)
    ]
    held = {
        key: sum(worth for worth, score in zip(tells, words, strict=True) if score)
        for key, words in counted.items()
    }
    enough = MUCH_OF_IT * max(held.values(), default=0.0)
    return {key for key, worth in held.items() if worth < enough}


def _ranked(read: _Read, tsquery: str, query: Query, kind: str) -> Found:
    rows = {row.candidate.key: row for row in read.rows}
    whole = {row.candidate.key for row in read.rows[: read.whole]}
    counted: dict[Any, Sequence[float]] = {}
    candidates = (row.candidate for row in read.rows)
    order = best(query.weighed(kind), candidates, query.statistics(kind), len(read.rows), counted)
    if len(rows) > len(whole):
        partial = {key: words for key, words in counted.items() if key not in whole}
        left_out = (rows.keys() - whole - partial.keys()) | holding_little(partial, query, kind)
        rows = {key: row for key, row in rows.items() if key not in left_out}
        order = [key for key in order if key in rows]
        read.total -= len(left_out)

    def tier(key: Any) -> tuple[bool, bool, bool]:
        row = rows[key]
        is_other = query.language == "he" and (row.language or "he") != "he"
        return query.title not in row.title.split("\n"), key not in whole, is_other

    keys = sorted([*order, *(rows.keys() - set(order))], key=tier)
    return Found(keys, read.total, read.whole, tsquery if read.total > len(keys) else "")


class _Place(Func):
    function = "array_position"
    output_field = IntegerField()


def in_order(keys: Sequence[Any]) -> Case | Cast:
    """The place of a row's key in a list of keys, null when it is not there.

    The list is gone through only for rows that stand in it: PostgreSQL looks a key up in IN by its hash, and where
    twenty thousand rows match, that is a sixteenth of the time.
    """
    whole = models.BigIntegerField()
    nowhere = Cast(Value(None), IntegerField())  # a bare NULL cannot be ordered by
    place = _Place(Value(list(keys), ArrayField(whole)), Cast(F("pk"), whole))
    return Case(When(pk__in=list(keys), then=place), default=nowhere) if keys else nowhere
