"""Cards of links: the worker looks at each page once, for the item that holds the link, and keeps what it says."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from knowledge import tasks
from knowledge.actions.keep import lock
from knowledge.models import CardState, Intake, Item, LinkCard, Revision, RevisionLink
from munistem.commons.files.actions import discard, store
from munistem.commons.files.models import StoredFile
from munistem.commons.guards.limits import count_hit
from munistem.commons.links.looking import Sight, look_at
from munistem.commons.links.net import Guard, Refused, Unreached
from munistem.commons.search.actions import index

MOST_TRIES = 3
MOST_SWEPT = 500
AGAIN = timedelta(minutes=10)
HOUR, MOST_LOOKS = 3_600, 60  # pages an hour for one person


def ask_for_cards(revision: Revision, *, by: Any) -> None:
    """Let the worker look at those links of a revision that have no card yet; part of the deed that wrote it."""
    urls = list(revision.links.values_list("url", flat=True))
    if urls:
        ask(urls, by=by, item=revision.item)


def ask(urls: Iterable[str], *, by: Any, item: Item | None = None, intake: Intake | None = None) -> None:
    """A waiting card and a job for each address that has none."""
    known = set(LinkCard.objects.filter(item=item, intake=intake).values_list("url", flat=True))
    for url in dict.fromkeys(urls):
        if url in known or count_hit(f"look:user{by.pk}", HOUR, MOST_LOOKS) > MOST_LOOKS:
            continue
        card = LinkCard.objects.create(item=item, intake=intake, url=url)
        tasks.look_at_link.defer(card=card.pk)


def look_at_link(pk: int, *, guard: Guard | None = None) -> None:
    """Look at the page of a waiting card and keep what it says; tried again later when nobody answers. Harmless if repeated.

    guard: what may be asked; another than the usual is for tests only.
    """
    card = LinkCard.objects.filter(pk=pk, state=CardState.WAITING).first()
    if card is None:
        return
    try:
        with look_at(card.url, guard=guard) as sight:
            keep(card, sight)
    except Refused:
        give_up(card, MOST_TRIES)
    except Unreached:
        give_up(card, card.tries + 1)


@transaction.atomic
def keep(card: LinkCard, sight: Sight) -> None:
    """Write what a page says on its card, and in the index of the item that holds the link, if it is published."""
    item = lock(card.item) if card.item else None
    row = LinkCard.objects.select_for_update().filter(pk=card.pk, state=CardState.WAITING).first()
    if row is None:
        return
    row.title, row.site, row.description = sight.title, sight.site, sight.description
    row.language, row.seconds = sight.language, sight.seconds
    row.text = sight.text if row.intake_id else ""
    row.picture = picture_of(sight)
    row.state, row.fetched_at = CardState.READY, timezone.now()
    row.save()
    if item and item.published_id:
        index(item)


def picture_of(sight: Sight) -> StoredFile | None:
    """The picture as a stored file of nobody's; it was drawn anew by the child, and is examined once more."""
    if not sight.picture:
        return None
    return store(SimpleUploadedFile("picture.webp", Path(sight.picture).read_bytes()), by=None)


def give_up(card: LinkCard, tries: int) -> None:
    """Without a card the link stands as it is; a page that did not answer is asked again."""
    is_over = tries >= MOST_TRIES
    state = CardState.FAILED if is_over else CardState.WAITING
    LinkCard.objects.filter(pk=card.pk, state=CardState.WAITING).update(tries=tries, state=state)
    if not is_over:
        tasks.look_at_link.configure(schedule_in={"seconds": AGAIN.seconds * tries}).defer(card=card.pk)


@transaction.atomic
def drop_cards(cards: Iterable[LinkCard], *, by: Any) -> None:
    """Delete cards with their pictures."""
    for card in cards:
        picture = card.picture
        card.delete()
        if picture:
            discard(picture, by=by)


@transaction.atomic
def sweep_cards() -> int:
    """Delete cards of links that no revision of their item holds any more; returns how many."""
    held = RevisionLink.objects.filter(url=OuterRef("url"), revision__item=OuterRef("item"))
    rows = LinkCard.objects.filter(item__isnull=False).exclude(Exists(held)).select_related("picture")
    left = list(rows[:MOST_SWEPT])
    drop_cards(left, by=None)
    return len(left)
