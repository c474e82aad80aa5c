"""Which requests read from the replica, and the mark by which a reader sees what he or she has just written."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

from munistem.replica.router import REPLICA, present_turn, taking_turn
from munistem.replica.standby import ENDLESS, STANDBY, written

SAFE = {"GET", "HEAD", "OPTIONS"}
#: Doors of sign-in, and of those who run the portal: they see what is, not what was a second ago.
OF_PRIMARY = ("/accounts/", "/admin/", "/desk/")
KEPT = 60  # seconds; a replica that lags longer than this is not read anyway
DIGITS = set("0123456789abcdef")


def read_from_replica(get_response: Callable[[HttpRequest], HttpResponse]):
    """The innermost middleware: who the reader is was asked of the primary by then; what the view shows may be read beside it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_safe = request.method in SAFE
        may_read = is_safe and not request.path_info.startswith(OF_PRIMARY)
        with taking_turn(is_reading=may_read and STANDBY.shows(mark_of(request))) as turn:
            response = get_response(request)
        if turn.has_written or not is_safe:
            remember(response)
        return response

    middleware.process_exception = ask_primary  # type: ignore[attr-defined]
    return middleware


def ask_primary(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """A replica that fails while it is read costs the reader nothing: the page is made again from the primary."""
    turn = present_turn()
    if turn is None or not turn.is_reading or not isinstance(error, OperationalError | InterfaceError):
        return None
    turn.is_reading = False
    lost = connections[REPLICA]
    if lost.connection is None or lost.connection.closed or lost.connection.broken:
        STANDBY.lose()
        lost.close()
    found: Any = request.resolver_match
    return found.func(request, *found.args, **found.kwargs)


def mark_of(request: HttpRequest) -> int:
    """How far the replica must be for this reader; what is no mark of ours is answered from the primary."""
    text = request.COOKIES.get(settings.WRITTEN_COOKIE_NAME, "0")
    return int(text, 16) if 0 < len(text) <= 16 and set(text) <= DIGITS else ENDLESS


def remember(response: HttpResponse) -> None:
    """Let the reader's browser carry how far the primary was after the deed."""
    mark = ENDLESS
    with suppress(Error):
        mark = written()
    response.set_cookie(
        settings.WRITTEN_COOKIE_NAME,
        f"{mark:x}",
        max_age=KEPT,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
