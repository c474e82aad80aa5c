"""Who comes: answers, seats and the waiting list, which moves up by itself."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.actions.membership import TooLate
from communities.enums import Coming
from communities.models import Invitee, Meeting
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import mark_read, tell


def lock(meeting: Meeting) -> Meeting:
    """The meeting's row with its community, held until the transaction ends."""
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("community", "series")
    return rows.defer("community__search_vector").get(pk=meeting.pk)


def tell_of_meeting(
    kind: str, row: Meeting, people: Iterable[Any], *, by: Any = None, reason: str = "meeting", **data: Any
) -> None:
    """Tell people of something about a meeting, with what every sentence about it needs."""
    starts_at = row.starts_at.isoformat() if row.starts_at else ""
    told = {"title": row.title, "community": row.community.name, "starts_at": starts_at, **data}
    place = {"scope": key(row.community), "thread": key(row)}
    tell(kind, row, people, by=by, reason=reason, **place, **told)


@transaction.atomic
def answer_meeting(*, by: Any, meeting: Meeting, answer: str, substitute_name: str = "") -> Invitee:
    """Say whether one comes; on the waiting list when the seats are taken. Raises TooLate when it is no longer asked."""
    row = lock(meeting)
    if not rules.can_answer_meeting(by, row) or answer == Coming.SILENT:
        raise TooLate
    mine, _created = Invitee.objects.get_or_create(meeting=row, person=by)
    name = substitute_name if answer == Coming.SUBSTITUTE else ""
    if (mine.answer, mine.substitute_name) == (answer, name):
        return mine
    now = timezone.now()
    has_place = mine.answer in row.seat_takers  # a seat, or a place on the waiting list: both are kept
    if answer not in row.seat_takers:
        mine.waiting_since = None
    elif not has_place:
        mine.waiting_since = None if free_seats(row) else now
    mine.answer, mine.substitute_name, mine.answered_at = Coming(answer), name, now
    mine.save()
    audit.record("answer_meeting", row, by=by, answer=answer)
    mark_read(by=by, things=[row])
    move_up(row)
    return mine


def free_seats(row: Meeting) -> int:
    """How many more may come; the meeting is locked by the caller. Plenty without a limit."""
    if row.capacity is None:
        return 1_000_000
    return max(0, row.capacity - Invitee.objects.seated(row).of_members().count())


def move_up(row: Meeting) -> list[Invitee]:
    """Give free seats to those who have waited longest, and tell them; the meeting is locked by the caller."""
    waiting = Invitee.objects.filter(meeting=row).of_members().waiting().select_related("person")
    moved = list(waiting[: free_seats(row)])
    Invitee.objects.filter(pk__in=[one.pk for one in moved]).update(waiting_since=None)
    if moved:
        audit.record("move_up", row, people=[one.person_id for one in moved])
        tell_of_meeting("meeting_seat_free", row, [one.person for one in moved])
    return moved


@transaction.atomic
def fill_seats(*, meeting: Meeting) -> list[Invitee]:
    """Give away the seats of people who left the community meanwhile."""
    row = lock(meeting)
    return move_up(row) if row.is_planned and not row.is_over else []
