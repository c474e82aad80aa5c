"""What is no fault of the code but of the ground it stands on: the database is away, the disk is full. It passes."""

import errno
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from psycopg import OperationalError as LostLine

from munistem.pgdev import NoServer

try:
    from redis.exceptions import ConnectionError as LostCache
    from redis.exceptions import TimeoutError as LateCache
except ImportError:  # only production may name a Redis
    LostCache = LateCache = LostLine

#: PEP 249: what is "not necessarily under the control of the programmer" – lost lines, no room, too many at once.
OF_GROUND = (OperationalError, InterfaceError, LostLine, LostCache, LateCache, NoServer)
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
SOON = 30  # seconds after which it is worth trying again


def is_outage(error: BaseException | None) -> bool:
    """Whether this error, or one behind it, says that the ground is away for the moment."""
    return any(
        isinstance(one, OF_GROUND) or (isinstance(one, OSError) and one.errno in NO_ROOM)
        for one in behind(error)
    )


def behind(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
