from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from munistem.commons.enums import Language
from policy.enums import Outcome
from policy.models.recommendation import Recommendation
from policy.models.version import RecommendationVersion

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
        """Those that take romments today."""
        return self.filter(closed_at__isnull=True, until_on__gte=timezone.localdate())

    def over(self):
        """Those whose last day has passed and that are not closed yet."""
        return self.filter(closed_at__isnull=True, until_on__lt=timezone.localdate())

    def to_remind(self):
        """Open ones that close within three days and of which nobody was reminded."""
        soon = timezone.localdate() + REMIND_BEFORE
        return self.open().filter(until_on__lte=soon, reminded_at__isnull=True)

    def closing_first(self):
        return self.order_by("until_on", "pk")


class Consultation(models.Model):
    """A version is open to the network: romments on its paragraphs until a day, an answer to each."""

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
        """Romments are read with their consultation."""
        return self.filter(consultation__in=Consultation.objects.visible_to(user).values("pk"))

    def unanswered(self):
        return self.filter(answered_at__isnull=True)

    def oldest_first(self):
        return self.order_by("written_at", "pk")


class ConsultationComment(models.Model):
    """What someone of the network says to a paragraph of a version, and what its authors answer."""

    consultation = models.ForeignKey(
        Consultation, models.PROTECT, related_name="comments", verbose_name=_("Consultation")
    )
    paragraph = models.TextField(help_text="its key in the version, such as rationale-2")
    body = models.TextField(_("ConsultationComment"))
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
                condition=Q(outcome__in=["", *Outcome.values]), name="comment_outcome_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.consultation} {self.paragraph}"

    @property
    def tone(self) -> str:
        return Outcome(self.outcome).tone
