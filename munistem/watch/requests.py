"""Each request gets a number, is counted, and (REQUEST_LOG=1) told in one line without anybody's name."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from munistem.watch.counts import COUNTS
from munistem.watch.logs import request_number, route_of

log = logging.getLogger("munistem.requests")
NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")
PACKAGES = {"allauth": "accounts", "django": "admin"}


def follow(get_response: Callable[[HttpRequest], HttpResponse]):
    """The outermost middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        number, begun = number_of(request), time.perf_counter()
        token = request_number.set(number)
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = number
            seconds = time.perf_counter() - begun
            COUNTS.count(room_of(request), response.status_code, seconds)
            if settings.REQUEST_LOG:
                facts = {"method": request.method, "route": route_of(request), "status": response.status_code}
                log.info("answered", extra={**facts, "ms": round(seconds * 1000, 1)})
            return response
        finally:
            request_number.reset(token)

    return middleware


def number_of(request: HttpRequest) -> str:
    """The number that a trusted proxy gave the request, else a new one."""
    given = request.headers.get("X-Request-ID", "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and NUMBER.fullmatch(given):
        return given
    return uuid.uuid4().hex


def room_of(request: HttpRequest) -> str:
    """Which room answered."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"
    parts = match._func_path.split(".")
    if parts[0] == "munistem":
        return parts[1]
    return PACKAGES.get(parts[0], parts[0])
