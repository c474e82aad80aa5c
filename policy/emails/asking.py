"""What a person is asked about several endorsements at once comes in one letter, each with its own button.

The event is about its reader; its data names the endorsements in an order that stays, so that they can be answered by number.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from members.models import Representative, RoleHolding
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell
from munistem.commons.notices.models import Event, Notice
from policy.emails import Told, named
from policy.models import Endorsement


@dataclass(frozen=True)
class Asked:
    """One endorsement in a letter. number: by which it is answered; pk: its key."""

    number: int
    pk: int
    recommendation: Told
    organisation: Told


def ask(kind: str, endorsements: Iterable[Endorsement], *, reason: str, **data: Any) -> None:
    """Ask each person once about all that they act for, in the order of the recommendations. endorsements: with their ends."""
    rows = sorted(endorsements, key=in_order)
    acting = acting_for({row.organisation_id for row in rows})
    mine: dict[Any, list[Endorsement]] = defaultdict(list)
    for row in rows:
        for person in acting.get(row.organisation_id, ()):
            mine[person].append(row)
    for person, asked in mine.items():
        told = [{"pk": row.pk, **named(row)} for row in asked]
        tell(kind, person, [person], reason=reason, asked=told, **data)


def in_order(row: Endorsement) -> tuple[int, int, int]:
    return row.organisation_id, row.recommendation.roundtable_id, row.recommendation.number


def acting_for(organisations: Iterable[int]) -> dict[int, list[Any]]:
    """Organisation → its managers and who holds its STEM role, else all who act for it."""
    held = RoleHolding.objects.open().filter(
        authority=OuterRef("organisation__authority"), person=OuterRef("person")
    )
    rows = Representative.objects.active().filter(organisation__in=organisations, person__is_active=True)
    rows = rows.select_related("person").defer("person__search_vector").order_by("pk")
    rows = rows.annotate(leads=Exists(held) | Q(is_manager=True))
    acting: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        acting[row.organisation_id].append(row)
    return {
        organisation: [row.person for row in found if row.leads] or [row.person for row in found]
        for organisation, found in acting.items()
    }


def asked_in(event: Event) -> list[Asked]:
    """The endorsements that an event asks about."""
    return [
        Asked(number, row["pk"], Told(row["recommendation"]), Told(row["organisation"]))
        for number, row in enumerate(event.data.get("asked", ()), start=1)
    ]


def visible(user: Any, events: Iterable[Event]) -> set[int]:
    """Events that ask this person about an answer that they may still see."""
    mine = {event.pk: {one.pk for one in asked_in(event)} for event in events if event.subject == key(user)}
    known = Endorsement.objects.visible_to(user).filter(pk__in=set().union(*mine.values()))
    seen = set(known.values_list("pk", flat=True))
    return {event for event, keys in mine.items() if keys & seen}


def url_of(event: Event, alone: str) -> str:
    """The page of the one that is asked about (``alone``: its name), else the list of all."""
    asked = asked_in(event)
    return reverse(alone, args=[asked[0].pk]) if len(asked) == 1 else reverse("list_due")


def settle(kinds: Iterable[str], endorsement: Endorsement, waiting: Any) -> None:
    """Letters about an endorsement that ask about nothing any more wait for nobody. waiting: what still does."""
    asking = Notice.objects.unread().filter(
        event__kind__in=list(kinds), event__data__asked__contains=[{"pk": endorsement.pk}]
    )
    rows = list(asking.select_related("event"))
    keys = {one.pk for row in rows for one in asked_in(row.event)}
    still = set(waiting.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    over = [row.pk for row in rows if still.isdisjoint(one.pk for one in asked_in(row.event))]
    Notice.objects.filter(pk__in=over).update(read_at=timezone.now())
