"""At the meeting: who is there, what is said, decided and taken on. Every piece is kept by itself, under the meeting's lock."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from communities import rules
from communities.actions.agenda import look_back
from communities.actions.membership import TooLate
from communities.actions.seats import lock as lock_meeting
from communities.actions.topic import one_at_a_time
from communities.enums import ItemState, MeetingState
from communities.models import AgendaItem, Decision, Invitee, Meeting, Membership, Minutes, Task
from munistem.commons import audit
from munistem.commons.search.actions import index


class StaleNotes(Exception):
    """Someone else wrote meanwhile; what they wrote stands, and the text sent was not kept."""


def open_minutes(meeting: Meeting) -> Minutes | None:
    """The minutes that count for changes: those not approved yet, else the latest."""
    rows = Minutes.objects.filter(meeting=meeting).select_related("meeting__community", "community")
    return rows.without_index().order_by("-pk").first()


def notes_version(text: str) -> str:
    """Tells one state of the notes from another."""
    return sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def mark_attendance(
    *, by: Any, meeting: Meeting, person: Any, is_there: bool, substitute: str | None = None
) -> Invitee:
    """Tick a person (or, named, the substitute), or take the tick back; a member who came unannounced gets a row.

    substitute: who came instead; None leaves the name as it is. Raises TooLate once the minutes are approved, and for
    who is no member.
    """
    row = lock_meeting(meeting)
    _may_mark(by, row)
    is_member = Membership.objects.active().filter(community=row.community, person=person).exists()
    found = Invitee.objects.filter(meeting=row, person=person).first()
    if found is None and not is_member:
        raise TooLate
    invitee = found or Invitee(meeting=row, person=person)
    if is_there:
        invitee.attended = True
    elif invitee.attended:
        invitee.attended = None
    if substitute is not None:
        invitee.substitute_name = substitute
    invitee.save()
    audit.record("mark_attendance", row, by=by, person=person.pk, is_there=is_there)
    return invitee


@transaction.atomic
def mark_all_coming(*, by: Any, meeting: Meeting) -> int:
    """Tick everybody who said they come and is not ticked yet; returns how many."""
    row = lock_meeting(meeting)
    _may_mark(by, row)
    count = Invitee.objects.filter(meeting=row).present().exclude(attended=True).update(attended=True)
    if count:
        audit.record("mark_all_coming", row, by=by, count=count)
    return count


def _may_mark(by: Any, row: Meeting) -> None:
    if not rules.can_mark_attendance(by, row, open_minutes(row)):
        raise TooLate


def _may_note(by: Any, row: Meeting) -> Minutes | None:
    """The correction under way, to which new lines belong; None at the meeting and before the first approval."""
    minutes = open_minutes(row)
    if not rules.can_note_outcome(by, row, minutes):
        raise TooLate
    return minutes if minutes and minutes.correction_of_id else None


@transaction.atomic
def keep_notes(*, by: Any, item: AgendaItem, notes: str, seen: str) -> AgendaItem:
    """Keep what was said on an item. Raises StaleNotes when others wrote since, TooLate when the meeting is closed.

    seen: ``notes_version`` of the text the form was opened with.
    """
    meeting = lock_meeting(item.meeting)
    if not rules.can_run_meeting(by, meeting):
        raise TooLate
    row = AgendaItem.objects.select_for_update(no_key=True).get(pk=item.pk)
    row.meeting = meeting
    if row.notes == notes:
        return row
    if notes_version(row.notes) != seen:
        raise StaleNotes
    row.notes = notes
    row.save(update_fields=["notes"])
    audit.record("keep_notes", row, by=by)
    return row


@transaction.atomic
def add_point(*, by: Any, meeting: Meeting, title: str) -> AgendaItem:
    """Put what came up on the agenda, at its end; the same words again make no second."""
    row = lock_meeting(meeting)
    if not rules.can_run_meeting(by, row):
        raise TooLate
    if known := row.agenda.accepted().filter(title=title).first():
        return known
    last = row.agenda.aggregate(last=Max("position"))["last"] or 0
    item = AgendaItem.objects.create(
        meeting=row, title=title, position=last + 1, state=ItemState.ACCEPTED, proposed_by=by
    )
    audit.record("add_point", item, by=by)
    return item


@transaction.atomic
def note_decision(*, by: Any, meeting: Meeting, text: str, nonce: UUID) -> Decision:
    """Write a decision down; a form sent twice makes one."""
    one_at_a_time(nonce)
    row = lock_meeting(meeting)
    correction = _may_note(by, row)
    if known := Decision.objects.filter(nonce=nonce, meeting=row).first():
        return known
    decision = Decision.objects.create(
        community=row.community,
        meeting=row,
        text=text,
        nonce=nonce,
        correction=correction,
        created_by=by,
        decided_on=timezone.localdate(row.starts_at),
    )
    audit.record("note_decision", decision, by=by)
    index(decision)
    return decision


@transaction.atomic
def drop_decision(*, by: Any, decision: Decision) -> None:
    """Take a decision away before it is approved, or mark it in a correction as taken back; twice is once."""
    drop(by=by, thing=decision)


@transaction.atomic
def drop_task(*, by: Any, task: Task) -> None:
    """Take a task away before it is approved, or mark it in a correction as taken back; twice is once."""
    drop(by=by, thing=task)


def drop(*, by: Any, thing: Decision | Task) -> None:
    """What is approved stands until the correction that takes it back is approved too."""
    row = lock_meeting(thing.meeting)
    correction = _may_note(by, row)
    found = type(thing).objects.filter(pk=thing.pk, dropped_in__isnull=True).first()
    if found is None:
        return
    audit.record(f"drop_{found._meta.model_name}", found, by=by, text=found.text)
    if found.approved_at is None:
        found.delete()
    elif correction:
        found.dropped_in = correction
        found.save(update_fields=["dropped_in"])


@transaction.atomic
def keep_after_all(*, by: Any, thing: Decision | Task) -> None:
    """Let a decision or task stand that the correction under way was to take back; twice is once."""
    row = lock_meeting(thing.meeting)
    correction = _may_note(by, row)
    found = type(thing).objects.filter(pk=thing.pk, dropped_in=correction, dropped_at__isnull=True)
    if correction and found.update(dropped_in=None):
        audit.record(f"keep_{thing._meta.model_name}", thing, by=by)


@transaction.atomic
def give_task(
    *, by: Any, meeting: Meeting, text: str, owner: Any, nonce: UUID, due_on: date | None = None
) -> Task:
    """Write down what a member took on; a form sent twice makes one. Raises TooLate for an owner who is no member."""
    one_at_a_time(nonce)
    row = lock_meeting(meeting)
    correction = _may_note(by, row)
    if known := Task.objects.filter(nonce=nonce, meeting=row).first():
        return known
    if not Membership.objects.active().filter(community=row.community, person=owner).exists():
        raise TooLate
    task = Task.objects.create(
        community=row.community,
        meeting=row,
        text=text,
        owner=owner,
        due_on=due_on,
        nonce=nonce,
        correction=correction,
        created_by=by,
    )
    audit.record("give_task", task, by=by, owner=owner.pk)
    if row.state == MeetingState.CLOSED:
        look_back(row.community, by=by)
    return task


@transaction.atomic
def finish_task(*, by: Any, task: Task, is_done: bool = True) -> Task:
    """Say that a task is done, or take it back. Twice the same is once."""
    row = (
        Task.objects.select_for_update(of=("self",), no_key=True).select_related("community").get(pk=task.pk)
    )
    if not rules.can_finish_task(by, row):
        raise TooLate
    if is_done == bool(row.done_at):
        return row
    row.done_at, row.done_by = (timezone.now(), by) if is_done else (None, None)
    row.save(update_fields=["done_at", "done_by"])
    audit.record("finish_task" if is_done else "reopen_task", row, by=by)
    return row
