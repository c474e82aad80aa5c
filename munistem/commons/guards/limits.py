"""Limits that hold over all workers: one row a key, counted by the database in one statement."""

import hashlib
import ipaddress
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from munistem.commons.guards.models import Hit

MOST_KEPT = 1_000
LONGEST_KEY = 200
COUNT = f"""
INSERT INTO {Hit._meta.db_table} AS hit (key, times, expires_at)
VALUES (%(key)s, ARRAY[clock_timestamp()], clock_timestamp() + %(window)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET
    expires_at = EXCLUDED.expires_at,
    times = (
        SELECT CASE WHEN cardinality(fresh) > %(most)s THEN fresh ELSE fresh || clock_timestamp() END
        FROM (
            SELECT ARRAY(
                SELECT used FROM unnest(hit.times) used
                WHERE used > clock_timestamp() - %(window)s * interval '1 second' AND used <= clock_timestamp()
            ) AS fresh
        ) AS lately
    )
RETURNING cardinality(times)
"""
GIVE_BACK = (
    f"UPDATE {Hit._meta.db_table} SET times = trim_array(times, 1) WHERE key = %s AND cardinality(times) > 0"
)


def client_address(request: HttpRequest) -> str:
    """The address of the reader, through the configured number of trusted proxies and no more."""
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if count and len(chain) >= count:
        return chain[-count]
    return request.META.get("REMOTE_ADDR", "")


def neighbourhood(address: str) -> str:
    """What counts as one reader: an IPv4 address, or the /64 that one IPv6 subscriber has to himself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return (
        str(mapped) if mapped else str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    )


def count_hit(key: str, seconds: int, most: int = MOST_KEPT) -> int:
    """Count one use of a key; returns how many there were within the last ``seconds``, this one included.

    What is noted of times to come, because the clock stepped back, does not count: else people were kept out for as long.
    The window slides: no stretch of that length ever holds more than ``most`` allowed uses. What goes beyond ``most``
    is not counted further, so that trying again and again does not lengthen the wait. Callers compare: ``> most``.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": short(key), "window": seconds, "most": min(most, MOST_KEPT)})
        return cursor.fetchone()[0]


def give_back(key: str) -> None:
    """Take one counted use of a key back: it turned out to be an honest one."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, [short(key)])


def short(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest() if len(key) > LONGEST_KEY else key


def reader_of(request: HttpRequest) -> str:
    """What tells one reader from another: the person, else the address."""
    user: Any = request.user
    return f"user{user.pk}" if user.is_authenticated else f"ip{neighbourhood(client_address(request))}"


def is_over(request: HttpRequest, deed: str, most: int, seconds: int) -> bool:
    """Whether this reader has used up the deed's allowance of the window."""
    return count_hit(f"{deed}:{reader_of(request)}", seconds, most) > most


def limited(deed: str, most: int, seconds: int, methods: tuple[str, ...] = ("POST",)):
    """Decorate a view: more than ``most`` requests of these methods in ``seconds`` get the 429 page."""

    def decorate(view):
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.method in methods and is_over(request, deed, most, seconds):
                response = render(request, "429.html", status=429)
                response["Retry-After"] = str(seconds)
                return response
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def forget_expired() -> int:
    """Delete keys not used for the length of their window; returns how many."""
    return Hit.objects.filter(expires_at__lt=timezone.now()).delete()[0]
