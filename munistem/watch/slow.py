"""Slow queries: SLOW_QUERY_MS=200 tells every query that took longer, as it is written, without its values."""

import logging
import time
from typing import Any

from django.conf import settings

log = logging.getLogger("munistem.queries")
LONGEST = 2_000


def watch(connection: Any, **kwargs: Any) -> None:
    """Look at the clock around each query of a connection; called for every new one."""
    if settings.SLOW_QUERY_MS and look_at_clock not in connection.execute_wrappers:
        connection.execute_wrappers.append(look_at_clock)


def look_at_clock(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    begun = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        ms = (time.perf_counter() - begun) * 1000
        if ms >= settings.SLOW_QUERY_MS:
            log.warning(
                "slow query", extra={"ms": round(ms, 1), "query": " ".join(str(sql).split())[:LONGEST]}
            )
