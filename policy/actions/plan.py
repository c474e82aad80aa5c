"""The work plan of a municipality: what is added to it, what is done or dropped."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from members.models import LocalAuthority
from munistem.commons import audit
from policy.actions.programme import NotTheirs
from policy.enums import PlanState
from policy.models import PlanItem
from policy.models.honest import Honest
from policy.rules import programme as rules


class Place(NamedTuple):
    """Where the gap is: school year, life stage, setting, and which gap."""

    year: int
    life_stage: str
    setting: str
    gap: str


@transaction.atomic
def add_to_plan(
    *,
    by: Any,
    authority: LocalAuthority,
    place: Place,
    figure: Honest,
    what: str,
    owner: Any,
    due_on: date,
    nonce: UUID,
) -> PlanItem:
    """Plan to do something about a gap; a form sent again answers with what it made first. Raises NotTheirs.

    figure: as it was entered, to be compared with that of the next year.
    """
    if not (rules.can_keep_programmes(by, authority) and rules.can_keep_programmes(owner, authority)):
        raise NotTheirs
    LocalAuthority.objects.select_for_update(no_key=True).only("pk").get(pk=authority.pk)
    if known := PlanItem.objects.filter(nonce=nonce, authority=authority).first():
        return known
    item = PlanItem.objects.create(
        authority=authority,
        **place._asdict(),
        what=what,
        owner=owner,
        due_on=due_on,
        participants=figure.participants,
        girls=figure.girls,
        counted=figure.counted,
        nonce=nonce,
        created_by=by,
    )
    audit.record("add_to_plan", item, by=by, authority=authority.pk)
    return item


@transaction.atomic
def settle_plan_item(*, by: Any, item: PlanItem, state: str, reason: str = "") -> PlanItem:
    """Say that it was done, or dropped and why; what was settled stays as it is. Raises NotTheirs."""
    item = PlanItem.objects.select_for_update(no_key=True, of=("self",)).get(pk=item.pk)
    if not rules.can_see_plan_item(by, item):
        raise NotTheirs
    if item.is_open:
        item.state, item.reason = PlanState(state), reason
        item.settled_at, item.settled_by = timezone.now(), by
        item.save(update_fields=["state", "reason", "settled_at", "settled_by"])
        audit.record("settle_plan_item", item, by=by, state=item.state)
    return item
