"""Facilitators in touch with single people: a personal note, a question about a task; never more than now and then."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.actions.membership import TooLate, lock_membership
from communities.models import Membership, Note, Nudge, Task
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell

#: Whoever facilitates: a member gets no second note, an owner no second question, within these spans.
NOTE_RESTS, NUDGE_RESTS = timedelta(days=14), timedelta(days=7)


@transaction.atomic
def write_note(*, by: Any, membership: Membership, text: str) -> tuple[Note, bool]:
    """Send a personal note by a notice and a letter; returns the latest one and whether it went out just now.

    Raises TooLate when the person is no member (any more) or the community was closed down.
    """
    row = lock_membership(membership)
    known = row.notes.filter(sent_at__gt=timezone.now() - NOTE_RESTS).order_by("-sent_at").first()
    if known:
        return known, False
    if not rules.can_write_note(by, row):
        raise TooLate
    note = Note.objects.create(membership=row, text=text, sent_by=by)
    community = row.community
    audit.record("write_note", row, by=by)
    tell(
        "note_written",
        row,
        {row.person: "member"},
        by=by,
        scope=key(community),
        community=community.name,
        slug=community.slug,
        text=text,
    )
    return note, True


@transaction.atomic
def nudge(*, by: Any, task: Task) -> tuple[Nudge, bool]:
    """Ask the owner how it goes; returns the latest question and whether it went out just now. Raises TooLate."""
    rows = Task.objects.select_for_update(of=("self",), no_key=True).select_related("community", "owner")
    row = rows.defer("community__search_vector", "owner__search_vector").get(pk=task.pk)
    known = row.nudges.filter(sent_at__gt=timezone.now() - NUDGE_RESTS).order_by("-sent_at").first()
    if known:
        return known, False
    if not rules.can_nudge(by, row):
        raise TooLate
    asked = Nudge.objects.create(task=row, sent_by=by)
    audit.record("nudge_owner", row, by=by)
    tell("task_nudged", row, {row.owner: "owner"}, by=by, scope=key(row.community), task=row.text)
    return asked, True
