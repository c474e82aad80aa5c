"""The rows that are looked at for a question, of several kinds in one query, out of the rows the asker may see.

All that match are looked at while they are few enough. Where a kind has so many that hold the words that going through
them would be felt, the index alone brings those called so and those whose title says it, and beside them the newest
and any others up to ``MOST``: of a word that every second row has, no reader turns a hundred pages.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.db.models.sql.datastructures import BaseTable
from django.utils import timezone

from munistem.commons.ready import NOBODY, Part, Text, listed, once, ready_part, together
from munistem.commons.search.analyser import words
from munistem.commons.search.query import Query
from munistem.commons.search.ranking import FIELDS, ROWS, SECOND_LOOK, Candidate, called, terms_of

RECENT, USED = 0.1, 0.05  # how much a row of today and a much used one are lifted
HALF_LIFE, MUCH_USED = 365.0, 50.0
SURE, MOST_WORDS = 40, 200_000  # rows that are read however long, and words of all that are read
MOST = 1000  # rows that are told of a kind; there may be more
MANY = 4000  # rows of a kind that hold the words: so many are gone through, of more only ``MOST``
NAMESAKES = 50
NEWEST = 400  # of the last so many rows those that match are looked at
RANKED = 200  # rows that are ranked then, and of any one word: more hardly differ in how often they have it
MOST_IN_TITLES = 6  # words that are looked for in titles
LENGTHS = (1, 2, 3, MOST_IN_TITLES)  # so many words a question of ours has room for
NOWHERE = "\n\n"  # stands in no title

PIECE = """
WITH placed AS (
    SELECT every.*, count(*) OVER () AS total, row_number() OVER line AS place, sum(found_length) OVER line AS words
    FROM ({inner}) every
    WINDOW line AS (ORDER BY found_exactly DESC, found_titled DESC, found_at DESC NULLS LAST, found_key DESC)
), told AS (
    SELECT *, place <= %s::int AND (place <= %s OR words <= %s) AS is_read FROM placed WHERE place <= %s
), asked AS MATERIALIZED (SELECT %s::text[] AS terms)
SELECT place, found_key::bigint, {often}, found_length, extract(epoch FROM found_at::timestamptz)::float8,
       found_used::integer, found_exactly, coalesce(nullif(found_language::text, ''), 'he') <> 'he', total,
       CASE WHEN total <= %s::int THEN (
           SELECT search_vector::text FROM "{table}" stored WHERE stored."{key}" = told.found_key
       ) END
