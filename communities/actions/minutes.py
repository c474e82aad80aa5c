"""Minutes: composed when the meeting is closed, sent, remarked on, approved by silence, corrected by a row of their own."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from communities import rules
from communities.actions.agenda import look_back
from communities.actions.gathering import StaleNotes
from communities.actions.membership import TooLate
from communities.actions.seats import lock as lock_meeting
from communities.actions.topic import one_at_a_time
from communities.enums import MeetingState, MinutesState, ParagraphKind
from communities.models import (
    Community,
    Decision,
    Invitee,
    Meeting,
    Minutes,
    MinutesFile,
    Paragraph,
    Remark,
    Task,
)
from members.models import Representative
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.days.quiet import is_quiet, next_allowed
from munistem.commons.files.actions import store
from munistem.commons.notices.actions import tell
from munistem.commons.search.actions import index

DAYS_FOR_REMARKS = 7


def lock_minutes(minutes: Minutes) -> Minutes:
    """The minutes anew, their meeting locked first: every deed takes locks in this order."""
    meeting = lock_meeting(minutes.meeting)
    row = Minutes.objects.select_for_update(of=("self",), no_key=True).without_index().get(pk=minutes.pk)
    row.meeting, row.community = meeting, meeting.community
    return row


def counts_of(meeting: Meeting) -> tuple[int, int]:
    """How many people were there, and how many organisations they act for."""
    there = Invitee.objects.filter(meeting=meeting, attended=True)
    acting = Representative.objects.active().filter(person__in=there.values("person"))
    return there.count(), acting.values("organisation").distinct().count()


@transaction.atomic
def close_meeting(
    *, by: Any, meeting: Meeting, recording_url: str = "", files: Iterable[Any] = ()
) -> Minutes:
    """Close a meeting: whoever is not ticked was not there; the draft of the minutes is composed. Twice is once."""
    row = lock_meeting(meeting)
    if row.state == MeetingState.CLOSED and (known := row.records.order_by("pk").first()):
        return known
    if not rules.can_close_meeting(by, row):
        raise TooLate
    Invitee.objects.filter(meeting=row, attended__isnull=True).update(attended=False)
    row.state, row.closed_at, row.closed_by = MeetingState.CLOSED, timezone.now(), by
    row.save(update_fields=["state", "closed_at", "closed_by"])
    people, organisations = counts_of(row)
    minutes = Minutes.objects.create(
        community=row.community,
        meeting=row,
        recording_url=recording_url,
        people_count=people,
        organisation_count=organisations,
        created_by=by,
    )
    compose(minutes)
    attach(minutes, files, by=by)
    look_back(row.community, by=by)
    audit.record("close_meeting", row, by=by, people=people, organisations=organisations)
    index(minutes)
    return minutes


def compose(minutes: Minutes) -> None:
    """The paragraphs from what was planned and noted, in the language of the community."""
    meeting = minutes.meeting
    with translation.override(meeting.community.language):
        purpose = [(_("Purpose of the meeting"), meeting.purpose)] if meeting.purpose else []
        said = [
            (item.title, looked_back(meeting, item.notes) if item.is_review else item.notes)
            for item in meeting.agenda.accepted().in_order()
        ]
    parts = [
        (ParagraphKind.PEOPLE, "", ""),
        *((ParagraphKind.TEXT, heading, body) for heading, body in [*purpose, *said]),
        (ParagraphKind.DECISIONS, "", ""),
        (ParagraphKind.TASKS, "", ""),
    ]
    Paragraph.objects.bulk_create(
        Paragraph(minutes=minutes, kind=kind, position=place, heading=heading, body=body)
        for place, (kind, heading, body) in enumerate(parts, 1)
    )


def looked_back(meeting: Meeting, notes: str) -> str:
    """The notes, and how the tasks of earlier meetings stand; in the active language, without names."""
    assert meeting.starts_at
    earlier = Task.objects.in_force().filter(
        community=meeting.community, meeting__starts_at__lt=meeting.starts_at
    )
    recent = Q(done_at__isnull=True) | Q(done_at__gte=meeting.starts_at - rules.EARLY)
    lines = [
        (_("Done: %(task)s") if done_at else _("Still open: %(task)s")) % {"task": text}
        for text, done_at in earlier.filter(recent).soonest_first().values_list("text", "done_at")
    ]
    return "\n\n".join(part for part in (notes, "\n".join(lines)) if part)


def attach(minutes: Minutes, files: Iterable[Any], *, by: Any) -> None:
    first = minutes.files.count()
    stored = [store(file, by=by) for file in files]
    MinutesFile.objects.bulk_create(
        MinutesFile(minutes=minutes, file=file, position=place) for place, file in enumerate(stored, first)
    )


@transaction.atomic
def add_papers(*, by: Any, minutes: Minutes, recording_url: str, files: Iterable[Any] = ()) -> Minutes:
    """Keep where the recording is, and more slides; until the minutes are approved."""
    row = lock_minutes(minutes)
    if not rules.can_edit_minutes(by, row):
        raise TooLate
    row.recording_url = recording_url
    row.save(update_fields=["recording_url"])
    attach(row, files, by=by)
    audit.record("add_papers", row, by=by)
    return row


@transaction.atomic
def edit_paragraph(*, by: Any, paragraph: Paragraph, heading: str, body: str, seen: int) -> Paragraph:
    """Change a part of the minutes. Raises StaleNotes when others changed it since, TooLate once approved.

    seen: the ``version`` the form was opened with.
    """
    minutes = lock_minutes(paragraph.minutes)
    if not rules.can_edit_minutes(by, minutes) or paragraph.kind != ParagraphKind.TEXT:
        raise TooLate
    row = Paragraph.objects.select_for_update(no_key=True).get(pk=paragraph.pk)
    row.minutes = minutes
    if (row.heading, row.body) == (heading, body):
        return row
    if row.version != seen:
        raise StaleNotes
    before = {"heading": row.heading, "body": row.body}
    row.heading, row.body, row.version = heading, body, row.version + 1
    row.changed_at = timezone.now()
    row.save(update_fields=["heading", "body", "version", "changed_at"])
    audit.record("edit_paragraph", row, by=by, **before)
    index(minutes)
    return row


@transaction.atomic
def send_minutes(*, by: Any, minutes: Minutes, now: datetime | None = None) -> Minutes:
    """Send the draft to those who were there: seven days for remarks, ended after a day of rest. Twice is once."""
    row = lock_minutes(minutes)
    if row.state == MinutesState.SENT:
        return row
    if not rules.can_send_minutes(by, row):
        raise TooLate
    row.state, row.sent_by = MinutesState.SENT, by
    row.sent_at = now or timezone.now()
    row.approves_at = next_allowed(row.sent_at + timedelta(days=DAYS_FOR_REMARKS))
    row.people_count, row.organisation_count = counts_of(row.meeting)
    fields = ["state", "sent_by", "sent_at", "approves_at", "people_count", "organisation_count"]
    row.save(update_fields=fields)
    audit.record("send_minutes", row, by=by)
    there = Invitee.objects.filter(meeting=row.meeting, attended=True).of_members()
    told = words_of(row) | {"until": row.approves_at.isoformat()}
    tell("minutes_sent", row, _people(there), by=by, reason="attendee", **told)
    for task in row.meeting.tasks.open().filter(approved_at__isnull=True).select_related("owner"):
        tell("task_given", task, [task.owner], by=by, reason="owner", **words_of(row), task=task.text)
    return row


def _people(rows: Any) -> Any:
    return get_user_model().objects.filter(pk__in=rows.values("person")).only("pk", "is_active")


def words_of(row: Minutes) -> dict[str, Any]:
    """Where it happened, and what the sentences of notices need."""
    return words_of_meeting(row.meeting)


def words_of_meeting(meeting: Meeting) -> dict[str, Any]:
    here = {"scope": f"communities.community:{meeting.community_id}", "thread": key(meeting)}
    return {**here, "title": meeting.title, "community": meeting.community.name, "meeting": meeting.pk}


@transaction.atomic
def remark(*, by: Any, paragraph: Paragraph, body: str, nonce: UUID) -> Remark:
    """Say something on a part of the minutes; the facilitators are told. A form sent twice makes one."""
    one_at_a_time(nonce)
    row = lock_minutes(paragraph.minutes)
    if known := Remark.objects.filter(nonce=nonce, author=by).first():
        return known
    if not rules.can_remark(by, row):
        raise TooLate
    said = Remark.objects.create(paragraph=paragraph, author=by, body=body, nonce=nonce)
    audit.record("remark", said, by=by)
    leaders = row.community.memberships.present().facilitators()
    tell("minutes_remarked", row, _people(leaders), by=by, reason="facilitator", **words_of(row), remark=body)
    return said


@transaction.atomic
def answer_remark(*, by: Any, remark: Remark, is_taken_in: bool, answer: str = "") -> Remark:
    """Take a remark in (the paragraph is changed apart from this), or say why not; its author is told. Twice is once."""
    minutes = lock_minutes(remark.paragraph.minutes)
    row = Remark.objects.select_for_update(no_key=True).get(pk=remark.pk)
    if row.answered_at:
        return row
    row.paragraph = remark.paragraph
    row.paragraph.minutes = minutes
    if not rules.can_answer_remark(by, row):
        raise TooLate
    row.is_taken_in, row.answer = is_taken_in, answer
    row.answered_at, row.answered_by = timezone.now(), by
    row.save(update_fields=["is_taken_in", "answer", "answered_at", "answered_by"])
    audit.record("answer_remark", row, by=by, is_taken_in=is_taken_in)
    said: dict[str, Any] = {"answer": answer, "is_taken_in": is_taken_in}
    tell("remark_answered", minutes, [row.author], by=by, reason="author", **words_of(minutes), **said)
    return row


def approve_due_minutes(now: datetime | None = None) -> int:
    """Approve what nobody objected to in its days; returns how many. Rests on Shabbat and holidays; harmless when repeated."""
    now = now or timezone.now()
    if is_quiet(now):
        return 0
    due = Minutes.objects.due(now).order_by("approves_at", "pk").select_related("meeting")
    return sum(_approve(minutes, now) for minutes in list(due.without_index()))


@transaction.atomic
def _approve(minutes: Minutes, now: datetime) -> bool:
    Community.objects.select_for_update(no_key=True).only("pk").get(pk=minutes.community_id)
    row = lock_minutes(minutes)
    if not Minutes.objects.due(now).filter(pk=row.pk).exists():
        return False
    row.state, row.approved_at = MinutesState.APPROVED, now
    row.number = next_number(Minutes, row.community)
    row.people_count, row.organisation_count = counts_of(row.meeting)
    _approve_outcomes(row, now)
    row.fingerprint = fingerprint_of(row)
    fields = ["state", "approved_at", "number", "people_count", "organisation_count", "fingerprint"]
    row.save(update_fields=fields)
    audit.record("approve_minutes", row, number=row.number)
    index(row)
    members = row.community.memberships.present()
    tell("minutes_approved", row, _people(members), reason="member", **words_of(row), number=row.number)
    return True


def _approve_outcomes(row: Minutes, now: datetime) -> None:
    """Number the decisions that are new and lock them and the tasks; what a correction takes back ends."""
    number = next_number(Decision, row.community)
    new = Decision.objects.of_meeting(row.meeting).filter(approved_at__isnull=True)
    for step, decision in enumerate(new.without_index()):
        decision.number, decision.approved_at = number + step, now
        decision.save(update_fields=["number", "approved_at"])
    Task.objects.filter(meeting=row.meeting, approved_at__isnull=True).update(approved_at=now)
    for model in (Decision, Task):
        model.objects.filter(dropped_in=row, dropped_at__isnull=True).update(dropped_at=now)


def next_number(model: Any, community: Community) -> int:
    """Called with the community's row locked."""
    last = model.objects.filter(community=community).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def fingerprint_of(minutes: Minutes) -> str:
    """SHA-256 over all that the minutes say, so that a later change would be seen."""
    paragraphs = minutes.paragraphs.in_order().values_list("kind", "heading", "body")
    decisions = Decision.objects.told_by(minutes).values_list("number", "text")
    tasks = Task.objects.told_by(minutes)
    files = minutes.files.order_by("position", "pk").values_list("file__name", "file__sha256")
    said = [
        [minutes.number, minutes.meeting_id, minutes.recording_url],
        [list(row) for row in paragraphs],
        [list(row) for row in decisions],
        [[task.text, task.owner_id, task.due_on and task.due_on.isoformat()] for task in tasks],
        [list(row) for row in files],
    ]
    return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def correct_minutes(*, by: Any, minutes: Minutes) -> Minutes:
    """Begin a correction of approved minutes: a new draft with the same paragraphs. Twice is once."""
    row = lock_minutes(minutes)
    if known := Minutes.objects.filter(correction_of=row).first():
        return known
    if not rules.can_correct_minutes(by, row):
        raise TooLate
    people, organisations = row.people_count, row.organisation_count
    draft = Minutes.objects.create(
        community=row.community,
        meeting=row.meeting,
        correction_of=row,
        recording_url=row.recording_url,
        people_count=people,
        organisation_count=organisations,
        created_by=by,
    )
    Paragraph.objects.bulk_create(
        Paragraph(minutes=draft, kind=old.kind, position=old.position, heading=old.heading, body=old.body)
        for old in row.paragraphs.in_order()
    )
    audit.record("correct_minutes", draft, by=by)
    index(draft)
    return draft


def remind_of_tasks(now: datetime | None = None) -> int:
    """Remind owners once, on the day a task is due, from eight in the morning; returns how many were told.

    Rests on Shabbat and holidays and tells after them; what is overdue for a week is shown as such, not mailed any more.
    """
    now = now or timezone.now()
    local = timezone.localtime(now)
    if is_quiet(now) or local.hour < 8:
        return 0
    today = local.date()
    due = Task.objects.open().filter(
        reminded_at__isnull=True, due_on__lte=today, due_on__gt=today - timedelta(days=7)
    )
    return sum(_remind(pk, now) for pk in list(due.order_by("due_on", "pk").values_list("pk", flat=True)))


@transaction.atomic
def _remind(pk: int, now: datetime) -> bool:
    rows = Task.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    rows = rows.select_related("owner", "meeting", "community").defer("community__search_vector")
    task = rows.open().filter(pk=pk, reminded_at__isnull=True).first()
    if task is None:
        return False
    task.reminded_at = now
    task.save(update_fields=["reminded_at"])
    task.meeting.community = task.community
    words = words_of_meeting(task.meeting)
    tell("task_due", task, [task.owner], reason="owner", **words, task=task.text)
    return True
