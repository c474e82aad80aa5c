"""From which database a query reads: the replica while a page is being shown, else the primary; all writing goes to the primary."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model

PRIMARY, REPLICA = "default", "replica"
#: What must be true this very moment, or is no thing that a page shows: sign-in, sessions, cache, jobs, the admin's own log.
OF_PRIMARY = {
    "account",
    "admin",
    "auth",
    "contenttypes",
    "django_cache",
    "mfa",
    "procrastinate",
    "sessions",
    "socialaccount",
}


@dataclass
class Turn:
    """One request's reading: from the replica until it writes."""

    is_reading: bool
    has_written: bool = False


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


def present_turn() -> Turn | None:
    return _turn.get()


@contextmanager
def taking_turn(*, is_reading: bool) -> Iterator[Turn]:
    """Within this block queries read from the replica if ``is_reading``; what is outside any block reads from the primary."""
    turn = Turn(is_reading)
    token = _turn.set(turn)
    try:
        yield turn
    finally:
        _turn.reset(token)


class Router:
    """``DATABASE_ROUTERS`` of a portal with a replica."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        turn = _turn.get()
        if turn is None or not turn.is_reading or turn.has_written or model._meta.app_label in OF_PRIMARY:
            return PRIMARY
        # What is read within a transaction is written by it, or counted with what it wrote.
        return PRIMARY if connections[PRIMARY].in_atomic_block else REPLICA

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        turn = _turn.get()
        if turn is not None and model._meta.app_label not in OF_PRIMARY:
            turn.has_written = True
        return PRIMARY

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == PRIMARY
