"""What those who lead a community look at: who takes part, who is silent, who is new; and how newcomers are greeted."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, Greatest
from django.utils import timezone

from communities.enums import TopicKind
from communities.models.agenda import AgendaItem
from communities.models.community import Community, Membership, MembershipQuerySet
from communities.models.meeting import Invitee, MeetingQuerySet
from communities.models.minutes import Minutes
from communities.models.outcome import Task, TaskQuerySet
from communities.models.topic import Helpful, Post, PostQuerySet, TopicQuerySet
from munistem.commons.enums import Language
from munistem.commons.reports.models import Report


class GreetingText(models.Model):
    """The words with which a community greets newcomers of one language, kept from one greeting to the next."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="greeting_texts")
    language = models.TextField(choices=Language)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "language"], name="one_greeting_text_per_community_and_language"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="greeting_text_says_something"),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="greeting_text_language_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.community} ({self.language})"


class Greeting(models.Model):
    """A newcomer was greeted; once for each membership, whoever facilitates."""

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="greeting")
    text = models.TextField()
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="greetings_sent")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="greeting_says_something")]

    def __str__(self):
        return f"{self.membership_id} {self.sent_at:%F}"


class Note(models.Model):
    """A few personal words to a member who has gone silent."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="notes")
    text = models.TextField()
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notes_sent")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_says_something")]

    def __str__(self):
        return f"{self.membership_id} {self.sent_at:%F}"


class Nudge(models.Model):
    """A facilitator asked the owner of a task how it goes."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="nudges")
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="nudges_sent")

    def __str__(self):
        return f"{self.task_id} {self.sent_at:%F}"


class Median(Aggregate):
    """The middle of durations, as Postgres interpolates it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def with_last_deed(members: MembershipQuerySet) -> MembershipQuerySet:
    """Annotate ``last_deed_at``: when the member last wrote, answered a meeting, proposed an item or marked something helpful here."""
    here, person = OuterRef("community"), OuterRef("person")
    wrote = Post.objects.filter(topic__community=here, author=person)
    answered = Invitee.objects.filter(meeting__community=here, person=person, answered_at__isnull=False)
    proposed = AgendaItem.objects.filter(meeting__community=here, proposed_by=person)
    thanked = Helpful.objects.filter(post__topic__community=here, person=person)
    return members.annotate(
        last_deed_at=Greatest(
            _latest(wrote, "created_at"),
            _latest(answered, "answered_at"),
            _latest(proposed, "created_at"),
            _latest(thanked, "marked_at"),
        )
    )


def _latest(rows: models.QuerySet, moment: str) -> Subquery:
    return Subquery(rows.order_by(f"-{moment}").values(moment)[:1])


def count_active(members: MembershipQuerySet, since: datetime) -> dict[str, int]:
    """How many members there are (``everyone``), and how many did something since (``active``); one query."""
    did = Count("pk", filter=Q(last_deed_at__gte=since))
    return with_last_deed(members).aggregate(everyone=Count("pk"), active=did)


def silent_since(members: MembershipQuerySet, moment: datetime) -> MembershipQuerySet:
    """Members of longer standing who have done nothing since, the longest silent first."""
    quiet = Q(last_deed_at__isnull=True) | Q(last_deed_at__lt=moment)
    rows = with_last_deed(members).filter(quiet, since__lt=moment)
    return rows.order_by(Coalesce("last_deed_at", "since"), "pk")


def written_to(members: MembershipQuerySet) -> MembershipQuerySet:
    """Annotate ``written_at``: when somebody last wrote them a personal note or greeted them."""
    wrote = _latest(Note.objects.filter(membership=OuterRef("pk")), "sent_at")
    greeted = _latest(Greeting.objects.filter(membership=OuterRef("pk")), "sent_at")
    return members.annotate(written_at=Greatest(wrote, greeted))


def with_last_nudge(tasks: TaskQuerySet) -> TaskQuerySet:
    """Annotate ``nudged_at``: when its owner was last asked how it goes."""
    return tasks.annotate(nudged_at=_latest(Nudge.objects.filter(task=OuterRef("pk")), "sent_at"))


def to_greet(members: MembershipQuerySet, since: datetime) -> MembershipQuerySet:
    """Those who came since and were not greeted yet, the longest waiting first; who facilitates needs no greeting."""
    greeted = Greeting.objects.filter(membership=OuterRef("pk"))
    rows = members.filter(~Exists(greeted), is_facilitator=False, since__gte=since)
    return rows.order_by("since", "pk")


def answered(topics: TopicQuerySet) -> TopicQuerySet:
    """Questions and calls for help that somebody else answered; annotate ``waited``: until the first answer."""
    answers = Post.objects.shown().filter(topic=OuterRef("pk")).exclude(author=OuterRef("author"))
    asked = topics.shown().filter(kind__in=[TopicKind.QUESTION, TopicKind.HELP])
    rows = asked.annotate(answered_at=Subquery(answers.order_by("number").values("created_at")[:1]))
    waited = ExpressionWrapper(F("answered_at") - F("created_at"), output_field=DurationField())
    return rows.filter(answered_at__isnull=False).annotate(waited=waited)


def first_answers(topics: TopicQuerySet) -> dict[str, int | timedelta | None]:
    """``median`` time until somebody else answered, and how many questions were answered (``count``)."""
    return answered(topics).aggregate(median=Median("waited"), count=Count("pk"))


def figures(members: MembershipQuerySet, since: datetime, topics: TopicQuerySet) -> dict[str, Any]:
    """What ``count_active`` and ``first_answers`` tell, in one query: everyone, active, median, count."""
    alone = answered(topics).order_by().annotate(all=Value(1)).values("all")
    median = alone.annotate(median=Median("waited")).values("median")
    count = alone.annotate(count=Count("pk")).values("count")
    told = with_last_deed(members).aggregate(
        everyone=Count("pk"),
        active=Count("pk", filter=Q(last_deed_at__gte=since)),
        median=Max(Subquery(median)),
        count=Max(Subquery(count)),
    )
    return {**told, "count": told["count"] or 0}


def reported(posts: PostQuerySet) -> PostQuerySet:
    """Those that readers asked to look at and nobody has decided on."""
    subject = Concat(Value("communities.post:"), Cast(OuterRef("pk"), models.TextField()))
    return posts.filter(Exists(Report.objects.waiting().filter(subject=subject)))


def without_approved_minutes(meetings: MeetingQuerySet) -> MeetingQuerySet:
    """Annotate ``has_minutes``: whether some have been begun."""
    kept = Minutes.objects.filter(meeting=OuterRef("pk"))
    return meetings.filter(~Exists(kept.approved())).annotate(has_minutes=Exists(kept))
