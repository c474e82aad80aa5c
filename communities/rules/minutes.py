"""At the meeting and after it: attendance, notes, minutes and remarks, decisions and tasks."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from communities.enums import MeetingState, MinutesState
from communities.models import Decision, Invitee, Meeting, Minutes, Remark, Task
from communities.rules.community import can_moderate, is_in_network, is_member
from communities.rules.meeting import can_lead_meeting

#: So long before its beginning the page of the meeting opens: to prepare, and for those who come early.
EARLY = timedelta(hours=12)


def attended(user: Any, meeting: Meeting) -> bool:
    """Whether the person, or a substitute, was there."""
    if not user.is_authenticated:
        return False
    return Invitee.objects.filter(meeting=meeting, person_id=user.pk, attended=True).exists()


def can_see_minutes(user: Any, minutes: Minutes) -> bool:
    """Twin of ``Minutes.objects.visible_to``."""
    if can_moderate(user, minutes.community):
        return True
    if not is_member(user, minutes.community):
        return False
    return minutes.is_approved or (minutes.state == MinutesState.SENT and attended(user, minutes.meeting))


def can_see_decision(user: Any, decision: Decision) -> bool:
    """Twin of ``Decision.objects.visible_to``."""
    return _can_see_outcome(user, decision)


def can_see_task(user: Any, task: Task) -> bool:
    """Twin of ``Task.objects.visible_to``."""
    is_own = is_in_network(user) and task.owner_id == user.pk
    return is_own or _can_see_outcome(user, task)


def _can_see_outcome(user: Any, outcome: Decision | Task) -> bool:
    if can_moderate(user, outcome.community):
        return True
    if not is_member(user, outcome.community):
        return False
    return outcome.approved_at is not None or attended(user, outcome.meeting)


def has_begun(meeting: Meeting) -> bool:
    """Whether it is time for the attendance list: the page opens half a day before."""
    return meeting.starts_at is not None and meeting.starts_at - EARLY <= timezone.now()


def can_run_meeting(user: Any, meeting: Meeting) -> bool:
    """Tick who is there, write notes, decisions and tasks: from shortly before it begins until it is closed."""
    is_open = meeting.state == MeetingState.PLANNED and has_begun(meeting)
    return is_open and can_lead_meeting(user, meeting)


def can_close_meeting(user: Any, meeting: Meeting) -> bool:
    """Once it has begun; some meetings end early."""
    has_started = meeting.starts_at is not None and meeting.starts_at <= timezone.now()
    return has_started and can_run_meeting(user, meeting)


def can_note_outcome(user: Any, meeting: Meeting, minutes: Minutes | None) -> bool:
    """Add or take away decisions and tasks: at the meeting, until the minutes are approved, and in a correction."""
    return can_run_meeting(user, meeting) if minutes is None else can_edit_minutes(user, minutes)


def can_mark_attendance(user: Any, meeting: Meeting, minutes: Minutes | None) -> bool:
    """Say who was there: until the first minutes are approved; a correction changes words only."""
    is_first = minutes is None or minutes.correction_of_id is None
    return is_first and can_note_outcome(user, meeting, minutes)


def can_edit_minutes(user: Any, minutes: Minutes) -> bool:
    """Approved ones are locked."""
    return not minutes.is_approved and can_lead_meeting(user, minutes.meeting)


def can_send_minutes(user: Any, minutes: Minutes) -> bool:
    return minutes.state == MinutesState.DRAFT and can_lead_meeting(user, minutes.meeting)


def can_correct_minutes(user: Any, minutes: Minutes) -> bool:
    """Approved ones get a correction, which goes the same way; only the latest is corrected."""
    is_latest = minutes.is_approved and not Minutes.objects.filter(correction_of=minutes).exists()
    return is_latest and can_lead_meeting(user, minutes.meeting)


def can_remark(user: Any, minutes: Minutes) -> bool:
    """Who was there, and who facilitates, within the days for it."""
    if minutes.community.archived_at:
        return False
    if minutes.state != MinutesState.SENT or not minutes.approves_at or minutes.approves_at <= timezone.now():
        return False
    return can_see_minutes(user, minutes) and is_member(user, minutes.community)


def can_answer_remark(user: Any, remark: Remark) -> bool:
    return remark.answered_at is None and can_edit_minutes(user, remark.paragraph.minutes)


def can_finish_task(user: Any, task: Task) -> bool:
    """The one who took it on, and who facilitates."""
    if not is_in_network(user) and not can_moderate(user, task.community):
        return False
    return task.owner_id == user.pk or can_moderate(user, task.community)


def can_offer_insight(user: Any, minutes: Minutes) -> bool:
    """Write a knowledge item from approved minutes."""
    return minutes.is_approved and can_moderate(user, minutes.community)
