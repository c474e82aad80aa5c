"""A database to read from, beside the test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections, router

from members.models import Organisation
from munistem.replica import standby
from munistem.replica.base import DatabaseWrapper
from munistem.replica.router import Router


@contextmanager
def reading_from(monkeypatch: pytest.MonkeyPatch, **place: Any) -> Iterator[DatabaseWrapper]:
    """Within this block pages read from a replica; place: in what its settings differ from the primary's.

    The primary's connection is another than the test's: outside of any transaction, as web processes are. What a test makes –
    organisations alone – is deleted after it, which is quicker than to empty all tables.
    """
    held = connections["default"]
    held.ensure_connection()  # now it knows where the server is
    primary = held.copy()
    other = DatabaseWrapper({**primary.settings_dict, **place}, "replica")
    monkeypatch.setitem(router.__dict__, "routers", [Router()])
    standby.forget()
    connections["default"], connections["replica"] = primary, other
    try:
        yield other
        Organisation.objects.all().delete()
    finally:
        for one in (primary, other):
            one.close()
        connections["default"] = held
        del connections["replica"]
        standby.forget()
