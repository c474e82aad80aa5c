"""From a discussion to the library: one item, made with the consent of everybody it names or quotes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from communities.actions.topic import lock as lock_topic
from communities.models import Post, Topic
from communities.rules import can_offer_topic
from knowledge import emails, rules
from knowledge.actions.keep import forget_papers, lock
from knowledge.actions.write import TooLate, Unanswered, start_item, submit
from knowledge.enums import Answer, RevisionState
from knowledge.models import Consent, Item, Offer, Revision
from knowledge.models.item import REACH
from munistem.commons import audit
from munistem.commons.search.actions import index


class MoreReaders(Exception):
    """More people are to read the item than who agrees was told."""


@dataclass(frozen=True)
class Voice:
    """Somebody the item would name: with role and organisation, perhaps with words out of one of their posts."""

    person: Any
    role: str = ""
    place: str = ""
    quote: str = ""
    post: Post | None = None


@transaction.atomic
def offer_topic(
    *,
    by: Any,
    topic: Topic,
    content: Mapping[str, Any],
    voices: Iterable[Voice] = (),
    nonce: UUID | None = None,
) -> Offer:
    """Make a draft item of a discussion and ask those it would name; a topic that was offered is not offered again.

    content: as for ``start_item``. Raises TooLate for who may not (any more) offer it.
    """
    row = lock_topic(topic)
    if known := Offer.objects.filter(topic=row).select_related("item").first():
        return known
    item = start_item(
        by=by,
        content=content,
        organisation=by.acting_for,
        nonce=nonce,
        rule=lambda user: can_offer_topic(user, row),
    )
    offer = Offer.objects.create(topic=row, item=item, made_by=by)
    for position, voice in enumerate(voices):
        ask(offer, voice, position, by=by)
    audit.record("offer_topic", row, by=by, item=item.pk)
    return offer


def ask(offer: Offer, voice: Voice, position: int, *, by: Any) -> Consent:
    """Ask one person whether they may be named and quoted so."""
    consent = Consent.objects.create(
        offer=offer,
        person=voice.person,
        post=voice.post if voice.quote else None,
        quote=voice.quote,
        role=voice.role,
        place=voice.place,
        position=position,
    )
    emails.ask_consent(consent, by=by)
    return consent


def latest(item: Item) -> Revision:
    return item.revisions.latest_first()[0]


@transaction.atomic
def answer_consent(*, by: Any, consent: Consent, is_given: bool, seen: int | None = None) -> Consent:
    """Agree to be named and quoted, or be left out; it can be changed until the item is published.

    seen: the circle of readers that the person was told of; raises MoreReaders when it has grown since. Raises TooLate
    once the item is published, and for agreeing while it is in review.
    """
    item = lock(consent.offer.item)
    row = Consent.objects.select_related("offer", "person").get(pk=consent.pk)
    row.offer.item = item
    if not (rules.can_give_consent if is_given else rules.can_answer_consent)(by, row):
        raise TooLate
    answer = Answer.GIVEN if is_given else Answer.DECLINED
    reach = REACH[latest(item).visibility] if is_given else None
    if reach and seen is not None and reach > seen:
        raise MoreReaders
    if (row.answer, row.reach) == (answer, reach):
        return row
    row.answer, row.reach, row.answered_at = answer, reach, timezone.now()
    row.save(update_fields=["answer", "reach", "answered_at"])
    renew(item)
    audit.record("answer_consent", item, by=by, is_given=is_given)
    emails.settle_consent(row, is_given=is_given)
    return row


def renew(item: Item) -> None:
    """Let a reviewer who has the page open see that what it quotes has changed."""
    for revision in item.revisions.filter(state=RevisionState.SUBMITTED):
        revision.version += 1
        revision.save(update_fields=["version"])


@transaction.atomic
def ask_again(*, by: Any, offer: Offer) -> int:
    """Ask anew those who agreed when fewer people were to read it; returns how many. Once for each circle of readers."""
    item = lock(offer.item)
    if not rules.can_send_offer(by, offer):
        raise TooLate
    agreed = offer.consents.given().filter(reach__lt=REACH[latest(item).visibility]).select_related("person")
    rows = list(agreed)
    for row in rows:
        row.answer, row.reach, row.answered_at, row.asked_at = Answer.WAITING, None, None, timezone.now()
        row.save(update_fields=["answer", "reach", "answered_at", "asked_at"])
        row.offer = offer
        emails.ask_consent(row, by=by)
    return len(rows)


@transaction.atomic
def send_offer(*, by: Any, offer: Offer) -> Item:
    """Send the item for review with the words of those who agreed; the others' stay out. Sent twice is sent once.

    Raises Unanswered until it is said whether it shows personal details or faces of children.
    """
    item = lock(offer.item)
    offer.item = item
    if rules.can_send_offer(by, offer):
        revision = item.revisions.open().get()
        if not revision.privacy:
            raise Unanswered
        submit(revision, by=by)
    elif offer.made_by_id != by.pk:
        raise TooLate
    return item


@transaction.atomic
def forget_voices(*, by: Any, person: Any) -> None:
    """Who left the network is no longer named as what they were where; what they let be quoted stays. Harmless when repeated."""
    named = Consent.objects.filter(person=person)
    offered = named.given().values("offer")
    items = list(Item.objects.filter(offer__in=offered, published__isnull=False).order_by("pk"))
    named.exclude(role="", place="").update(role="", place="")
    for item in items:
        index(item)
        forget_papers(item)
