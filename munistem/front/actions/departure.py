"""Leaving the network: every room takes its leave of the person in one transaction, once the days of grace are over."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation

from communities.actions.departure import leave_all
from communities.actions.membership import make_facilitator
from communities.models import Community, Membership
from knowledge.actions.departure import forget_begun
from knowledge.actions.offer import forget_voices
from knowledge.actions.use import forget_marks
from members.actions.person import ask_to_leave, close_account, lock
from members.actions.team import make_manager
from members.models import Departure, Representative, User
from munistem.commons.audit.actions import forget_names
from munistem.commons.files.resumable.actions import discard_all
from policy.actions.departure import forget_choices

log = logging.getLogger("munistem.departures")


@dataclass(frozen=True)
class Duty:
    """What would be without a hand: a team that the person alone manages, a community they alone facilitate.

    candidates: who could go on, mandates or memberships; may be empty.
    """

    key: str
    thing: Any
    is_team: bool
    candidates: list[Any]


def duties_of(person: User) -> list[Duty]:
    """What somebody else has to take over before the person leaves."""
    return teams_of(person) + communities_of(person)


def teams_of(person: User) -> list[Duty]:
    """Teams with colleagues and no other manager; a team of one needs nobody."""
    managed = {row.organisation_id: row.organisation for row in person.mandates if row.is_manager}
    rows = Representative.objects.active().filter(organisation__in=managed, person__is_active=True)
    others: dict[int, list[Representative]] = {}
    for row in rows.exclude(person=person).select_related("person").defer("person__search_vector").by_name():
        others.setdefault(row.organisation_id, []).append(row)
    return [
        Duty(f"team-{pk}", managed[pk], True, colleagues)
        for pk, colleagues in others.items()
        if not any(row.is_manager for row in colleagues)
    ]


def communities_of(person: User) -> list[Duty]:
    """Communities that stand and have no other facilitator who takes part."""
    leading = Membership.objects.facilitators().of_present_people()
    others = leading.filter(community=OuterRef("pk")).exclude(person=person)
    led = Community.objects.facilitated_by(person).filter(~Exists(others), archived_at__isnull=True)
    found = {row.pk: row for row in led.defer("search_vector").by_name()}
    members: dict[int, list[Membership]] = {pk: [] for pk in found}
    rows = Membership.objects.filter(community__in=found).present().exclude(person=person)
    for row in rows.select_related("person").defer("person__search_vector").order_by("person__name", "pk"):
        members[row.community_id].append(row)
    return [Duty(f"community-{pk}", found[pk], False, members[pk]) for pk in found]


def signature_of(person: User) -> str:
    """Role and organisation, as they may stand under a person's texts afterwards; "" where one of them is unknown."""
    organisation = person.acting_for
    if organisation is None:
        return ""
    role = next((row.role for row in person.mandates if row.organisation == organisation), "")
    with translation.override(person.language):
        return f"{role or person.role_title}, {organisation.name}" if role or person.role_title else ""


@transaction.atomic
def begin_to_leave(
    *, by: User, is_signed: bool = False, successors: Mapping[str, Any] | None = None
) -> Departure:
    """Hand one's duties over and leave; for 30 days one may come back. Harmless twice.

    is_signed: role and organisation stand under one's texts, else "A former member"; successors: key of a duty → who
    takes it over. Raises LastAdmin; TooLate of the rooms when a successor cannot any more.
    """
    person = lock(by)
    if not person.is_active:
        return ask_to_leave(by=person)
    for duty in duties_of(person):
        successor = (successors or {}).get(duty.key)
        if successor and duty.is_team:
            make_manager(by=person, mandate=successor)
        elif successor:
            make_facilitator(by=person, membership=successor)
    return ask_to_leave(by=person, signature=signature_of(person) if is_signed else "")


def end_departures() -> int:
    """Close for good the accounts of those whose days of grace are over; returns how many. Harmless when repeated.

    One that cannot be closed stops no other; its error is raised at the end.
    """
    count, errors = 0, []
    for pk in list(Departure.objects.due(timezone.now()).order_by("due_at").values_list("pk", flat=True)):
        try:
            count += end_departure(pk)
        except Exception as error:
            log.exception("Departure %s could not be ended", pk)
            errors.append(error)
    if errors:
        raise errors[0]
    return count


@transaction.atomic
def end_departure(pk: int) -> bool:
    """End one, unless the person came back meanwhile."""
    departure = Departure.objects.select_related("person").get(pk=pk)
    person = lock(departure.person)
    departure.refresh_from_db(from_queryset=Departure.objects.select_for_update())
    if person.is_active or departure.returned_at or departure.ended_at:
        return False
    departure.ended_at = timezone.now()
    departure.save(update_fields=["ended_at"])
    leave_network(person=person, signature=departure.signature)
    return True


@transaction.atomic
def leave_network(*, person: User, signature: str = "") -> None:
    """Close an account for good; what was written stays. The deeds are the person's own. Raises LastAdmin."""
    leave_all(by=person, person=person)
    close_account(by=person, person=person, signature=signature)
    forget_voices(by=person, person=person)
    forget_marks(by=person, person=person)
    forget_begun(by=person, person=person)
    forget_choices(person=person)
    discard_all(person=person)
    forget_names(person)
