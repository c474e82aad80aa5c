"""Minutes of a meeting and what came out of it: decisions and tasks."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from communities.enums import MinutesState, ParagraphKind
from communities.models.community import Community
from communities.models.meeting import AgendaItem, Invitee, Meeting
from munistem.commons.files.models import StoredFile
from munistem.commons.search.models import Searchable, SearchableQuerySet


def _attended_by(user):
    """Meetings at which a person (or the substitute) was."""
    return Invitee.objects.filter(person_id=user.pk, attended=True).values("meeting")


class MinutesQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Approved ones: members of the community; sent ones: who was there; drafts: who facilitates; admins all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(
            Q(community__in=Community.objects.facilitated_by(user))
            | Q(state=MinutesState.APPROVED, community__in=Community.objects.joined_by(user))
            | Q(
                state=MinutesState.SENT,
                community__in=Community.objects.joined_by(user),
                meeting__in=_attended_by(user),
            )
        )

    def approved(self):
        return self.filter(state=MinutesState.APPROVED)

    def open(self):
        """Drafts, and those that wait for remarks."""
        return self.exclude(state=MinutesState.APPROVED)

    def due(self, now: datetime):
        """Those that silence approves: their days are over and no remark waits for an answer."""
        unanswered = Remark.objects.waiting().filter(paragraph__minutes=OuterRef("pk"))
        return self.filter(~Exists(unanswered), state=MinutesState.SENT, approves_at__lte=now)

    def for_remarks_of(self, user, now: datetime | None = None):
        """Sent ones on which this person, who was there, may still say something and has not."""
        mine = Remark.objects.filter(paragraph__minutes=OuterRef("pk"), author_id=user.pk)
        sent = self.filter(state=MinutesState.SENT, approves_at__gt=now or timezone.now())
        joined = Community.objects.joined_by(user)
        return sent.filter(
            ~Exists(mine), ~Q(sent_by_id=user.pk), meeting__in=_attended_by(user), community__in=joined
        )

    def without_index(self):
        return self.defer("search_vector", "search_title")

    def latest_first(self):
        return self.order_by("-meeting__starts_at", "-pk")


class Minutes(Searchable):
    """What is kept of a meeting. Approved it is never changed: a correction is a row of its own."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="minutes")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="records")
    correction_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    state = models.TextField(choices=MinutesState, default=MinutesState.DRAFT)
    number = models.PositiveIntegerField(null=True, blank=True, help_text="within the community")
    recording_url = models.TextField(blank=True)
    people_count = models.PositiveIntegerField(default=0)
    organisation_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="minutes_written")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="minutes_sent"
    )
    approves_at = models.DateTimeField(null=True, blank=True, help_text="silence approves then")
    approved_at = models.DateTimeField(null=True, blank=True)
    fingerprint = models.TextField(blank=True, help_text="SHA-256 of what was approved")

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "minutes"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MinutesState.values), name="minutes_state_is_known"),
            models.UniqueConstraint(fields=["community", "number"], name="minutes_number_is_given_once"),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(correction_of__isnull=True), name="one_first_minutes"
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=~Q(state=MinutesState.APPROVED), name="one_open_minutes"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=MinutesState.DRAFT,
                    sent_at__isnull=True,
                    sent_by__isnull=True,
                    approves_at__isnull=True,
                )
                | (
                    ~Q(state=MinutesState.DRAFT)
                    & Q(sent_at__isnull=False, sent_by__isnull=False, approves_at__isnull=False)
                ),
                name="minutes_sending_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=MinutesState.APPROVED, approved_at__isnull=False, number__isnull=False)
                    & ~Q(fingerprint="")
                )
                | (
                    ~Q(state=MinutesState.APPROVED)
                    & Q(approved_at__isnull=True, number__isnull=True, fingerprint="")
                ),
                name="approved_minutes_are_numbered",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(approved_at__gte=F("approves_at")),
                name="minutes_wait_for_their_days",
            ),
        ]
        indexes = [
            models.Index(
                fields=["approves_at"], condition=Q(state=MinutesState.SENT), name="minutes_to_approve"
            ),
            Searchable.search_index("minutes_search"),
        ]

    def __str__(self):
        return f"{self.meeting} ({self.number or self.state})"

    def get_absolute_url(self):
        return reverse("show_minutes", args=[self.meeting_id])

    @property
    def is_approved(self) -> bool:
        return self.state == MinutesState.APPROVED

    def search_heading(self) -> str:
        return self.meeting.title

    def search_texts(self):
        yield self.meeting.title, "A"
        for heading, body in self.paragraphs.in_order().values_list("heading", "body"):
            yield heading, "B"
            yield body, "C"


class ParagraphQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by("position", "pk")


class Paragraph(models.Model):
    """A part of the minutes on which those who were there may remark."""

    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="paragraphs")
    kind = models.TextField(choices=ParagraphKind, default=ParagraphKind.TEXT)
    position = models.PositiveIntegerField()
    heading = models.TextField(blank=True, help_text="of text only: the other kinds have words of their own")
    body = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="since the minutes were composed")

    objects = ParagraphQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["minutes", "position"], name="one_paragraph_per_place"),
            models.CheckConstraint(
                condition=Q(kind__in=ParagraphKind.values), name="paragraph_kind_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.minutes_id}.{self.position}"


class RemarkQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(answered_at__isnull=True)

    def in_order(self):
        return self.order_by("created_at", "pk")


class Remark(models.Model):
    """What somebody who was there says on a paragraph before it is approved."""

    paragraph = models.ForeignKey(Paragraph, models.CASCADE, related_name="remarks")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="minutes_remarks")
    body = models.TextField()
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    created_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True)
    is_taken_in = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="remarks_answered"
    )

    objects = RemarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="remark_says_something"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, is_taken_in=False, answer="")
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False)
                    & (Q(is_taken_in=True) | ~Q(answer=""))
                ),
                name="remark_answer_has_time_person_words",
            ),
        ]

    def __str__(self):
        return f"{self.author_id} on {self.paragraph_id}"


class MinutesFile(models.Model):
    """Slides and other papers of a meeting; their readers are the minutes'."""

    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="files")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="minutes_file")
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self):
        return self.file.name


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
            | joined & Q(meeting__in=_attended_by(user))
            | self.also_visible_to(user)
        )

    def also_visible_to(self, user) -> Q:
        return Q(pk__in=[])

    def of_meeting(self, meeting):
        return self.filter(meeting=meeting).order_by("pk")


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

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="decision_says_something"),
            models.UniqueConstraint(fields=["community", "number"], name="decision_number_is_given_once"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, number__isnull=True)
                | Q(approved_at__isnull=False, number__isnull=False),
                name="approved_decision_is_numbered",
            ),
        ]
        indexes = [
            models.Index("community", F("decided_on").desc(), name="decisions_of_community"),
            Searchable.search_index("decision_search"),
        ]

    def __str__(self):
        return self.text[:80]

    def get_absolute_url(self):
        return f"{reverse('show_minutes', args=[self.meeting_id])}#decision-{self.pk}"

    def search_heading(self) -> str:
        return self.text

    def search_texts(self):
        return [(self.text, "A"), (self.meeting.title, "C")]


class TaskQuerySet(OutcomeQuerySet):
    def also_visible_to(self, user) -> Q:
        """Owners see their own as long as they act in the network."""
        return Q(owner_id=user.pk) if user.is_in_network else Q(pk__in=[])

    def open(self):
        return self.filter(done_at__isnull=True)

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
        if self.done_at or self.due_on is None:
            return False
        return self.due_on < (today or timezone.localdate())
