"""Minutes of a meeting: paragraphs, remarks, files."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from communities.enums import MinutesState, ParagraphKind
from communities.models.community import Community
from communities.models.meeting import Invitee, Meeting
from munistem.commons.files.models import StoredFile
from munistem.commons.search.models import Searchable, SearchableQuerySet


def attended_by(user):
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
                meeting__in=attended_by(user),
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
            ~Exists(mine), ~Q(sent_by_id=user.pk), meeting__in=attended_by(user), community__in=joined
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
    search_at = "created_at"
    search_language = "community__language"

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
