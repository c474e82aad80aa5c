"""What the page of a meeting leads to: running it, its minutes, and the tasks that earlier meetings left open."""

from collections.abc import Iterable
from typing import Any

from communities import rules
from communities.enums import MeetingState
from communities.models import Meeting, Minutes, Task

MOST_LEFT = 20


def outcome_of(user: Any, meeting: Meeting) -> dict[str, Any]:
    """Context of the meeting's page."""
    left = Task.objects.none()
    if meeting.state in {MeetingState.DRAFT, MeetingState.POLL, MeetingState.PLANNED} and not meeting.is_over:
        left = Task.objects.visible_to(user).left_for(meeting).select_related("owner")
    return {
        "can_run": rules.can_run_meeting(user, meeting),
        "has_minutes": Minutes.objects.visible_to(user).filter(meeting=meeting).exists(),
        "left": left[:MOST_LEFT],
    }


def with_records(user: Any, meetings: Iterable[Meeting]) -> None:
    """Note at each meeting the latest minutes of it that this reader may read."""
    rows = Minutes.objects.visible_to(user).filter(meeting__in=list(meetings)).without_index()
    found = {row.meeting_id: row for row in rows.order_by("pk")}
    for meeting in meetings:
        meeting.record = found.get(meeting.pk)
