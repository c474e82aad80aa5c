"""The agenda: lines proposed by members, accepted and put in order by facilitators."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max

from communities import rules
from communities.actions.membership import TooLate
from communities.actions.seats import lock, tell_of_meeting
from communities.enums import ItemState
from communities.models import AgendaItem, Meeting
from munistem.commons import audit


@transaction.atomic
def propose_item(
    *, by: Any, meeting: Meeting, title: str, minutes: int | None = None, reading: str = "", owner: Any = None
) -> AgendaItem:
    """Put a line on the agenda, or propose it when one does not lead the meeting; sent twice it makes one."""
    row = lock(meeting)
    if not rules.can_propose_item(by, row):
        raise TooLate
    known = row.agenda.filter(title=title, proposed_by=by).first()
    if known:
        return known
    leads = rules.can_decide_agenda(by, row)
    item = AgendaItem.objects.create(
        meeting=row,
        title=title,
        minutes=minutes,
        reading=reading,
        owner=owner,
        proposed_by=by,
        position=last_position(row) + 1,
        state=ItemState.ACCEPTED if leads else ItemState.PROPOSED,
    )
    audit.record("propose_item", item, by=by)
    if not leads:
        leaders = row.community.memberships.present().facilitators()
        people = get_user_model().objects.filter(pk__in=leaders.values("person"))
        tell_of_meeting("agenda_item_proposed", row, people, by=by, reason="decider", item=title)
    return item


def last_position(meeting: Meeting) -> int:
    return meeting.agenda.aggregate(last=Max("position"))["last"] or 0


@transaction.atomic
def decide_item(*, by: Any, item: AgendaItem, is_accepted: bool) -> AgendaItem:
    """Take a line on the agenda, at its end, or not this time; who proposed it is told."""
    row = lock(item.meeting)
    if not rules.can_decide_agenda(by, row):
        raise TooLate
    item = AgendaItem.objects.select_related("proposed_by").get(pk=item.pk)
    state = ItemState.ACCEPTED if is_accepted else ItemState.DECLINED
    if item.state == state:
        return item
    was_proposed = item.state == ItemState.PROPOSED
    item.state, item.position = state, last_position(row) + 1
    item.save(update_fields=["state", "position"])
    audit.record("accept_item" if is_accepted else "decline_item", item, by=by)
    if was_proposed:
        kind = "agenda_item_accepted" if is_accepted else "agenda_item_declined"
        tell_of_meeting(kind, row, [item.proposed_by], by=by, reason="sender", item=item.title)
    return item


@transaction.atomic
def move_item(*, by: Any, item: AgendaItem, is_up: bool) -> None:
    """Let a line change places with its neighbour."""
    row = lock(item.meeting)
    if not rules.can_decide_agenda(by, row):
        raise TooLate
    lines = list(row.agenda.accepted().in_order())
    here = next((place for place, line in enumerate(lines) if line.pk == item.pk), None)
    there = None if here is None else here + (-1 if is_up else 1)
    if here is None or there is None or not 0 <= there < len(lines):
        return
    lines[here], lines[there] = lines[there], lines[here]
    for position, line in enumerate(lines, 1):
        line.position = position
    AgendaItem.objects.bulk_update(lines, ["position"])
    audit.record("move_item", item, by=by, is_up=is_up)
