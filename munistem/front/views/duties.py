"""What I took on at meetings: my tasks, minutes that wait for my remarks, meetings I have to run or to close."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.enums import MinutesState
from communities.models import Community, Meeting, Minutes, Task
from communities.rules.minutes import EARLY

A_FEW, MOST_TASKS = 4, 20
#: So long a task that was done stays in sight, to be taken back.
UNDO = timedelta(hours=12)


def my_tasks(user: Any) -> list[Task]:
    """Open ones, the most urgent first, and those done just now."""
    lately = timezone.now() - UNDO
    tasks = Task.objects.visible_to(user).of_owner(user)
    tasks = tasks.filter(Q(done_at__isnull=True) | Q(done_at__gt=lately, done_by=user))
    found = list(tasks.select_related("meeting").soonest_first()[:MOST_TASKS])
    for task in found:
        task.is_late = task.is_overdue()  # type: ignore[attr-defined]
    return sorted(found, key=lambda task: task.done_at is not None)


def minutes_to_handle(user: Any) -> list[tuple[str, str, str, Any]]:
    """Minutes I may remark on, and drafts I have to send: (icon, sentence, address, since)."""
    led = Community.objects.facilitated_by(user).current()
    mine = Minutes.objects.for_remarks_of(user)
    rows = Minutes.objects.filter(
        Q(pk__in=mine.values("pk")) | Q(state=MinutesState.DRAFT, community__in=led)
    )
    remark = _("The minutes of “%(title)s” wait for your remarks")
    send = _("The draft minutes of “%(title)s” are not sent yet")
    rows = rows.select_related("meeting").without_index().order_by("approves_at", "pk")
    return [
        (
            "file-text" if row.sent_at else "send",
            (remark if row.sent_at else send) % {"title": isolated(row.meeting.title)},
            row.get_absolute_url(),
            row.sent_at or row.created_at,
        )
        for row in rows[:A_FEW]
    ]


def meetings_to_run(user: Any) -> list[tuple[str, str, str, Any]]:
    """Meetings I facilitate that are about to begin, under way, or over and not closed."""
    led = Community.objects.facilitated_by(user).current()
    begun = Meeting.objects.planned().filter(community__in=led, starts_at__lte=timezone.now() + EARLY)
    run = _("Attendance, notes and minutes of “%(title)s”")
    return [
        (
            "list-checks",
            run % {"title": isolated(row.title)},
            reverse("run_meeting", args=[row.pk]),
            row.starts_at,
        )
        for row in begun.latest_first()[:A_FEW]
    ]


def isolated(name: str) -> str:
    """A name within a sentence of another direction."""
    return f"\u2068{name}\u2069"
