"""Questions to the database that are written and planned once, and asked many times.

Where a page asks much and shows little, Django takes longer to write a query, and PostgreSQL to plan it, than either
takes to answer it. ``@ready`` keeps what was written and has the database keep its plan (``PREPARE``). A question may
depend on who asks by what ``Reader`` has and by nothing else: the number of the person, further whole numbers and the
hour are filled in each time; all else is part of what the question is. No rows are kept, ever: writing a question may
ask the database nothing.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from psycopg.sql import Literal

#: So long a question is kept. Hours in it ("begins by now") go on with the clock; days are those of today.
HOLDS = timedelta(seconds=60)
MOST = 300
#: Stands for the first number that is filled in, the next for the second: no table has them and every column can hold them.
STAND_IN = 2_147_400_000
MOST_NUMBERS = 1000
BY_INDEX = "SET LOCAL enable_seqscan = off; {}; SET LOCAL enable_seqscan = on"


@dataclass(frozen=True)
class Reader:
    """All that a ready question may know of the person who asks; stands for them in ``visible_to`` and in filters."""

    is_authenticated: bool
    is_staff: bool
    is_knowledge_manager: bool
    is_in_network: bool
    is_active: bool = False
    pk: int | None = None

    def __int__(self) -> int:
        return self.pk or 0

    @classmethod
    def like(cls, user: Any) -> "Reader":
        """The traits of this person, with a number that stands for theirs."""
        if not user.is_authenticated:
            return cls(False, False, False, False)
        traits = (user.is_staff, user.is_knowledge_manager, user.is_in_network, user.is_active)
        return cls(True, *traits, STAND_IN)


#: Who asks for what is the same whoever asks.
NOBODY = Reader(False, False, False, False)


class Text(str):
    """A text that is filled in each time, such as a part of an address; any other text is part of the question."""

    __slots__ = ()


def listed(values: Sequence[Any]) -> str:
    """Text of an array of PostgreSQL."""
    escaped = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{{{}}}".format(",".join(f'"{value}"' for value in escaped))


class Written(NamedTuple):
    """A question in SQL. answer: how its rows are read; sql: empty where no row can answer."""

    model: type[Model]
    sql: str
    values: Sequence[Any]
    answer: Any
    at: datetime
    name: str = ""  # of its plan
    plan: str = ""
    moving: Sequence[Any] = ()  # the values that the plan leaves open

    def execution(self, numbers: Sequence[int | str], *, by_plan: bool) -> tuple[str, list[Any]]:
        """SQL that asks it with these numbers, and its values; hours are as far from now as when it was written."""
        passed = timezone.now() - self.at
        if not self.name:
            return self.sql, list(self.values)
        if not by_plan:
            return self.sql, [_filled(value, numbers, passed) for value in self.values]
        values = [_filled(value, numbers, passed) for value in self.moving]
        places = f"({', '.join(['%s'] * len(values))})" if values else ""
        return f'EXECUTE "{self.name}" {places}', values


def ready(question: Callable[..., QuerySet]) -> Callable[..., list[Any]]:
    """Decorate what writes a query: called with a person (and numbers and words), it answers with a list of rows."""

    @wraps(question)
    def ask(user: Any, *told: Hashable) -> list[Any]:
        written, numbers = _written(question, _rows, user, told)
        if not written.sql:
            return []
        rows, compiler = written.answer
        rows, compiler = _twin(rows), _twin(compiler)
        compiler.connection, by_plan = _connection(written)
        execution = written.execution(numbers, by_plan=by_plan)
        compiler.as_sql = lambda *args, **kwargs: execution
        rows._query = _twin(rows._query)
        rows._query.get_compiler = lambda *args, **kwargs: compiler
        return list(rows)

    return ask


def _twin(thing: Any) -> Any:
    """The same once more, all that it holds shared: what was written is read, never changed."""
    twin = object.__new__(type(thing))
    twin.__dict__.update(thing.__dict__)
    return twin


def ready_counts(question: Callable[..., dict[str, QuerySet]]) -> Callable[..., dict[str, int]]:
    """The same for several queries of which only the number of rows is asked, all of them at once."""

    @wraps(question)
    def ask(user: Any, *told: Hashable) -> dict[str, int]:
        written, numbers = _written(question, _counts, user, told)
        return dict(zip(written.answer, _line(written, numbers), strict=True))

    return ask


def ready_line(question: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """The same for what answers with a model, SQL of one row, and its values: called, it answers with that row."""

    @wraps(question)
    def ask(user: Any, *told: Hashable) -> tuple[Any, ...]:
        return _line(*_written(question, lambda line: (*line, None), user, told))

    return ask


class Part(NamedTuple):
    """One of several questions that are asked at once."""

    written: Written
    numbers: Sequence[int | str]


def ready_part(question: Callable[..., Any]) -> Callable[..., Part]:
    """The same for what writes a query, or answers as ``ready_line`` with SQL of rows: called, it gives what ``together`` asks."""

    @wraps(question)
    def ask(user: Any, *told: Hashable) -> Part:
        return Part(*_written(question, _query_or_line, user, told))

    return ask


def once(model: type[Model], sql: str, values: Sequence[Any]) -> Part:
    """A part that is asked this once: neither kept nor planned beforehand."""
    return Part(Written(model, sql, values, None, timezone.now()), ())


def together(parts: Sequence[Part], *, by_index: bool = False) -> list[list[Any]]:
    """The rows of several ready questions, asked at once: one way to the database, in one transaction.

    by_index: no table is read from one end to the other where an index would do.
    """
    asked = [part for part in parts if part.written.sql]
    if not asked:
        return [[] for _ in parts]
    statements, values = [], list[Any]()
    for part in asked:
        connection, by_plan = _connection(part.written)
        sql, told = part.written.execution(part.numbers, by_plan=by_plan)
        statements.append(sql)
        values += told
    found = iter(_answers(connection, (BY_INDEX if by_index else "{}").format("; ".join(statements)), values))
    if by_index:
        next(found)
    return [_read(part.written, next(found)) if part.written.sql else [] for part in parts]


def _answers(connection: Any, sql: str, values: Sequence[Any]) -> list[list[Any]]:
    """What each of several statements answers."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        while True:
            found.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return found


