"""The secret address from which a person's feed reader reads what that person may read."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.models import LibraryFeed
from munistem.commons import audit


@transaction.atomic
def open_feed(*, by: Any, token: str) -> LibraryFeed:
    """Give a person an address of the library; an older one ends."""
    feed, _created = LibraryFeed.objects.update_or_create(
        person=by, defaults={"token": token, "created_at": timezone.now()}
    )
    audit.record("open_library_feed", by, by=by)
    return feed


@transaction.atomic
def close_feed(*, by: Any) -> None:
    """End a person's address of the library."""
    if LibraryFeed.objects.filter(person=by).delete()[0]:
        audit.record("close_library_feed", by, by=by)
