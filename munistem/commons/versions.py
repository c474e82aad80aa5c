"""What is added up and drawn once, and shown to all who are told the same until something that it is made of changes.

The version of some tables, or of some of their rows, is one question: how many rows there are, and the sum of the numbers
that PostgreSQL gives each row whenever it is written. It is exact, for every process, with nothing to maintain. Who
is told the same has to stand in the key: a version says nothing of readers.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import wraps
from types import SimpleNamespace
from typing import Any

from django.db.models import BigIntegerField, Func, QuerySet
from django.http import QueryDict
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from munistem.commons.pieces import Store
from munistem.commons.ready import counting, ready_line

MOST_BYTES = 6_000_000  # in all that a process keeps


class RowVersion(Func):
    """Grows whenever a row of the query's own table is written: its transaction, then the command in it."""

    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        table = connection.ops.quote_name(compiler.query.get_initial_alias())
        return f"({table}.xmin::text::bigint * 65536 + {table}.cmin::text::bigint)", []


def versioned(question: Callable[..., Iterable[QuerySet]]) -> Callable[..., tuple[Any, ...]]:
    """Decorate what names rows, all or some of each table: called as with ``@ready``, it answers with their version."""

    @ready_line
    @wraps(question)
    def write(user: Any, *told: Hashable) -> Any:
        sets = [rows.order_by().values(row_version=RowVersion()) for rows in question(user, *told)]
        return sets[0].model, *counting(sets, "concat_ws(' ', count(*), sum(row_version))")

    return write


STORE = Store(MOST_BYTES)


def drawn_once(key: Hashable, draw: Callable[[], SafeString]) -> SafeString:
    """What ``draw`` gives, drawn at the first time that the key is asked for in this process.

    key: all on which it hangs: what it is, the version of its rows, language, day, and who is told the same.
    """
    if (text := STORE.get(key)) is None:
        text = draw()
        STORE.put(key, text)
    return text


def printed(template: str, said: Mapping[str, Any], query: str = "") -> SafeString:
    """A template in which nothing is known but what is said: no request, no person; links of pages begin with the query."""
    bare: Any = Context(dict(said))
    bare.request = SimpleNamespace(GET=QueryDict(query))
    page: Any = get_template(template)
    return page.template.render(bare)