FROM told WHERE is_read
UNION ALL
SELECT {last}, NULL, string_agg(found_key::text, ' ' ORDER BY place), NULL, NULL, NULL, NULL, NULL, max(total), NULL
FROM told WHERE NOT is_read
"""
# How often each term stands in a row, in the weights of ``FIELDS``, divided by the largest: PostgreSQL's rank of one
# word is their sum. The vector is unpacked once. Of words with a beginning the first counts, as the vector has them.
OFTEN = """(
    SELECT array_to_string(ARRAY(
        SELECT CASE WHEN term LIKE '%%*' THEN coalesce((
            SELECT ts_rank_cd({weights}, vector, quote_literal(word)::tsquery) FROM unnest(tsvector_to_array(vector)) word
            WHERE starts_with(word, left(term, -1)) LIMIT 1
        ), 0) ELSE ts_rank_cd({weights}, vector, quote_literal(term)::tsquery) END
        FROM unnest((SELECT terms FROM asked)) term
    ), ' ')
    FROM (
        SELECT ts_filter(search_vector, '{{a,b,c,d}}') AS vector FROM "{table}" stored
        WHERE stored."{key}" = told.found_key OFFSET 0
    ) unpacked
)"""
LARGEST = max(FIELDS.values())
WEIGHTS = "'{{{}}}'".format(",".join(str(FIELDS[letter] / LARGEST) for letter in "DCBA"))
VECTORS = 'SELECT "{key}"::bigint, search_vector::text FROM "{table}" WHERE "{key}" = ANY (%s::bigint[])'
LAST = 2**31  # the place of the line that tells the keys of all others


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


class _Matching(BaseTable):
    """A table of which the index has told the rows that match, before anything else is asked of them.

    The planner holds a comparison of vectors for cheap, although each unpacks one: left alone it looks at the rows in
    any other way that seems as good.
    """

    def __init__(self, table_name: str, alias: str, tsqueries: Sequence[str] = (), newest: str = ""):
        super().__init__(table_name, alias)
        self.tsqueries, self.newest = tsqueries, newest

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        table, values = compiler.quote_name_unless_alias(self.table_name), list[Any](self.tsqueries)
        if self.newest:
            last = f'(SELECT max("{self.newest}") FROM {table})'
            table = f'(SELECT * FROM {table} WHERE "{self.newest}" > {last} - %s OFFSET 0) newest'
            values = [NEWEST, *values]
        matching = " AND ".join(["search_vector @@ %s::tsquery"] * len(self.tsqueries))
        alias = compiler.quote_name_unless_alias(self.table_alias)
        return f"(SELECT * FROM {table} WHERE {matching} OFFSET 0) {alias}", values

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "_Matching":
        alias = change_map.get(self.table_alias, self.table_alias)
        return _Matching(self.table_name, alias, self.tsqueries, self.newest)


def _matching(rows: QuerySet, *tsqueries: str, newest: str = "") -> QuerySet:
    rows = rows.order_by()
    alias = rows.query.get_initial_alias()
    rows.query.alias_map[alias] = _Matching(rows.model._meta.db_table, alias, tsqueries, newest)
    return rows


@dataclass
class Read:
    """Rows that were read of a kind, how many of the first hold all words, and how many there are in all.

    ``others`` are the keys of rows that match but were not read, those first whose title says most of it.
    """

    rows: list[Candidate] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)
    whole: int = 0
    total: int = 0


@dataclass(frozen=True)
class Wanted:
    """What is asked of a kind: a tsquery; one that tells whose title says it, if there are many rows; and keys of rows
    that answer in any case, if there are few.
    """

    tsquery: str
    titled: str = ""  # empty where all rows that match are gone through
    literal: Sequence[Any] = ()


@dataclass(frozen=True)
class Sight:
    """The rows of a kind that somebody may see, asked for by a ready question.

    ask: called with the number of words and texts, it asks for ``written`` of these rows.
    """

    model: type[models.Model]
    rows: Callable[[], QuerySet]
    ask: Callable[..., Part]


Rows = QuerySet | Sight


def rows_of(rows: Rows) -> QuerySet:
    return rows.rows() if isinstance(rows, Sight) else rows


def read(kinds: Mapping[str, Rows], query: Query, wanted: Mapping[str, Wanted]) -> dict[str, Read]:
    """The rows to be ranked of each kind, and how many there are in all; one query."""
    found = {code: Read() for code in kinds}
    now = timezone.now().timestamp()
    parts = [_part(rows, query, wanted[code]) for code, rows in kinds.items()]
    for one, lines in zip(found.values(), together(parts, by_index=True), strict=True):
        for place, key, often, length, at, used, is_called, is_foreign, total, vector in sorted(lines):
            one.total = total or one.total
            if place == LAST:
                one.others = [int(key) for key in (often or "").split()]
            else:
                counts = [round(LARGEST * float(one)) for one in often.split()]
                lifted = lift(None if at is None else (now - at) / 86400, used)
                one.rows.append(Candidate(key, counts, length, lifted, bool(is_called), is_foreign, vector))
        one.whole = len(one.rows)
    return found


def vectors_of(kinds: Mapping[str, Rows], keys: Mapping[str, Sequence[Any]]) -> dict[str, dict[Any, str]]:
    """The vectors of these rows of each kind; one query."""
    asked = {code: some for code, some in keys.items() if some}
    parts = [_vectors(NOBODY, kinds[code].model, Text(listed(some))) for code, some in asked.items()]
    read = zip(asked, together(parts), strict=True)
    return {code: {} for code in keys} | {code: dict(lines) for code, lines in read}


@ready_part
def _vectors(_nobody: Any, model: Any, keys: str) -> Any:
    return model, VECTORS.format(table=model._meta.db_table, key=model._meta.pk.column), [keys]


def _part(rows: Rows, query: Query, wanted: Wanted) -> Part:
    asked = words(query.wanted)[:MOST_IN_TITLES]
    room = next(length for length in LENGTHS if len(asked) <= length)
    asked += [NOWHERE] * (room - len(asked))
    groups = query.weighed(rows.model._meta.label_lower)
    few = SECOND_LOOK if len(groups) > 1 else 0  # so few rows bring what the second look needs along
    ranked = min(ROWS, RANKED) if wanted.titled or len(groups) == 1 else ROWS
    texts = [
        listed(terms_of(groups)),
        str(few),
        str(ranked),
        wanted.tsquery,
        query.title,
        query.title,
        *asked,
    ]
    if wanted.titled:
        texts += [wanted.titled, f"'{called(query.title)}'"]
    if isinstance(rows, QuerySet) or wanted.literal:
        return once(*written(rows_of(rows), room, texts, wanted.literal))
    texts[5 : 6 + room] = map(as_like, texts[5 : 6 + room])
    return rows.ask(room, *map(Text, texts))


def as_like(text: str) -> str:
    """A text as it stands in a pattern, where it is filled in behind Django's back."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def written(
    rows: QuerySet, room: int, texts: Sequence[str], literal: Sequence[Any] = ()
) -> tuple[type[models.Model], str, Sequence[Any]]:
    """Model, SQL and values of what ``read`` asks of a kind.

    texts: array of terms, how few rows tell their vector, how many are ranked, tsquery, title, the same for patterns, so many
    words for patterns as there is ``room`` for; and where many rows have the words, a tsquery of titles and one of the
    whole name.
    """
    table, key = rows.model._meta.db_table, rows.model._meta.pk.column  # type: ignore[union-attr]
    terms, few, ranked, tsquery, title, pattern, *others = texts
    asked, crowd = others[:room], others[room:]
    if crowd:
        titled, name = crowd
        slices = (
            _matching(rows, tsquery, name)[:NAMESAKES],
            _matching(rows, tsquery, titled)[:ROWS],
            _matching(rows, tsquery, newest=key)[:NEWEST],
            _matching(rows, tsquery)[:MOST],
        )
    elif literal:
        slices = (rows.filter(Q(Matches(tsquery)) | Q(pk__in=literal)).order_by(),)
    else:
        slices = (_matching(rows, tsquery),)
    try:
        parts = [_columns(part, title, pattern, asked).query.sql_with_params() for part in slices]
    except EmptyResultSet:
        return rows.model, "", ()
    inner = " UNION ALL ".join(f"({sql})" for sql, _ in parts)
    if crowd:
        inner = f"SELECT DISTINCT ON (found_key) * FROM ({inner}) parts ORDER BY found_key"
    values = [value for _, told in parts for value in told]
    values += [ranked, SURE, MOST_WORDS, MOST, terms, few]
    often = OFTEN.format(weights=WEIGHTS, table=table, key=key)
    return rows.model, PIECE.format(inner=inner, often=often, last=LAST, table=table, key=key), values


