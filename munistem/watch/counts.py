"""Counts of requests that all web processes share: one small map of memory, made before they part.

Each process writes into a strip of its own and whoever answers ``/metrics`` adds them up. A process that takes the place of a
dead one goes on in its strip, so that counts never go back while the service runs.
"""

import fcntl
import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

#: Where a request was answered; the number of its strip's column.
ROOMS = (
    "front",
    "policy",
    "knowledge",
    "communities",
    "members",
    "commons",
    "accounts",
    "admin",
    "static",
    "none",
)
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STRIPS = 64
WIDTH = len(CLASSES) + len(BOUNDS) + 2  # of a room: classes, buckets with the endless one, sum of seconds
CELLS = 1 + len(ROOMS) * WIDTH  # the first is the number of the process


class Counts:
    """Adds in this process, sums of all."""

    def __init__(self) -> None:
        self.memory = memoryview(mmap.mmap(-1, STRIPS * CELLS * 8)).cast("d")
        self.lock, self.process, self.start = threading.Lock(), 0, -1

    def count(self, room: str, status: int, seconds: float) -> None:
        """Add one answer. More processes than strips are not counted."""
        with self.lock:
            if self.process != os.getpid():
                self.process, self.start = os.getpid(), self.strip()
            if self.start < 0:
                return
            at = self.start + 1 + ROOMS.index(room if room in ROOMS else "none") * WIDTH
            self.memory[at + min(max(status // 100, 1), 5) - 1] += 1
            self.memory[at + len(CLASSES) + bisect_left(BOUNDS, seconds)] += 1
            self.memory[at + WIDTH - 1] += seconds

    def strip(self) -> int:
        """A strip for this process: one that nobody has, or a dead process had; -1 when there is none."""
        with Path(__file__).open() as door:  # any file that all processes see will do
            fcntl.flock(door, fcntl.LOCK_EX)
            for start in range(0, STRIPS * CELLS, CELLS):
                if not is_alive(int(self.memory[start])):
                    self.memory[start] = os.getpid()
                    return start
        return -1

    def totals(self) -> Iterator[tuple[str, list[float], list[float], float]]:
        """Of each room that answered: counts by class, counts by bucket, seconds."""
        for number, room in enumerate(ROOMS):
            at = 1 + number * WIDTH
            cells = [
                sum(self.memory[start + at + cell] for start in range(0, STRIPS * CELLS, CELLS))
                for cell in range(WIDTH)
            ]
            if any(cells):
                yield room, cells[: len(CLASSES)], cells[len(CLASSES) : -1], cells[-1]


def is_alive(process: int) -> bool:
    if not process or process == os.getpid():
        return False  # our own number in a strip: of a process before us that had it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


COUNTS = Counts()
