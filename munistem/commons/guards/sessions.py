"""Sessions as rows of the database that are read from Redis where there is one; without it people stay signed in all the same."""

import logging
import time
from typing import Any

from django.contrib.sessions.backends import cached_db

#: A session that was ended while a page was just reading it may be in the cache once more; it is not for longer than this.
SECONDS = 60
#: So long after a failure this process does not ask the cache again: one page waits for it, not each.
REST = 10
log = logging.getLogger("munistem.sessions")


class Cache:
    """The cache of sessions: what it cannot tell is in the database, what it cannot forget is an error."""

    away_until = 0.0  # of all sessions of this process

    def __init__(self, cache: Any):
        self.cache = cache

    def get(self, key: str) -> Any:
        return self.tried(self.cache.get, key)

    def set(self, key: str, data: dict, seconds: int) -> None:
        self.tried(self.cache.set, key, data, min(seconds, SECONDS))

    def __contains__(self, key: str) -> bool:
        return bool(self.tried(self.cache.has_key, key))

    def delete(self, key: str) -> None:
        """Raises while the cache is away: else a session that was ended would open again when it is back."""
        self.cache.delete(key)

    def tried(self, ask: Any, *told: Any) -> Any:
        if time.monotonic() < Cache.away_until:
            return None
        try:
            return ask(*told)
        except Exception as error:  # noqa: BLE001 – whatever it was, the database knows
            Cache.away_until = time.monotonic() + REST
            log.warning(
                "The cache of sessions is away (%s): they are read from the database.", type(error).__name__
            )
            return None


class SessionStore(cached_db.SessionStore):
    """For ``SESSION_ENGINE``."""

    def __init__(self, session_key: str | None = None):
        super().__init__(session_key)
        self._cache = Cache(self._cache)
