"""Meetings: when and where, who comes, what is on the agenda. Moments are kept in UTC and shown as in Jerusalem."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from communities.enums import (
    Coming,
    MeetingForm,
    MeetingKind,
    MeetingState,
    Recurrence,
    Vote,
)
from communities.models.community import Community, Membership


class SeriesQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of communities that one may read."""
        if user.is_authenticated and user.is_staff:
            return self
        return self.filter(community__in=Community.objects.readable_by(user))


class Series(models.Model):
    """Meetings of a community that follow each other; several are planned at once, or the next from the last."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="series")
    rhythm = models.TextField(choices=Recurrence, default=Recurrence.MONTHLY)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="series_ended"
    )

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.CheckConstraint(condition=Q(rhythm__in=Recurrence.values), name="series_rhythm_is_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="series_end_has_time_and_person",
            ),
        ]

    def __str__(self):
        return f"{self.community} ({self.rhythm})"

    def get_absolute_url(self):
        return reverse("show_series", args=[self.pk])


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Meetings of communities one may read; drafts are seen by those who facilitate, and by admins."""
        if user.is_authenticated and user.is_staff:
            return self
        readable = self.filter(community__in=Community.objects.readable_by(user))
        if not user.is_authenticated:
            return readable.exclude(state=MeetingState.DRAFT)
        return readable.filter(
            ~Q(state=MeetingState.DRAFT) | Q(community__in=Community.objects.facilitated_by(user))
        )

    def of_my_communities(self, user):
        """Meetings a person could be invited to: of the communities in which the person is a member."""
        return self.filter(community__in=Community.objects.joined_by(user))

    def without_those_declined_by(self, user):
        """Leave out what the person has answered with no."""
        no = Invitee.objects.filter(meeting=OuterRef("pk"), person_id=user.pk, answer=Coming.NO)
        return self.filter(~Exists(no))

    def planned(self):
        return self.filter(state=MeetingState.PLANNED)

    def fixed(self):
        """Those that have a date and take place or took place."""
        return self.filter(state__in=[MeetingState.PLANNED, MeetingState.CLOSED])

    def upcoming(self, now: datetime | None = None):
        """Planned and not over yet."""
        return self.planned().filter(ends_at__gt=now or timezone.now())

    def over(self, now: datetime | None = None):
        """Held: planned ones whose end is past, and all that are closed."""
        return self.fixed().filter(Q(state=MeetingState.CLOSED) | Q(ends_at__lte=now or timezone.now()))

    def between(self, start: datetime, end: datetime):
        """Those that take up some of the time from start to end."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def soonest_first(self):
        return self.order_by("starts_at", "pk")

    def latest_first(self):
        return self.order_by("-starts_at", "-pk")

    def with_answers(self):
        """Annotate ``coming_count`` and ``silent_count``."""
        is_coming = Q(invitees__answer__in=Invitee.PRESENT, invitees__waiting_since__isnull=True)
        return self.annotate(
            coming_count=Count("invitees", filter=is_coming),
            silent_count=Count("invitees", filter=Q(invitees__answer=Coming.SILENT)),
        )


class Meeting(models.Model):
    """One gathering of a community: proposed by a facilitator, perhaps by a vote on dates, held, and closed with minutes."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="meetings")
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="meetings")
    kind = models.TextField(choices=MeetingKind, default=MeetingKind.WORK)
    state = models.TextField(choices=MeetingState, default=MeetingState.DRAFT)
    title = models.TextField()
    purpose = models.TextField(blank=True)
    form = models.TextField(choices=MeetingForm, default=MeetingForm.IN_PERSON)
    place = models.TextField(blank=True)
    link = models.TextField(blank=True, help_text="address of the online room; members only")
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="seats; without it all may come")
    minutes_long = models.PositiveIntegerField(default=90)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    proposals_until = models.DateTimeField(
        null=True, blank=True, help_text="members propose agenda items until then"
    )
    uid = models.UUIDField(unique=True, default=uuid4, editable=False, help_text="of the calendar entry")
    sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="of the calendar entry, raised by each change"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="meetings_created")
    invited_at = models.DateTimeField(null=True, blank=True)
    reminded_days_at = models.DateTimeField(null=True, blank=True, help_text="the reminder three days before")
    reminded_hours_at = models.DateTimeField(null=True, blank=True, help_text="the reminder two hours before")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="meetings_closed"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="meetings_cancelled"
    )
    cancelled_reason = models.TextField(blank=True)

    objects = MeetingQuerySet.as_manager()
    #: Its minutes, as far as a list has looked for those that the reader may read.
    record = None

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="meeting_has_title"),
            models.CheckConstraint(condition=Q(kind__in=MeetingKind.values), name="meeting_kind_is_known"),
            models.CheckConstraint(condition=Q(form__in=MeetingForm.values), name="meeting_form_is_known"),
            models.CheckConstraint(condition=Q(state__in=MeetingState.values), name="meeting_state_is_known"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[MeetingState.PLANNED, MeetingState.CLOSED])
                | Q(starts_at__isnull=False),
                name="fixed_meeting_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gt=0), name="meeting_has_seats"
            ),
            models.CheckConstraint(
                condition=Q(state=MeetingState.CLOSED, closed_at__isnull=False, closed_by__isnull=False)
                | (~Q(state=MeetingState.CLOSED) & Q(closed_at__isnull=True, closed_by__isnull=True)),
                name="meeting_closing_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=MeetingState.CANCELLED, cancelled_at__isnull=False, cancelled_by__isnull=False
                )
                & ~Q(cancelled_reason="")
                | (
                    ~Q(state=MeetingState.CANCELLED)
                    & Q(cancelled_at__isnull=True, cancelled_by__isnull=True, cancelled_reason="")
                ),
                name="meeting_cancelling_has_time_person_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["community", "starts_at"], name="meetings_of_community"),
            models.Index(
                fields=["starts_at"], condition=Q(state=MeetingState.PLANNED), name="planned_meetings"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("show_meeting", args=[self.pk])

    @property
    def is_planned(self) -> bool:
        return self.state == MeetingState.PLANNED

    @property
    def is_over(self) -> bool:
        """Whether the end is past; such a meeting is no longer answered or changed, but closed with minutes."""
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_online(self) -> bool:
        return self.form != MeetingForm.IN_PERSON

    @property
    def is_in_person(self) -> bool:
        return self.form != MeetingForm.ONLINE

    @property
    def seat_takers(self) -> set[str]:
        """Answers that take one of the seats; who joins a mixed meeting online takes none."""
        seated = {Coming.COMING.value, Coming.SUBSTITUTE.value}
        return seated if self.is_in_person else seated | {Coming.ONLINE.value}

    def takes_proposals(self, now: datetime | None = None) -> bool:
        """Whether members may still propose what to talk about."""
        if self.state not in {MeetingState.POLL, MeetingState.PLANNED} or self.is_over:
            return False
        return self.proposals_until is None or self.proposals_until > (now or timezone.now())


class InviteeQuerySet(models.QuerySet):
    def present(self):
        """Those who said they (or a substitute) take part and have a seat."""
        return self.filter(answer__in=Invitee.PRESENT, waiting_since__isnull=True)

    def seated(self, meeting):
        return self.filter(meeting=meeting, answer__in=list(meeting.seat_takers), waiting_since__isnull=True)

    def waiting(self):
        """The waiting list, who has waited longest first."""
        return self.filter(waiting_since__isnull=False).order_by("waiting_since", "pk")

    def silent(self):
        return self.filter(answer=Coming.SILENT)

    def of_members(self):
        """Without people who left the community or the network meanwhile."""
        member = Membership.objects.present().filter(
            community=OuterRef("meeting__community"), person=OuterRef("person")
        )
        return self.filter(Exists(member))

    def by_name(self):
        return self.order_by("person__name", "pk")


class Invitee(models.Model):
    """One person and one meeting: invited, answered, came."""

    PRESENT = (Coming.COMING, Coming.ONLINE, Coming.SUBSTITUTE)

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitees")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="meeting_invitations")
    answer = models.TextField(choices=Coming, default=Coming.SILENT)
    substitute_name = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(
        null=True, blank=True, help_text="said yes, but all seats were taken; moves up by itself"
    )
    attended = models.BooleanField(null=True, blank=True, help_text="as checked at or after the meeting")

    objects = InviteeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="one_invitation_per_person"),
            models.CheckConstraint(condition=Q(answer__in=Coming.values), name="meeting_answer_is_known"),
            models.CheckConstraint(
                condition=Q(answer=Coming.SILENT, answered_at__isnull=True)
                | (~Q(answer=Coming.SILENT) & Q(answered_at__isnull=False)),
                name="meeting_answer_has_time",
            ),
            models.CheckConstraint(
                condition=Q(waiting_since__isnull=True) | ~Q(answer__in=[Coming.SILENT, Coming.NO]),
                name="only_who_comes_waits",
            ),
        ]
        indexes = [models.Index(fields=["person", "answer"], name="invitations_of_person")]

    def __str__(self):
        return f"{self.person_id} → {self.meeting_id}: {self.answer}"

    @property
    def is_coming(self) -> bool:
        """Has a seat, or joins online, in person or by a substitute."""
        return self.answer in self.PRESENT and self.waiting_since is None


class DateOption(models.Model):
    """A date that is asked about before the meeting is fixed."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="options")
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "starts_at"], name="each_date_is_asked_once")
        ]

    def __str__(self):
        return f"{self.meeting_id} {self.starts_at:%Y-%m-%d %H:%M}"


class DateVote(models.Model):
    """How one date suits one person."""

    option = models.ForeignKey(DateOption, models.CASCADE, related_name="votes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="date_votes")
    vote = models.TextField(choices=Vote)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["option", "person"], name="one_vote_per_date_and_person"),
            models.CheckConstraint(condition=Q(vote__in=Vote.values), name="date_vote_is_known"),
        ]

    def __str__(self):
        return f"{self.person_id} {self.vote}"


class CalendarFeed(models.Model):
    """A person's secret address from which calendar programs read; a new token makes the old address void."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    token = models.TextField(unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(token=""), name="calendar_feed_has_token")]

    def __str__(self):
        return f"calendar of {self.person_id}"
