from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, Func, Min, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from munistem.commons.enums import Language
from munistem.commons.reports.models import Report
from policy.enums import Outcome
from policy.models.recommendation import Recommendation, Roundtable
from policy.models.version import RecommendationVersion

#: How a report names a comment.
REPORTED = "policy.consultationcomment:"
#: So many days before it closes the network is reminded.
REMIND_BEFORE = timedelta(days=3)


class OpenConsultationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """People of the network, those who convene the roundtable, and admins; also after it closed."""
        if user.is_authenticated and (user.is_staff or user.is_in_network):
            return self
        convened = Recommendation.objects.convened_by(user).values("pk")
        return self.filter(version__recommendation__in=convened)

    def open(self):
        """Those that take comments today."""
        return self.filter(closed_at__isnull=True, until_on__gte=timezone.localdate())

    def over(self):
        """Those whose last day has passed and that are not closed yet."""
        return self.filter(closed_at__isnull=True, until_on__lt=timezone.localdate())

    def to_remind(self):
        """Open ones that close within three days and of which nobody was reminded."""
        soon = timezone.localdate() + REMIND_BEFORE
        return self.open().filter(until_on__lte=soon, reminded_at__isnull=True)

    def to_be_answered_by(self, user):
        """Those with comments that wait for this person: of roundtables they convene, and for admins of all without a convener.

        Annotates ``waiting``: how many; ``waits_since``: for how long.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        through = Roundtable.conveners.through.objects.filter(user__is_active=True)
        led = through.filter(roundtable=OuterRef("version__recommendation__roundtable"))
        mine = Exists(led.filter(user_id=user.pk))
        wanted = mine | ~Exists(led) if user.is_staff else mine
        unanswered = Q(comments__answered_at__isnull=True, comments__hidden_at__isnull=True)
        rows = self.filter(wanted).annotate(
            waiting=Count("comments", filter=unanswered),
            waits_since=Min("comments__written_at", filter=unanswered),
        )
        return rows.filter(waiting__gt=0).order_by("waits_since", "pk")

    def closing_first(self):
        return self.order_by("until_on", "pk")


class Consultation(models.Model):
    """A version is open to the network: comments on its paragraphs until a day, an answer to each."""

    version = models.OneToOneField(
        RecommendationVersion, models.PROTECT, related_name="consultation", verbose_name=_("Version")
    )
    until_on = models.DateField(_("Open until"))
    opened_at = models.DateTimeField(_("Opened on"), default=timezone.now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="opened_consultations",
        verbose_name=_("Opened by"),
    )
    closed_at = models.DateTimeField(_("Closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="closed_consultations",
        verbose_name=_("Closed by"),
        help_text=_("nobody: it closed on its day"),
    )
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = OpenConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | Q(closed_at__isnull=False),
                name="consultation_closed_by_someone_has_time",
            )
        ]

    def __str__(self):
        return str(self.version)

    def get_absolute_url(self):
        return reverse("show_consultation", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.until_on >= timezone.localdate()


class CommentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Comments are read with their consultation; a hidden one by who wrote it, who answers it, and admins."""
        rows = self.filter(consultation__in=Consultation.objects.visible_to(user).values("pk"))
        if user.is_authenticated and user.is_staff:
            return rows
        convened = Recommendation.objects.convened_by(user).values("pk")
        own = Q(consultation__version__recommendation__in=convened)
        if user.is_authenticated:
            own |= Q(written_by=user)
        return rows.filter(Q(hidden_at__isnull=True) | own)

    def unanswered(self):
        return self.filter(answered_at__isnull=True, hidden_at__isnull=True)

    def reported(self):
        """Those that a reader asked the admins to look at, and nobody has yet."""
        key = Cast(Func(F("subject"), Value(":"), Value(2), function="split_part"), models.BigIntegerField())
        waiting = Report.objects.waiting().filter(subject__startswith=REPORTED).annotate(comment_key=key)
        return self.filter(pk__in=waiting.values("comment_key"))

    def oldest_first(self):
        return self.order_by("written_at", "pk")


class ConsultationComment(models.Model):
    """What someone of the network says to a paragraph of a version, and what its authors answer."""

    consultation = models.ForeignKey(
        Consultation, models.PROTECT, related_name="comments", verbose_name=_("Consultation")
    )
    paragraph = models.TextField(help_text="its key in the version, such as rationale-2")
    body = models.TextField(_("Comment"))
    language = models.TextField(_("Language"), choices=Language)
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="consultation_comments",
        verbose_name=_("Written by"),
    )
    written_at = models.DateTimeField(_("Written on"), default=timezone.now)
    outcome = models.TextField(_("What became of it"), choices=Outcome, blank=True)
    answer = models.TextField(_("Answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answered_comments",
        verbose_name=_("Answered by"),
    )
    answered_at = models.DateTimeField(_("Answered on"), null=True, blank=True)

    hidden_at = models.DateTimeField(_("Hidden on"), null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="hidden_comments",
        verbose_name=_("Hidden by"),
    )
    hidden_reason = models.TextField(_("Why it is hidden"), blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a version")
        verbose_name_plural = _("comments on versions")
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(outcome="", answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(outcome="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="comment_answer_has_outcome_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True, hidden_reason="")
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
                name="hidden_comment_has_time_person_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]), name="comment_outcome_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.consultation} {self.paragraph}"

    def get_absolute_url(self):
        return f"{self.consultation.get_absolute_url()}#comment-{self.pk}"

    @property
    def tone(self) -> str:
        return Outcome(self.outcome).tone
