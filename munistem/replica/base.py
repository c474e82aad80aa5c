"""PostgreSQL's backend for the replica: it knows its open lines, so that those that hang can be cut (see ``standby``)."""

import contextlib
import os
import socket
from typing import Any
from weakref import WeakSet

from django.db.backends.postgresql import base

_lines: "WeakSet[Any]" = WeakSet()


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        line = super().get_new_connection(conn_params)
        _lines.add(line)
        return line


def cut_lines() -> int:
    """Cut every line to the replica that this process holds; whoever waits at one is told that it is lost. Returns how many."""
    count = 0
    for line in list(_lines):
        with contextlib.suppress(Exception):  # closed, or closing just now
            with socket.socket(fileno=os.dup(line.fileno())) as end:
                end.shutdown(socket.SHUT_RDWR)
            count += 1
    return count
