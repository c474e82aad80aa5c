"""How the portal does: what keeps pages from being served, what somebody should look at, and the figures of both."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache

MEGABYTE = 1024 * 1024
QUEUE_PATIENCE = 15 * 60  # seconds that pressing work may wait
# A job that waits for its hour is counted from then on; others from when they were asked for. What may wait (priority
# below zero) is left out.
OLDEST = """
select coalesce(extract(epoch from max(now() - coalesce(j.scheduled_at, e.at))), 0)::float8
from procrastinate_jobs j left join procrastinate_events e on e.job_id = j.id and e.type = 'deferred'
where j.status = 'todo' and j.priority >= 0 and (j.scheduled_at is null or j.scheduled_at <= now())
"""
JOBS = """
select status::text, count(*) from procrastinate_jobs where status in ('todo', 'doing', 'failed') group by status
"""
LETTERS = "select state, count(*) from commons_outgoingmail where state <> 'sent' group by state"
WORKERS = "select count(*) from procrastinate_workers where last_heartbeat > now() - interval '1 minute'"
SIZE = "select pg_database_size(current_database()), (select count(*) from pg_stat_activity)"


def files_place() -> Path:
    """The folder of files, or the nearest above it that is there."""
    place = Path(settings.MEDIA_ROOT)
    while not place.exists():
        place = place.parent
    return place


def worries(cursor: Any) -> list[str]:
    """What does not keep a page from being served and yet needs a person soon."""
    found = []
    cursor.execute(OLDEST)
    if (waiting := cursor.fetchone()[0]) > QUEUE_PATIENCE:
        found.append(f"the oldest job has been waiting for {waiting / 60:.0f} minutes: does the worker run?")
    if (free := shutil.disk_usage(files_place()).free) < 10 * settings.UPLOAD_MAX_MB * MEGABYTE:
        found.append(f"the disk of the files has {free // MEGABYTE} MB left")
    if settings.REDIS_URL and not answers(cache):
        found.append("the cache cannot be reached: nobody can sign in")
    return found


def answers(cache: Any) -> bool:
    """Where it does not, limits of sign-in cannot be counted, and nobody is let in."""
    try:
        cache.get("ready")
    except Exception:  # noqa: BLE001 – whatever it was, the answer is no
        return False
    return True


def figures(cursor: Any) -> dict[str, dict[str, float]]:
    """Figures of queue, letters, workers and database: name, then value by label ("" for none)."""
    found: dict[str, dict[str, float]] = {}
    for name, query in (("jobs", JOBS), ("letters", LETTERS)):
        cursor.execute(query)
        found[name] = dict(cursor.fetchall())
    for name, query in (("job_oldest_seconds", OLDEST), ("workers", WORKERS)):
        cursor.execute(query)
        found[name] = {"": cursor.fetchone()[0]}
    cursor.execute(SIZE)
    size, clients = cursor.fetchone()
    return {**found, "database_bytes": {"": size}, "database_connections": {"": clients}}
