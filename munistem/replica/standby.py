"""How far the replica is, as one thread of each web process sees it twice a second; requests only look at what it saw.

Positions are bytes of the WAL. The primary's is asked first, then the replica's: what the replica has replayed by then tells of
which moment it shows everything. So a replica that has lost its primary, or was cut off, is found out as well; its own clock
and its own word for the lag (which grows while nobody writes) are not asked.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error, connections

from munistem.replica.base import cut_lines
from munistem.replica.router import PRIMARY, REPLICA

LOOK = 0.5  # seconds between two looks
HANGS = 4.0  # seconds without an answer, after which lines to the replica are cut
WRITTEN = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
# Nothing when it is no replica (any more).
REPLAYED = "select (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint where pg_is_in_recovery()"
#: Further than any database ever wrote: only the primary shows it.
ENDLESS = 2**63 - 1
log = logging.getLogger("munistem.replica")


def position(alias: str, query: str) -> int | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        return row[0] if row else None


def written() -> int:
    """How far the primary has written; what was committed before lies before it."""
    found = position(PRIMARY, WRITTEN)
    return ENDLESS if found is None else found


class Standby:
    """What this process knows of the replica."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.seen: deque[tuple[float, int]] = deque(maxlen=240)  # when the primary was how far
        self.replayed, self.shows_all_of = 0, float("-inf")
        self.watcher: threading.Thread | None = None
        self.asked_at = float("inf")  # when a look began that is not over yet
        self.lock = threading.Lock()

    def shows(self, mark: int) -> bool:
        """Whether the replica shows all up to a mark, and all that is older than the lag that we bear."""
        self.keep_looking()
        is_fresh = self.clock() - self.shows_all_of <= settings.REPLICA_LAG
        return is_fresh and self.replayed >= mark

    def keep_looking(self) -> None:
        """The thread begins with the first request of a process, after the fork."""
        if self.watcher is None or not self.watcher.is_alive():
            with self.lock:
                if self.watcher is None or not self.watcher.is_alive():
                    self.watcher = threading.Thread(target=self.watch, name="replica", daemon=True)
                    self.watcher.start()
                    threading.Thread(target=self.guard, name="replica guard", daemon=True).start()

    def watch(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK)

    def guard(self) -> None:
        """A machine that stands still closes no line; without this, whoever reads from it would wait for ever."""
        while True:
            time.sleep(LOOK)
            self.cut_if_it_hangs()

    def cut_if_it_hangs(self) -> None:
        if self.clock() - self.asked_at > HANGS:
            self.lose()
            log.warning("the replica hangs: %s lines were cut", cut_lines())

    def look(self) -> None:
        """Ask both how far they are; a replica that does not answer shows nothing from now on."""
        try:
            now, primary = self.clock(), position(PRIMARY, WRITTEN)
            self.asked_at = self.clock()
            replica = position(REPLICA, REPLAYED)
        except Error as error:
            if self.shows_all_of != float("-inf"):
                log.warning("pages are read from the primary: %s", type(error).__name__)
            self.lose()
            for alias in (PRIMARY, REPLICA):
                connections[alias].close()
            return
        finally:
            self.asked_at = float("inf")
        if primary is None or replica is None:  # promoted, or the two addresses are exchanged
            self.lose()
            return
        self.note(now, primary, replica)

    def note(self, now: float, primary: int, replica: int) -> None:
        """``primary`` and ``replica`` were that far, in this order."""
        self.seen.append((now, primary))
        reached = [moment for moment, place in self.seen if place <= replica]
        self.replayed = replica
        if reached:
            self.shows_all_of = reached[-1]

    def lose(self) -> None:
        """Read from the primary until a look finds the replica well again."""
        self.shows_all_of = float("-inf")


STANDBY = Standby()


def forget(standby: Any = STANDBY) -> None:
    """As in a new process; for tests."""
    standby.seen.clear()
    standby.replayed = 0
    standby.lose()