def _read(written: Written, lines: list[Any]) -> list[Any]:
    """What the lines of an answer say: as a query reads them, or as they are."""
    if written.answer is None:
        return lines
    rows, compiler = written.answer
    rows, compiler = _twin(rows), _twin(compiler)
    compiler.connection = connections[router.db_for_read(written.model)]
    compiler.execute_sql = lambda *args, **kwargs: [lines]
    rows._query = _twin(rows._query)
    rows._query.get_compiler = lambda *args, **kwargs: compiler
    return list(rows)


def _line(written: Written, numbers: Sequence[int]) -> tuple[Any, ...]:
    connection, by_plan = _connection(written)
    with connection.cursor() as cursor:
        cursor.execute(*written.execution(numbers, by_plan=by_plan))
        return cursor.fetchone()


_kept: "OrderedDict[Hashable, Written]" = OrderedDict()


def _written(
    question: Callable[..., Any], write: Callable[[Any], Any], user: Any, told: tuple[Hashable, ...]
) -> tuple[Written, list[int | str]]:
    """The question as it is kept, or written now; and the numbers of this time."""
    reader, numbers, words = Reader.like(user), list[int | str]([user.pk or 0]), list[Hashable]()
    for value in told:
        if isinstance(value, Text):
            words.append(str(STAND_IN + len(numbers)))
            numbers.append(str(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            words.append(STAND_IN + len(numbers))
            numbers.append(value)
        else:
            words.append(value)
    now = timezone.now()
    day = timezone.localdate(now)
    key = (question.__module__, question.__qualname__, reader, tuple(words), get_language(), day)
    known = _kept.get(key)
    if known is None or abs(now - known.at) > HOLDS:
        known = _kept[key] = _write(question, write, reader, words, now)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return known, numbers


def _write(question: Any, write: Any, reader: Reader, words: Iterable[Hashable], now: datetime) -> Written:
    with ExitStack() as refusing:
        for connection in connections.all(initialized_only=True):
            refusing.enter_context(connection.execute_wrapper(_refuse))
        model, sql, values, answer = write(question(reader, *words))
    if not sql:
        return Written(model, "", (), answer, now)
    plan, moving = _with_places(connections[router.db_for_read(model)], sql, values)
    name = f"{question.__qualname__[-40:]} {hashlib.sha256(plan.encode()).hexdigest()[:12]}"
    return Written(model, sql, values, answer, now, name, plan, moving)


def _refuse(*_call: Any) -> Any:
    raise RuntimeError(
        "a ready question may keep no rows, so it asks the database nothing while it is written"
    )


def _query_or_line(found: Any) -> tuple[type[Model], str, Sequence[Any], Any]:
    return _rows(found) if isinstance(found, QuerySet) else (*found, None)


def _rows(rows: QuerySet) -> tuple[type[Model], str, Sequence[Any], Any]:
    compiler = rows.query.get_compiler(rows.db)
    try:
        sql, values = _with_offset(*compiler.as_sql())
    except EmptyResultSet:
        return rows.model, "", (), None
    converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    compiler.get_converters = lambda _columns: converters
    return rows.model, sql, values, (rows, compiler)


def _with_offset(sql: str, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """Where a page of a list begins as a value like others; Django writes it into the SQL."""
    if found := IS_OFFSET.search(sql):
        place = sql.count("%s", 0, found.start())
        sql = f"{sql[: found.start()]} OFFSET %s{sql[found.end() :]}"
        values = [*values[:place], int(found[1]), *values[place:]]
    return sql, values


def _counts(sets: dict[str, QuerySet]) -> tuple[type[Model], str, Sequence[Any], Any]:
    keys = [rows.order_by().values("pk") for rows in sets.values()]
    return keys[0].model, *counting(keys), tuple(sets)


def counting(sets: Iterable[QuerySet], what: str = "count(*)") -> tuple[str, list[Any]]:
    """SQL that counts the rows of each of several queries at once, or tells ``what`` else of them, and its values."""
    parts, values = [], list[Any]()
    for rows in sets:
        try:
            sql, told = rows.query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(select {what} from ({sql}) counted)")
            values += told
    return f"select {', '.join(parts)}", values


# What moves in a question --------------------------------------------------------------------------------

IS_STAND_IN = re.compile(rf"{STAND_IN // 1000}(\d{{3}})")
IS_OFFSET = re.compile(rf" OFFSET ({STAND_IN // 1000}\d{{3}})")


def _with_places(connection: Any, sql: str, values: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """The SQL with numbered places for the values that move, all others written into it; and those that move."""
    connection.ensure_connection()
    moving, told = list[Any](), []
    for value in values:
        if kind := _moves(value):
            place = moving.index(value) if value in moving else len(moving)
            moving[place:] = moving[place:] or [value]
            told.append(f"${place + 1}::{kind}")
        else:
            told.append(Literal(value).as_string(connection.connection))
    return sql % tuple(told), tuple(moving)


def _moves(value: Any) -> str:
    """Of which type a value is that is filled in anew each time; empty where it is part of the question."""
    if isinstance(value, datetime):
        return "timestamptz"
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "bigint" if 0 <= value - STAND_IN < MOST_NUMBERS else ""
    if isinstance(value, str):
        return "text" if IS_STAND_IN.search(value) else ""
    if IS_STAND_IN.search(repr(value)):
        raise TypeError(f"a ready question cannot fill in a number inside {value!r}")
    return ""


def _filled(value: Any, numbers: Sequence[int | str], passed: timedelta) -> Any:
    """A value as it is now for this person."""
    if isinstance(value, datetime):
        return value + passed
    if not _moves(value):
        return value
    if isinstance(value, int):
        return numbers[value - STAND_IN]
    return IS_STAND_IN.sub(lambda found: str(numbers[int(found[1])]), value)


# What the database keeps ---------------------------------------------------------------------------------

_planned: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


def _connection(written: Written) -> tuple[Any, bool]:
    """Where the question is asked, and whether by its plan: made at the first time on a connection, the same for all
    numbers. Behind a pooler that gives each transaction another connection there are no plans to come back to.
    """
    connection = connections[router.db_for_read(written.model)]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    if not written.name or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        return connection, False
    planned = _planned.setdefault(connection.connection, set())
    if written.name not in planned:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            if not planned:
                cursor.execute("SET plan_cache_mode = force_generic_plan")
            cursor.execute(f'PREPARE "{written.name}" AS {written.plan}')
        planned.add(written.name)
    return connection, True
