"""The secret address from which a person's calendar program reads."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from communities.models import CalendarFeed
from munistem.commons import audit


@transaction.atomic
def open_feed(*, by: Any, token: str) -> CalendarFeed:
    """Give a person a calendar address; an older one ends."""
    feed, _created = CalendarFeed.objects.update_or_create(
        person=by, defaults={"token": token, "created_at": timezone.now()}
    )
    audit.record("open_calendar_feed", by, by=by)
    return feed


@transaction.atomic
def close_feed(*, by: Any) -> None:
    """End a person's calendar address."""
    if CalendarFeed.objects.filter(person=by).delete()[0]:
        audit.record("close_calendar_feed", by, by=by)
