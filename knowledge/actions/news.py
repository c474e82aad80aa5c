"""News of the library for those who follow a part of it: found by the worker once something is published, and each night."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from communities.rules import can_see_community
from knowledge import rules, tasks
from knowledge.actions.keep import lock
from knowledge.emails import follow as emails
from knowledge.enums import Facet, FollowKind
from knowledge.models import CollectionItem, Follow, Item, Revision
from knowledge.models.item import REACH
from members.models import User
from munistem.commons.search.finding import find
from munistem.commons.search.query import parse

#: So long each night looks again: file texts are read later, jobs are lost, people come into the network.
FRESH = timedelta(days=3)


def spread(revision: Revision, before: Revision | None) -> None:
    """Note that what was published is news – the first time, to more readers, or under further tags – and queue its telling.

    Call it in the transaction that publishes, after the index was written.
    """
    if before is not None and not _is_news(revision, before):
        return
    Item.objects.filter(pk=revision.item_id).update(news_at=revision.decided_at)
    tasks.tell_followers.defer(item=revision.item_id)


def _is_news(revision: Revision, before: Revision) -> bool:
    return REACH[revision.visibility] > REACH[before.visibility] or not _signs(revision) <= _signs(before)


def _signs(revision: Revision) -> set[str]:
    """Under what a revision can be followed, apart from its words."""
    return {*revision.life_stages, *revision.settings, *(term.slug for term in revision.tags.all())}


@transaction.atomic
def tell_followers(key: int) -> int:
    """Tell those who follow something that an item fits, each once whatever they follow; returns how many people.

    Not told: who wrote it, who follows only since it is there, who may not see it, and of an edition who reads another
    language. Harmless when done again.
    """
    item = lock(Item(pk=key))
    revision = item.published
    if revision is None or item.withdrawn_at is not None or item.news_at is None:
        return 0
    besides = emails.already_told(item) | {item.created_by_id, revision.created_by_id}
    rows = Follow.objects.filter(followed_at__lt=item.news_at, person__is_active=True)
    rows = rows.exclude(person__in=besides).filter(_fits(item, revision, rows))
    if item.edition_of_id:
        rows = rows.filter(person__language=item.language)
    return emails.tell_followers(item, _by_thing(item, rows.select_related("person").order_by("pk")))


def _fits(item: Item, revision: Revision, rows: Any) -> Q:
    """Which follows an item fits."""
    tags = list(revision.tags.all())
    slugs = {kind: [term.slug for term in tags if term.kind == kind] for kind in ("subject", "population")}
    fits = Q(kind=FollowKind.STAGE, value__in=revision.life_stages)
    fits |= Q(kind=FollowKind.SUBJECT, value__in=slugs["subject"])
    fits |= Q(kind=FollowKind.POPULATION, value__in=slugs["population"])
    fits |= Q(kind=FollowKind.TAG, value__in=[term.slug for term in tags])
    if item.organisation:
        fits |= Q(kind=FollowKind.ORGANISATION, value=item.organisation.slug)
    searches = rows.filter(kind=FollowKind.SEARCH).values_list("value", flat=True).order_by().distinct()
    found = [value for value in searches if is_found(item, Follow(kind=FollowKind.SEARCH, value=value))]
    return fits | Q(kind=FollowKind.SEARCH, value__in=found)


def is_found(item: Item, search: Follow) -> bool:
    """Whether a followed search finds this item."""
    asked = search.query
    rows: Any = Item.objects.published().filter(pk=item.pk)
    rows = rows.having({name: value for name, value in asked.items() if name in Facet.values})
    if tag := asked.get("tag"):
        rows = rows.filter(published__tags__slug=tag)
    for place in ("organisation", "community"):
        if slug := asked.get(place):
            rows = rows.filter(**{f"{place}__slug": slug})
    if query := asked.get("q"):
        return find(rows, parse(query)).whole > 0
    return rows.exists()


def _by_thing(item: Item, rows: Iterable[Follow]) -> dict[tuple[str, str], list[Follow]]:
    """The follows of people who may see the item, the oldest of each person, by what is followed.

    A search within a community counts for those only who may know of that community.
    """
    rows = list(rows)
    User.read_mandates([row.person for row in rows])
    first: dict[int, Follow] = {}
    place = item.community
    for row in rows:
        if "community" not in row.query or (place is not None and can_see_community(row.person, place)):
            first.setdefault(row.person_id, row)
    found: dict[tuple[str, str], list[Follow]] = {}
    for row in first.values():
        if rules.can_see_item(row.person, item):
            found.setdefault((row.kind, row.value), []).append(row)
    return found


def tell_fresh_news(now: datetime | None = None) -> int:
    """Tell whom the news of the last days has not reached: what was found only later, and for whom it opened since."""
    since = (now or timezone.now()) - FRESH
    fresh = Item.objects.published().filter(news_at__gt=since).order_by("pk").values_list("pk", flat=True)
    return sum(map(tell_followers, list(fresh)))


def tell_of_entry(entry: CollectionItem, *, by: Any) -> None:
    """Tell the followers of a collection that an item came into it; call it in the transaction that puts it there."""
    follows = Follow.objects.filter(kind=FollowKind.COLLECTION, value=entry.collection.slug)
    besides = emails.already_told_of(entry)
    people = [row.person for row in follows.select_related("person") if row.person_id not in besides]
    if people:
        emails.tell_grown(entry, people, by=by)
