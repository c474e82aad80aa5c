"""Figures for Prometheus, behind a token."""

import hmac
import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from munistem.front.views.health import private_cursor
from munistem.replica.standby import STANDBY
from munistem.watch import state
from munistem.watch.counts import BOUNDS, CLASSES, COUNTS

KIND = "text/plain; version=0.0.4; charset=utf-8"
LABELS = {"jobs": "status", "letters": "state"}


@never_cache
@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """All figures as text; without METRICS_TOKEN there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse("token?\n", status=401, headers={"WWW-Authenticate": "Bearer"}, content_type=KIND)
    return HttpResponse("".join(f"{line}\n" for line in lines()), content_type=KIND)


def lines() -> Iterator[str]:
    yield from of_requests()
    disk = shutil.disk_usage(state.files_place())
    yield from one("disk_free_bytes", "free on the disk of the files", {"": disk.free})
    yield from one("disk_bytes", "size of the disk of the files", {"": disk.total})
    if settings.DATABASE_ROUTERS:
        is_read = {"": float(STANDBY.shows(0))}
        yield from one("replica_is_read", "whether this process reads pages from the replica", is_read)
    try:
        with private_cursor() as cursor:
            found = state.figures(cursor)
    except Error:
        yield from one("database_up", "whether the database answers", {"": 0})
        return
    yield from one("database_up", "whether the database answers", {"": 1})
    for name, values in found.items():
        yield from one(name, name.replace("_", " "), values, LABELS.get(name, ""))


def one(name: str, words: str, values: dict[str, float], label: str = "") -> Iterator[str]:
    """A gauge with its head."""
    yield f"# HELP munistem_{name} {words}"
    yield f"# TYPE munistem_{name} gauge"
    for which, value in sorted(values.items()):
        yield f'munistem_{name}{{{label}="{which}"}} {value:g}' if label else f"munistem_{name} {value:.15g}"


def of_requests() -> Iterator[str]:
    """Requests of all web processes of this service, by room: counts by kind of answer, and how long they took."""
    totals = list(COUNTS.totals())
    yield "# HELP munistem_requests_total answers by room and kind"
    yield "# TYPE munistem_requests_total counter"
    for room, classes, _buckets, _seconds in totals:
        for kind, count in zip(CLASSES, classes, strict=True):
            if count:
                yield f'munistem_requests_total{{room="{room}",status="{kind}"}} {count:.15g}'
    yield "# HELP munistem_request_seconds how long answers took"
    yield "# TYPE munistem_request_seconds histogram"
    for room, _classes, buckets, seconds in totals:
        reached = 0.0
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], buckets, strict=True):
            reached += count
            yield f'munistem_request_seconds_bucket{{room="{room}",le="{bound}"}} {reached:.15g}'
        yield f'munistem_request_seconds_sum{{room="{room}"}} {seconds:.6f}'
        yield f'munistem_request_seconds_count{{room="{room}"}} {reached:.15g}'
