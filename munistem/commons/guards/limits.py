"""Limits that hold over all workers: one row a key and window, counted by the database in one statement."""

from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from munistem.commons.guards.models import Hit


def client_address(request: HttpRequest) -> str:
    """The address of the reader, through the configured number of trusted proxies and no more."""
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if count and len(chain) >= count:
        return chain[-count]
    return request.META.get("REMOTE_ADDR", "")


def count_hit(key: str, seconds: int) -> int:
    """Count one use of a key in the current window; returns how many there were, this one included."""
    now = timezone.now()
    window = int(now.timestamp()) // seconds
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Hit._meta.db_table} (key, count, expires_at) VALUES (%s, 1, %s) "
            f"ON CONFLICT (key) DO UPDATE SET count = {Hit._meta.db_table}.count + 1 RETURNING count",
            [f"{key}:{window}", now + timedelta(seconds=seconds)],
        )
        return cursor.fetchone()[0]


def is_over(request: HttpRequest, deed: str, most: int, seconds: int) -> bool:
    """Whether this reader (person, else address) has used up the deed's allowance of the window."""
    user: Any = request.user
    who = f"user{user.pk}" if user.is_authenticated else f"ip{client_address(request)}"
    return count_hit(f"{deed}:{who}", seconds) > most


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
    """Delete windows that are over; returns how many."""
    return Hit.objects.filter(expires_at__lt=timezone.now()).delete()[0]
