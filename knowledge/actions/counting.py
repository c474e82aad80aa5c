"""Counting how items are used without following anybody: numbers by month, kind of organisation and district.

Each process gathers its numbers in memory and adds them to the table every half minute; no page waits for a row that
another page holds, and nobody who reads is noted anywhere. A process that is killed loses half a minute of numbers.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import date
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction

from knowledge.models import ItemUse

EVERY = 30.0  # seconds
MOST = 500  # different numbers, before they are added early
log = logging.getLogger(__name__)


class Use(NamedTuple):
    """What is counted together. organisation_type is empty for visitors, authority 0 where there is none."""

    item: int
    month: date
    kind: str
    organisation_type: str
    authority: int


class Tally:
    """The numbers of one process that are not in the table yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers: Counter[Use] = Counter()
        self._since = monotonic()

    def add(self, use: Use) -> None:
        """Count one use; adds all to the table, after the running transaction, when it is time to."""
        with self._lock:
            self._numbers[use] += 1
            is_due = len(self._numbers) >= MOST or monotonic() - self._since > EVERY
        if is_due:
            transaction.on_commit(self.write, robust=True)

    def take(self) -> dict[Use, int]:
        """What was counted; it is counted no more."""
        with self._lock:
            taken, self._numbers = dict(self._numbers), Counter()
            self._since = monotonic()
        return taken

    def write(self) -> int:
        """Add all to the table; returns how many uses. What cannot be written is given up."""
        taken = self.take()
        try:
            add_to_table(taken)
        except DatabaseError:
            log.exception("%s uses of items were not counted", sum(taken.values()))
            return 0
        return sum(taken.values())


TALLY = Tally()

ADD = """
INSERT INTO {table} (item_id, month, kind, organisation_type, district, number)
SELECT item.id, new.month, new.kind, new.organisation_type, COALESCE(place.district, ''), SUM(new.number)
FROM UNNEST(%s::bigint[], %s::date[], %s::text[], %s::text[], %s::bigint[], %s::int[])
    AS new (item, month, kind, organisation_type, authority, number)
JOIN knowledge_item AS item ON item.id = new.item
LEFT JOIN members_localauthority AS place ON place.cbs_code = new.authority
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (item_id, month, kind, organisation_type, district)
DO UPDATE SET number = {table}.number + EXCLUDED.number
"""


def add_to_table(numbers: Mapping[Use, int]) -> None:
    """Add numbers to those of their month, in one statement; those of items that are gone are left out."""
    if not numbers:
        return
    columns: list[Any] = [list(column) for column in zip(*numbers, strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADD.format(table=ItemUse._meta.db_table), [*columns, list(numbers.values())])
