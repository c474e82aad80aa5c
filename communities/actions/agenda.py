"""The agenda: lines proposed by members, accepted and put in order by facilitators."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from communities import rules
from communities.actions.membership import TooLate
from communities.actions.seats import lock, tell_of_meeting
from communities.enums import ItemState, MeetingState
from communities.models import AgendaItem, Community, Meeting, Membership, Task
from munistem.commons import audit
from munistem.commons.files.actions import discard, store

OPEN = (MeetingState.DRAFT, MeetingState.POLL, MeetingState.PLANNED)


@transaction.atomic
def propose_item(
    *,
    by: Any,
    meeting: Meeting,
    title: str,
    minutes: int | None = None,
    reading: str = "",
    owner: Any = None,
    paper: Any = None,
) -> AgendaItem:
    """Put a line on the agenda, or propose it when one does not lead the meeting; sent twice it makes one.

    owner: who brings it, else the one who proposes; paper: an uploaded file to read before.
    """
    row = lock(meeting)
    if not rules.can_propose_item(by, row):
        raise TooLate
    known = row.agenda.filter(title=title, proposed_by=by).first()
    if known:
        return known
    leads = rules.can_decide_agenda(by, row)
    owner = owner if leads and owner else by
    must_be_member(row, owner)
    item = AgendaItem.objects.create(
        meeting=row,
        title=title,
        minutes=minutes,
        reading=reading,
        owner=owner,
        paper=store(paper, by=by) if paper else None,
        proposed_by=by,
        position=last_position(row) + 1,
        state=ItemState.ACCEPTED if leads else ItemState.PROPOSED,
    )
    audit.record("propose_item", item, by=by)
    if not leads:
        leaders = row.community.memberships.present().facilitators()
        people = get_user_model().objects.filter(pk__in=leaders.values("person"))
        tell_of_meeting("agenda_item_proposed", row, people, by=by, reason="decider", item=title)
    tell_owner(item, by=by)
    return item


def must_be_member(row: Meeting, owner: Any) -> None:
    """Raises TooLate for an owner who is no member (any more) and does not lead the meeting."""
    is_member = Membership.objects.active().filter(community=row.community, person=owner).exists()
    if not is_member and not rules.can_lead_meeting(owner, row):
        raise TooLate


def tell_owner(item: AgendaItem, *, by: Any = None) -> None:
    """Tell the one who brings an item so, once members know of the meeting."""
    is_known = item.meeting.state in {MeetingState.POLL, MeetingState.PLANNED} and not item.meeting.is_over
    if is_known and item.owner_id and item.state == ItemState.ACCEPTED:
        tell_of_meeting("agenda_item_given", item.meeting, [item.owner], by=by, item=item.title)


@transaction.atomic
def edit_item(
    *,
    by: Any,
    item: AgendaItem,
    reading: str,
    paper: Any = None,
    is_paper_dropped: bool = False,
    **fields: Any,
) -> AgendaItem:
    """Change a line; title, minutes and owner (in fields) only by those who decide on the agenda.

    Its author, while it is proposed, and its owner change what is to be read. Raises TooLate when one may not.
    """
    meeting = lock(item.meeting)
    row = (
        AgendaItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("owner")
        .get(pk=item.pk)
    )
    row.meeting = meeting
    if not rules.can_edit_item(by, row):
        raise TooLate
    fields = {**fields, "reading": reading} if rules.can_decide_agenda(by, meeting) else {"reading": reading}
    changed = sorted(field for field, value in fields.items() if getattr(row, field) != value)
    if "owner" in changed and fields["owner"]:
        must_be_member(meeting, fields["owner"])
    old = row.paper
    for field in changed:
        setattr(row, field, fields[field])
    if paper or is_paper_dropped:
        row.paper = store(paper, by=by) if paper else None
        changed += ["paper"] if old or paper else []
    if not changed:
        return row
    row.save()
    audit.record("edit_agenda_item", row, by=by, fields=changed)
    if old and old != row.paper:
        discard(old, by=by)
    if "owner" in changed:
        tell_owner(row, by=by)
    return row


def look_back(community: Community, *, by: Any) -> None:
    """Open the agenda of every coming meeting with the tasks that earlier ones left; each once, unless it was taken off."""
    coming = Meeting.objects.filter(community=community, state__in=OPEN)
    coming = coming.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))
    known = AgendaItem.objects.filter(is_review=True).values("meeting")
    with translation.override(community.language):
        title = _("Tasks that are still open")
    AgendaItem.objects.bulk_create(
        [
            AgendaItem(meeting=meeting, title=title, is_review=True, proposed_by=by)
            for meeting in coming.exclude(pk__in=known)
            if Task.objects.left_for(meeting).exists()
        ],
        ignore_conflicts=True,
    )


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
        if is_accepted and item.owner_id != item.proposed_by_id:
            item.meeting = row
            tell_owner(item, by=by)
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
