"""Peer consultations: one person's case, questions about it, advice, what was taken from it and what came of it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.enums import Part, Stage
from communities.models.community import Community
from communities.models.topic import Post, Topic

#: Nobody is asked personally more often than once in this time, whatever the community.
REST = timedelta(days=30)
#: Stages in which colleagues are waited for.
OPEN = (Stage.QUESTIONS, Stage.ADVICE)


class ConsultationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Consultations are seen with their topics."""
        return self.filter(topic__in=Topic.objects.visible_to(user))

    def open(self):
        """Those that wait for colleagues and can be written in."""
        writable = Q(topic__hidden_at__isnull=True, topic__locked_at__isnull=True)
        return self.filter(writable, stage__in=OPEN, topic__community__archived_at__isnull=True)

    def without_advice_since(self, moment: datetime):
        """Open ones, begun before then, in which nobody but who asked has advised yet."""
        advice = Contribution.objects.filter(post__topic=OuterRef("topic"), part=Part.ADVICE)
        advice = advice.filter(post__hidden_at__isnull=True).exclude(post__author=OuterRef("topic__author"))
        return self.open().filter(~Exists(advice), topic__created_at__lte=moment)

    def due_for_outcome(self, day):
        """Those whose two months are over and of which nothing was told yet."""
        shown = Q(topic__hidden_at__isnull=True, topic__community__archived_at__isnull=True)
        return self.filter(shown, stage=Stage.OUTCOME, outcome_due_on__lte=day)


class Consultation(models.Model):
    """The case of a topic of that kind, and where its consultation stands; who asked moves it on."""

    topic = models.OneToOneField(Topic, models.CASCADE, related_name="consultation")
    stage = models.TextField(choices=Stage, default=Stage.QUESTIONS)
    context = models.TextField(help_text="the question itself is the topic's title")
    tried = models.TextField(blank=True)
    would_help = models.TextField(blank=True)
    moved_at = models.DateTimeField(default=timezone.now, help_text="when the present stage began")
    outcome_due_on = models.DateField(null=True, blank=True)
    outcome_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="the one reminder, sent or dropped"
    )

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("peer consultation")
        verbose_name_plural = _("peer consultations")
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="consultation_stage_is_known"),
            models.CheckConstraint(condition=~Q(context=""), name="consultation_has_context"),
            models.CheckConstraint(
                condition=~Q(stage=Stage.OUTCOME) | Q(outcome_due_on__isnull=False),
                name="consultation_being_tried_has_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["outcome_due_on"], condition=Q(stage=Stage.OUTCOME), name="consultation_outcomes"
            )
        ]

    def __str__(self):
        return str(self.topic)

    def get_absolute_url(self):
        return self.topic.get_absolute_url()

    @property
    def is_open(self) -> bool:
        """Whether colleagues are waited for."""
        return self.stage in OPEN

    @property
    def is_done(self) -> bool:
        return self.stage == Stage.DONE


class Contribution(models.Model):
    """Where a post stands in its consultation, and which question it answers."""

    post = models.OneToOneField(Post, models.CASCADE, related_name="contribution")
    part = models.TextField(choices=Part)
    answers = models.ForeignKey(Post, models.CASCADE, null=True, blank=True, related_name="answered_by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(part__in=Part.values), name="contribution_part_is_known"),
            models.CheckConstraint(
                condition=Q(answers__isnull=True) | Q(part=Part.QUESTION), name="only_questions_are_answered"
            ),
        ]

    def __str__(self):
        return f"{self.post_id} {self.part}"


class PeerRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; those of the consultations one asked for; facilitators those of their communities, admins all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        own = Q(person_id=user.pk) | Q(consultation__topic__author_id=user.pk)
        if user.is_in_network:
            own |= Q(consultation__topic__community__in=Community.objects.facilitated_by(user))
        return self.filter(own, consultation__in=Consultation.objects.visible_to(user))

    def waiting_for(self, user):
        """Requests to this person that wait: neither put off nor answered, in consultations still open."""
        wrote = Post.objects.shown().filter(topic=OuterRef("consultation__topic"), author_id=user.pk)
        mine = self.visible_to(user).filter(person_id=user.pk, put_off_at__isnull=True)
        return mine.filter(~Exists(wrote), consultation__in=Consultation.objects.open())

    def with_answered(self):
        """Annotate ``has_answered``: whether the person wrote in the consultation."""
        wrote = Post.objects.shown().filter(topic=OuterRef("consultation__topic"), author=OuterRef("person"))
        return self.annotate(has_answered=Exists(wrote))


class PeerRequest(models.Model):
    """A colleague was asked personally for advice; that they put it off is told to nobody."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="requests")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="peer_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="peer_requests_made")
    asked_at = models.DateTimeField()
    rests_until = models.DateTimeField(help_text="before then the person is asked by nobody else")
    line = models.TextField(blank=True, help_text="a few personal words")
    reasons = models.JSONField(default=list, help_text="why just this person, as codes")
    put_off_at = models.DateTimeField(null=True, blank=True, help_text="not now; seen by the person alone")

    objects = PeerRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "person"], name="each_peer_is_asked_once"),
            models.CheckConstraint(  # a day less, for clocks that are put forward
                condition=Q(rests_until__gt=F("asked_at") + REST - timedelta(days=1)),
                name="asking_rests_a_month",
            ),
            ExclusionConstraint(
                name="nobody_is_asked_twice_a_month",
                expressions=[
                    (Func("person", "person", Value("[]"), function="int8range"), "&&"),
                    (
                        Func(
                            "asked_at", "rests_until", function="tstzrange", output_field=DateTimeRangeField()
                        ),
                        "&&",
                    ),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.consultation_id} → {self.person_id}"
