"""Who holds the role of STEM excellence manager of a municipality. Each deed locks the local authority."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from members import rules
from members.emails import role as emails
from members.models import LocalAuthority, Organisation, RoleHolding, User
from munistem.commons import audit

#: ``follow(holding, predecessor, by)``: what hangs on the role passes to who holds it now.
Follow = Callable[[RoleHolding, RoleHolding | None, Any], None]
_FOLLOWING: list[Follow] = []


class NotPossible(PermissionDenied):
    """The person may not say who holds the role, or who is named does not act for the municipality."""


class OutOfOrder(Exception):
    """The day lies ahead, or before the day on which the last holder began or ended; ``not_before`` is that day."""

    def __init__(self, not_before: date | None):
        super().__init__(not_before)
        self.not_before = not_before


def when_role_passes(follow: Follow) -> None:
    """Call ``follow`` in the transaction in which somebody begins to hold the role; for ``apps.ready``."""
    if follow not in _FOLLOWING:
        _FOLLOWING.append(follow)


def lock(authority: LocalAuthority) -> LocalAuthority:
    """The municipality's row, its organisation locked first, as deeds of its team do."""
    list(Organisation.objects.select_for_update(no_key=True).filter(authority=authority).only("pk"))
    rows = LocalAuthority.objects.select_for_update(no_key=True, of=("self",)).defer("search_vector")
    return rows.get(pk=authority.pk)


def earliest(authority: LocalAuthority) -> date | None:
    """The first day on which a new holder can begin: when the present one began, else when the last one ended."""
    rows = RoleHolding.objects.of(authority)
    days = rows.aggregate(began=Max("since_on"), ended=Max("until_on"))
    return max(filter(None, days.values()), default=None)


@transaction.atomic
def appoint_holder(
    *, by: Any, authority: LocalAuthority, since_on: date, person: User | None = None, name: str = ""
) -> RoleHolding:
    """Name who holds the role from a day on; who held it until then ends on that day.

    person: one who acts for the municipality, else the name of somebody without an account. Who holds it already is
    answered with what stands. Raises NotPossible, OutOfOrder.
    """
    row = lock(authority)
    is_known = person is not None and acts_for(person, row)
    if (
        not rules.can_appoint_holder(by, row)
        or (person is not None and not is_known)
        or bool(person) == bool(name)
    ):
        raise NotPossible
    present = RoleHolding.objects.of(row).open().select_related("person").first()
    if present and (present.person, present.name) == (person, name):
        return present
    not_before = earliest(row)
    if since_on > timezone.localdate() or (not_before and since_on < not_before):
        raise OutOfOrder(not_before)
    if present:
        end(present, until_on=since_on, by=by)
    holding = RoleHolding.objects.create(
        authority=row, person=person, name=name, since_on=since_on, appointed_by=by
    )
    audit.record("appoint_holder", holding, by=by, authority=row.pk, since=str(since_on))
    earlier = RoleHolding.objects.of(row).exclude(pk=holding.pk).select_related("person")
    before = earlier.latest_first().first()
    for follow in _FOLLOWING:
        follow(holding, before, by)
    emails.tell_holder("role_given", holding, by=by)
    return holding


def acts_for(person: User, authority: LocalAuthority) -> bool:
    """Whether an open account has a mandate in force for the member municipality."""
    organisation = Organisation.objects.members().filter(authority=authority).first()
    return organisation is not None and any(row.person_id == person.pk for row in organisation.team)


@transaction.atomic
def end_holding(*, by: Any, holding: RoleHolding, reason: str = "") -> RoleHolding:
    """The role is vacant from today on; harmless the second time. Raises NotPossible."""
    authority = lock(holding.authority)
    row = RoleHolding.objects.select_related("person").get(pk=holding.pk)
    row.authority = authority
    if row.is_open:
        if not rules.can_end_holding(by, row):
            raise NotPossible
        end(row, until_on=max(timezone.localdate(), row.since_on), by=by, reason=reason)
    return row


def end(holding: RoleHolding, *, until_on: date, by: Any, reason: str = "") -> None:
    holding.until_on, holding.ended_at, holding.ended_by = until_on, timezone.now(), by
    holding.reason = reason
    holding.save(update_fields=["until_on", "ended_at", "ended_by", "reason"])
    audit.record("end_holding", holding, by=by, authority=holding.authority_id, until=str(until_on))
    emails.tell_holder("role_ended", holding, by=by, why=reason)


def end_roles_of(person: User, *, by: Any, organisation: Organisation | None = None) -> None:
    """Who no longer acts for a municipality holds its role no longer; part of that deed.

    organisation: for which the mandate ended, every one without it.
    """
    rows = RoleHolding.objects.held_by(person).select_related("authority", "person")
    if organisation is not None:
        rows = rows.filter(authority=organisation.authority_id)
    for row in rows.order_by("authority"):
        row.authority = lock(row.authority)
        end(row, until_on=max(timezone.localdate(), row.since_on), by=by)