def _columns(rows: QuerySet, title: str, pattern: str, asked: Sequence[str]) -> QuerySet:
    """What tells which rows are ranked, if there are too many: those called so, then those whose title says it."""
    model: Any = rows.model
    titled = [Case(When(search_title__contains=word, then=1), default=0) for word in asked]
    return rows.values(
        found_key=F("pk"),
        found_length=F("search_length"),
        found_exactly=Case(When(is_called(title, pattern), then=1), default=0, output_field=IntegerField()),
        found_titled=sum(titled, Value(0, IntegerField())),
        found_at=_column(model.search_at, models.DateTimeField()),
        found_used=_column(model.search_used, IntegerField()),
        found_language=_column(model.search_language, models.TextField()),
    )


def _column(name: str, field: models.Field) -> Any:
    return Cast(F(name), field) if name else Value(None, field)


def is_called(title: str, pattern: str = "") -> Q:
    """Rows one of whose names is exactly this, as titles are compared."""
    pattern = pattern or title
    return (
        Q(search_title=title)
        | Q(search_title__startswith=f"{pattern}\n")
        | Q(search_title__endswith=f"\n{pattern}")
        | Q(search_title__contains=f"\n{pattern}\n")
    )


def lift(days: float | None, used: int | None) -> float:
    """By what the score of a row of so many days is multiplied: between 1 and 1 + RECENT + USED."""
    recent = RECENT * 0.5 ** (max(0.0, days) / HALF_LIFE) if days is not None else 0.0
    return 1 + recent + USED * min(1.0, log1p(max(0, used or 0)) / log1p(MUCH_USED))
