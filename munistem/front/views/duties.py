"""What waits for me, of several sorts, in one query; and the tasks that I took on at meetings."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import get_language

from communities.enums import MinutesState, Stage
from communities.models import (
    Community,
    Consultation,
    HeldPost,
    Meeting,
    Membership,
    Minutes,
    PeerRequest,
    Task,
)
from communities.rules.minutes import EARLY
from knowledge.enums import RevisionState
from knowledge.models import Adaptation, Consent, Revision
from munistem.commons.ready import ready
from policy.models import Consultation as Drafts
from policy.models import PlanItem

A_FEW, MOST_TASKS = 4, 20
#: So long a task that was done stays in sight, to be taken back.
UNDO = timedelta(hours=12)


class Duty(NamedTuple):
    """sort: which of them; title: of the thing; key: of its address; since: when it began to wait; note: why."""

    sort: str
    title: str
    key: str
    since: datetime | None
    note: str


def duties(user: Any) -> list[Duty]:
    """Invitations, meetings to run, minutes to handle, advice to give, texts and items to mend, at most a few of each."""
    return [Duty(*row) for row in rows_of(user)]


@ready
def rows_of(user: Any) -> QuerySet:
    first, *others = (rows[:A_FEW] for rows in sources(user))
    return first.union(*others, all=True)


def sources(user: Any) -> list[QuerySet]:
    """Communities that asked me in, what meetings and consultations leave to do, what I sent to the library and got back with remarks."""
    invited = Membership.objects.held_by(user).invited().order_by("since", "pk")
    returned = Revision.objects.filter(state=RevisionState.RETURNED, item__withdrawn_at__isnull=True)
    returned = returned.filter(Q(created_by=user) | Q(item__created_by=user)).order_by("decided_at", "pk")
    held = HeldPost.objects.returned_to(user).with_heading()
    asked = Consent.objects.waiting_for(user).order_by("asked_at", "pk")
    adapted = Adaptation.objects.to_be_reported_by(user).order_by("asked_at", "pk")
    planned = PlanItem.objects.visible_to(user).open().of_owner(user).order_by("due_on", "pk")
    said = Drafts.objects.to_be_answered_by(user).annotate(shown=in_my_language("version__title"))
    return [
        told(invited, "invited", "community__name", "community__slug", F("since")),
        *of_meetings(user),
        *of_consultations(user),
        told(held, "mend", "heading", "pk", F("decided_at"), F("reason")),
        told(asked, "consent", "offer__topic__title", "pk", F("asked_at")),
        told(adapted, "adapted", "item__published__title", "pk", F("asked_at")),
        told(said, "comments", "shown", "pk", F("waits_since"), Cast(F("waiting"), TextField())),
        told(planned, "plan", "what", "authority_id", F("created_at")),
        told(returned, "returned", "title", "item__slug", F("decided_at"), F("reason")),
    ]


def of_meetings(user: Any) -> list[QuerySet]:
    """Meetings I facilitate that begin, run, or are over and not closed; minutes to remark on; drafts to send."""
    led = Community.objects.facilitated_by(user).current()
    begun = Meeting.objects.planned().filter(community__in=led, starts_at__lte=timezone.now() + EARLY)
    remarks = Minutes.objects.for_remarks_of(user).order_by("approves_at", "pk")
    drafts = Minutes.objects.filter(state=MinutesState.DRAFT, community__in=led).order_by("created_at", "pk")
    return [
        told(begun.latest_first(), "run", "title", "pk", F("starts_at")),
        told(remarks, "remark", "meeting__title", "meeting_id", F("sent_at")),
        told(drafts, "send", "meeting__title", "meeting_id", F("created_at")),
    ]


def of_consultations(user: Any) -> list[QuerySet]:
    """Colleagues who ask me personally; what came of what I tried; what I take from advice that I called enough."""
    asked = PeerRequest.objects.waiting_for(user).order_by("asked_at", "pk")
    mine = Consultation.objects.filter(
        topic__author=user, topic__community__in=Community.objects.joined_by(user)
    )
    due = mine.due_for_outcome(timezone.localdate()).order_by("outcome_due_on", "pk")
    taking = mine.filter(stage=Stage.TAKING, topic__hidden_at__isnull=True).order_by("moved_at", "pk")
    title, key = "topic__title", "topic_id"
    return [
        told(asked, "advise", f"consultation__{title}", f"consultation__{key}", F("asked_at"), F("line")),
        told(due, "outcome", title, key, F("moved_at")),
        told(taking, "take", title, key, F("moved_at")),
    ]


def in_my_language(field: str) -> Coalesce:
    """A text in the reader's language, in Hebrew where there is none."""
    code = (get_language() or "he")[:2]
    return Coalesce(NullIf(F(f"{field}_{code}"), Value("", TextField())), F(f"{field}_he"))


def told(rows: QuerySet, sort: str, title: str, key: str, since: Any, note: Any = None) -> QuerySet:
    """The rows as duties: every sort in the same five columns."""
    columns = {
        "duty_sort": Value(sort, TextField()),
        "duty_title": Cast(F(title), TextField()),
        "duty_key": Cast(F(key), TextField()),
        "duty_since": since,
        "duty_note": note or Value("", TextField()),
    }
    return rows.annotate(**columns).values_list(*columns)


def my_tasks(user: Any) -> list[Task]:
    """Open ones, the most urgent first, and those done just now."""
    found = tasks_of(user)
    for task in found:
        task.is_late = task.is_overdue()
    return sorted(found, key=lambda task: task.done_at is not None)


@ready
def tasks_of(user: Any) -> QuerySet:
    lately = timezone.now() - UNDO
    tasks = Task.objects.visible_to(user).of_owner(user).in_force()
    tasks = tasks.filter(Q(done_at__isnull=True) | Q(done_at__gt=lately, done_by=user))
    return tasks.select_related("meeting").soonest_first()[:MOST_TASKS]
