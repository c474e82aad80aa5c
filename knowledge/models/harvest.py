"""What harvesters (OAI-PMH) learn of the library: public items, and that some are so no longer."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, TruncSecond

from knowledge.enums import RevisionState
from knowledge.models.item import Item
from knowledge.models.revision import Revision
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Visibility

NOBODY = AnonymousUser()


TOLD = [RevisionState.PUBLISHED, RevisionState.REPLACED]


def records() -> models.QuerySet[Item]:
    """Items that everyone may read or once could, with ``is_shown`` and ``stamp``: when that changed last.

    Of one that everyone may read no more, nothing but its number is to be told, and the day on which it went: what became
    of it since – further revisions, taken out, put back – moves no stamp.
    """
    shown = Item.objects.visible_to(NOBODY).published().filter(pk=OuterRef("pk"))
    public = Revision.objects.filter(item=OuterRef("pk"), visibility=Visibility.PUBLIC, state__in=TOLD)
    restored = AuditEvent.objects.filter(
        deed="restore_item",
        subject=Concat(Value(f"{Item._meta.label_lower}:"), Cast(OuterRef("pk"), TextField())),
    ).order_by("-happened_at")
    as_public = Greatest(
        F("published_at"),
        F("published__decided_at"),
        F("withdrawn_at"),
        Subquery(restored.values("happened_at")[:1]),
    )
    return (
        Item.objects.filter(Exists(public), published__isnull=False)
        .annotate(
            is_shown=Exists(shown),
            stamp=TruncSecond(
                Coalesce(Subquery(_gone().values("decided_at")[:1]), as_public),
                tzinfo=UTC,  # else it is compared as the hour of another clock
            ),
        )
        .order_by("stamp", "pk")
    )


def _gone() -> models.QuerySet[Revision]:
    """The revision with which an item ceased to be public: the first after the last that everyone could read."""
    last = Revision.objects.filter(item=OuterRef("item"), visibility=Visibility.PUBLIC, state__in=TOLD)
    number = Subquery(last.order_by("-number").values("number")[:1])
    rows = Revision.objects.filter(item=OuterRef("pk"), state__in=TOLD, number__gt=number)
    return rows.order_by("number")


def within(rows: Any, *, since: datetime | None, until: datetime | None, codes: Iterable[str] = ()) -> Any:
    """Records stamped from ``since`` to ``until`` (both included); codes: facets of those still shown."""
    if since:
        rows = rows.filter(stamp__gte=since)
    if until:
        rows = rows.filter(stamp__lte=until)
    for code in codes:
        rows = rows.filter(Q(is_shown=False) | Q(facets__contains=[code]))
    return rows


def after(rows: Any, stamp: datetime, pk: int) -> Any:
    """What comes after a record that was told already."""
    return rows.filter(Q(stamp__gt=stamp) | Q(stamp=stamp, pk__gt=pk))


def told(rows: Any) -> Any:
    """With all that Dublin Core tells of them, in a few queries."""
    rows = rows.select_related("organisation", "published__authority")
    rows = rows.defer("search_vector", "organisation__search_vector", "published__body")
    return rows.prefetch_related("published__tags")


def editions_among(items: Iterable[Item]) -> dict[int, list[Item]]:
    """Of each item, its public editions in other languages; one query."""
    items = list(items)
    works = {item.edition_of_id or item.pk for item in items}
    rows = Item.objects.visible_to(NOBODY).published().filter(Q(pk__in=works) | Q(edition_of__in=works))
    found = list(rows.only("slug", "edition_of_id", "language"))
    return {
        item.pk: [
            row
            for row in found
            if (row.edition_of_id or row.pk) == (item.edition_of_id or item.pk) and row.pk != item.pk
        ]
        for item in items
    }
