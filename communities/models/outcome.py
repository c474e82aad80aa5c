"""What came out of a meeting: decisions and tasks."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from communities.models.agenda import AgendaItem
from communities.models.community import Community
from communities.models.meeting import Meeting
from communities.models.minutes import Minutes, attended_by
from munistem.commons.search.models import Searchable, SearchableQuerySet


class OutcomeQuerySet(SearchableQuerySet):
    """Of what came out of a meeting and is told to members once its minutes are approved."""

    def visible_to(self, user):
        """Of approved minutes: members; before: who was there and who facilitates; admins all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        joined = Q(community__in=Community.objects.joined_by(user))
        return self.filter(
            Q(community__in=Community.objects.facilitated_by(user))
            | joined & Q(approved_at__isnull=False)
            | joined & Q(meeting__in=attended_by(user))
            | self.also_visible_to(user)
        )

    def also_visible_to(self, user) -> Q:
        return Q(pk__in=[])

    def of_meeting(self, meeting):
        return self.filter(meeting=meeting).order_by("pk")

    def in_force(self):
        """Without what a correction of the minutes took back."""
        return self.filter(dropped_at__isnull=True)

    def told_by(self, minutes: Minutes):
        """What these minutes say: of the meeting, as they and the minutes before them left it."""
        return self.shown_in(minutes).filter(Q(dropped_in__isnull=True) | Q(dropped_in__gt=minutes.pk))

    def shown_in(self, minutes: Minutes):
        """What these minutes say and, to be marked so, what they take back."""
        rows = self.of_meeting(minutes.meeting_id)
        rows = rows.filter(Q(correction__isnull=True) | Q(correction__lte=minutes.pk))
        return rows.filter(Q(dropped_in__isnull=True) | Q(dropped_in__gte=minutes.pk))


class DecisionQuerySet(OutcomeQuerySet):
    def approved(self):
        return self.filter(approved_at__isnull=False)

    def without_index(self):
        return self.defer("search_vector", "search_title")

    def latest_first(self):
        return self.order_by("-decided_on", "-pk")


class Decision(Searchable):
    """One line that a community decided; numbered when the minutes are approved."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="decisions")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions")
    item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, blank=True, related_name="decisions")
    text = models.TextField()
    number = models.PositiveIntegerField(null=True, blank=True, help_text="within the community")
    decided_on = models.DateField()
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions_noted")
    approved_at = models.DateTimeField(null=True, blank=True)
    correction = models.ForeignKey(
        Minutes,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions_added",
        help_text="that added it",
    )
    dropped_in = models.ForeignKey(
        Minutes,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions_dropped",
        help_text="the correction that takes it back",
    )
    dropped_at = models.DateTimeField(null=True, blank=True, help_text="when that correction was approved")

    objects = DecisionQuerySet.as_manager()
    search_at = "decided_on"
    search_language = "community__language"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="decision_says_something"),
            models.UniqueConstraint(fields=["community", "number"], name="decision_number_is_given_once"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, number__isnull=True)
                | Q(approved_at__isnull=False, number__isnull=False),
                name="approved_decision_is_numbered",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | Q(dropped_in__isnull=False),
                name="decision_is_taken_back_by_minutes",
            ),
        ]
        indexes = [
            models.Index("community", F("decided_on").desc(), name="decisions_of_community"),
            Searchable.search_index("decision_search"),
        ]

    def __str__(self):
        return self.text[:80]

    def get_absolute_url(self):
        """In the minutes that first told it, where it stands with its mark when it was taken back."""
        return f"{reverse('show_minutes', args=[self.meeting_id])}#decision-{self.pk}"

    def search_heading(self) -> str:
        return " ".join(self.text.split())

    def search_texts(self):
        return [(self.text, "A"), (self.meeting.title, "C")]


class TaskQuerySet(OutcomeQuerySet):
    def also_visible_to(self, user) -> Q:
        """Owners see their own as long as they act in the network."""
        return Q(owner_id=user.pk) if user.is_in_network else Q(pk__in=[])

    def open(self):
        """Not done, and not taken back by a correction."""
        return self.filter(done_at__isnull=True, dropped_at__isnull=True)

    def of_owner(self, user):
        return self.filter(owner_id=user.pk)

    def left_for(self, meeting: Meeting):
        """What earlier meetings of the community gave to do and is not done: it opens this one."""
        tasks = self.open().filter(community=meeting.community_id).exclude(meeting=meeting)
        if meeting.starts_at:
            tasks = tasks.filter(meeting__starts_at__lt=meeting.starts_at)
        return tasks.soonest_first()

    def soonest_first(self):
        return self.order_by(F("due_on").asc(nulls_last=True), "pk")


class Task(models.Model):
    """One line that one person took on at a meeting."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="tasks")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="tasks")
    item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, blank=True, related_name="tasks")
    text = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks")
    due_on = models.DateField(null=True, blank=True)
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks_given")
    approved_at = models.DateTimeField(null=True, blank=True)
    correction = models.ForeignKey(
        Minutes, models.PROTECT, null=True, blank=True, related_name="tasks_added", help_text="that added it"
    )
    dropped_in = models.ForeignKey(
        Minutes,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks_dropped",
        help_text="the correction that takes it back",
    )
    dropped_at = models.DateTimeField(null=True, blank=True, help_text="when that correction was approved")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tasks_done"
    )
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="on the day it was due")

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="task_says_something"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_end_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | Q(dropped_in__isnull=False),
                name="task_is_taken_back_by_minutes",
            ),
        ]
        indexes = [
            models.Index(fields=["owner"], condition=Q(done_at__isnull=True), name="open_tasks_of_owner"),
            models.Index(
                fields=["due_on"],
                condition=Q(done_at__isnull=True, reminded_at__isnull=True),
                name="tasks_to_remind_of",
            ),
        ]

    def __str__(self):
        return self.text[:80]

    def is_overdue(self, today: date | None = None) -> bool:
        if self.done_at or self.dropped_at or self.due_on is None:
            return False
        return self.due_on < (today or timezone.localdate())
