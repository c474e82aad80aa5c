from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.enums import OrganisationType
from members.models import Organisation, Representative
from munistem.commons.files.models import StoredFile
from policy.enums import OVER, EndorsementState, Mandate, Stance
from policy.models.period import beginning_of, opening_of
from policy.models.recommendation import Recommendation
from policy.models.version import RecommendationVersion

STANDING = (EndorsementState.WAITING, EndorsementState.CONFIRMED)
DECIDED = (EndorsementState.CONFIRMED, EndorsementState.RETURNED, EndorsementState.REPLACED)
ENDED = (EndorsementState.REPLACED, EndorsementState.REVOKED)
#: What one does and can therefore report on.
CARRIED_OUT = (Stance.ENDORSES, Stance.ALREADY_DOING)
#: Columns for search that no page shows.
WIDE = ("search_vector", "search_title")
#: So many periods without a report, and it is marked as not reported.
SILENT_AFTER = 2


class EndorsementQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Confirmed answers are public; others are seen by the organisation's representatives and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        organisations = Organisation.objects.visible_to(user).values("pk")
        recommendations = Recommendation.objects.visible_to(user).values("pk")
        known = self.filter(organisation__in=organisations, recommendation__in=recommendations)
        public = Q(state=EndorsementState.CONFIRMED)
        if user.is_authenticated:
            public |= Q(organisation__in=self._represented(user))
        return known.filter(public)

    @staticmethod
    def _represented(user):
        return (
            Representative.objects.active()
            .filter(person_id=user.pk, person__is_active=True)
            .values("organisation")
        )

    def of(self, organisation):
        return self.filter(organisation=organisation)

    def of_municipalities(self):
        """Without those of clusters, of which only the shares of their members count."""
        return self.filter(organisation__type=OrganisationType.MUNICIPALITY)

    def standing(self):
        """Answers in force or on their way: not revoked, not returned, not replaced."""
        return self.filter(state__in=STANDING)

    def confirmed(self):
        return self.filter(state=EndorsementState.CONFIRMED)

    def waiting(self):
        return self.filter(state=EndorsementState.WAITING)

    def in_force(self):
        """Confirmed answers of organisations that are still members."""
        return self.confirmed().filter(organisation__left_on__isnull=True)

    def endorsing(self):
        return self.in_force().filter(stance=Stance.ENDORSES)

    def due_for_report(self, opened: date | None = None):
        """Endorsements not reported on since the period opened; annotates ``last_told``, longest ago first.

        opened: its first day, of the period of today unless told otherwise. What was confirmed later, is done or was
        stopped is not asked about.
        """
        from policy.models.progress import ProgressReport

        last = Coalesce(Max("reports__reported_at"), F("answered_at"))
        over = ProgressReport.objects.latest_of_each().filter(status__in=OVER)
        due = self.endorsing().exclude(pk__in=over.values("endorsement")).annotate(last_told=last)
        due = due.filter(last_told__lt=beginning_of(opened or opening_of(timezone.localdate())))
        return due.order_by("last_told", "pk")

    def with_ends(self):
        """Fetch organisation and recommendation along, without their wide columns."""
        rows = self.select_related("organisation", "recommendation")
        wide = [f"{end}__{column}" for end in ("organisation", "recommendation") for column in WIDE]
        return rows.defer(*wide)

    def latest_first(self):
        return self.order_by("-submitted_at", "-pk")

    def longest_waiting_first(self):
        return self.order_by("submitted_at", "pk")

    def by_organisation(self):
        return self.order_by("organisation__sort_name", "organisation_id")


class Endorsement(models.Model):
    """A municipality's answer to a recommendation, given by a representative and confirmed by an admin.

    At most one answer waits and one is in force for an organisation and a recommendation: a new answer stands beside the
    one in force until it is confirmed, then replaces it.
    """

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="endorsements", verbose_name=_("Recommendation")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="endorsements", verbose_name=_("Organisation")
    )
    version = models.ForeignKey(
        RecommendationVersion, models.PROTECT, related_name="endorsements", verbose_name=_("Version")
    )
    stance = models.TextField(_("Answer"), choices=Stance)
    mandate = models.TextField(_("Mandate"), choices=Mandate, blank=True)
    decided_on = models.DateField(
        _("Decided on"), null=True, blank=True, help_text=_("date of the declaration or decision")
    )
    signed_page = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="signed_endorsements"
    )
    explanation = models.TextField(_("Explanation"), blank=True)
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    state = models.TextField(_("State"), choices=EndorsementState, default=EndorsementState.WAITING)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="submitted_endorsements",
        verbose_name=_("Sent by"),
    )
    submitted_at = models.DateTimeField(_("Sent on"), auto_now_add=True)
    answered_at = models.DateTimeField(
        _("Dealt with on"), null=True, blank=True, help_text=_("confirmed or returned")
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answered_endorsements",
        verbose_name=_("Dealt with by"),
    )
    reason = models.TextField(_("Reason"), blank=True, help_text=_("why it was returned"))
    ended_at = models.DateTimeField(_("Ended on"), null=True, blank=True, help_text=_("revoked or replaced"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ended_endorsements",
        verbose_name=_("Ended by"),
    )
    ended_reason = models.TextField(_("Reason for the end"), blank=True, help_text=_("why it was revoked"))

    responsible = models.TextField(_("Responsible person"), blank=True)
    first_actions = models.TextField(_("First actions"), blank=True)
    target_on = models.DateField(_("Target date"), null=True, blank=True)
    missed_periods = models.PositiveSmallIntegerField(
        _("Periods without a report"), default=0, help_text=_("in a row, until one comes")
    )

    objects = EndorsementQuerySet.as_manager()

    class Meta:
        verbose_name = _("endorsement")
        verbose_name_plural = _("endorsements")
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "organisation"],
                condition=Q(state=EndorsementState.WAITING),
                name="one_waiting_answer_per_organisation",
            ),
            models.UniqueConstraint(
                fields=["recommendation", "organisation"],
                condition=Q(state=EndorsementState.CONFIRMED),
                name="one_answer_in_force_per_organisation",
            ),
            models.CheckConstraint(
                condition=~Q(stance=Stance.ENDORSES)
                | (~Q(mandate="") & Q(decided_on__isnull=False, signed_page__isnull=False)),
                name="endorsement_names_mandate_date_and_page",
            ),
            models.CheckConstraint(
                condition=Q(stance=Stance.ENDORSES) | (~Q(explanation="") & Q(mandate="")),
                name="other_answer_has_explanation_and_no_mandate",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=DECIDED, answered_at__isnull=False, answered_by__isnull=False)
                    | Q(state=EndorsementState.WAITING, answered_at__isnull=True, answered_by__isnull=True)
                    | Q(state=EndorsementState.REVOKED, answered_at__isnull=True, answered_by__isnull=True)
                    | Q(state=EndorsementState.REVOKED, answered_at__isnull=False, answered_by__isnull=False)
                ),
                name="endorsement_answer_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, ended_at__isnull=False, ended_by__isnull=False)
                | (~Q(state__in=ENDED) & Q(ended_at__isnull=True, ended_by__isnull=True)),
                name="endorsement_end_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=EndorsementState.RETURNED) | ~Q(reason=""),
                name="returned_endorsement_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=EndorsementState.REVOKED) | ~Q(ended_reason=""),
                name="revoked_endorsement_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    stance__in=Stance.values,
                    mandate__in=["", *Mandate.values],
                    state__in=EndorsementState.values,
                ),
                name="endorsement_codes_are_known",
            ),
            models.CheckConstraint(
                condition=Q(stance=Stance.ENDORSES)
                | Q(responsible="", first_actions="", target_on__isnull=True),
                name="only_endorsement_names_who_and_by_when",
            ),
        ]
        indexes = [
            models.Index(fields=["submitted_at"], condition=Q(state="waiting"), name="endorsement_waiting")
        ]

    def __str__(self):
        return f"{self.organisation}: {self.recommendation}"

    def get_absolute_url(self):
        return reverse("show_endorsement", args=[self.pk])

    @property
    def stance_kind(self) -> Stance:
        return Stance(self.stance)

    @property
    def is_of_earlier_text(self) -> bool:
        """Whether the Hebrew text was changed since the version that it answers."""
        current = self.recommendation.current_version
        return current is not None and self.version.number < current.hebrew_since

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING

    @property
    def is_waiting(self) -> bool:
        """Whether an admin has not decided on it yet."""
        return self.state == EndorsementState.WAITING

    @property
    def is_not_reported(self) -> bool:
        """Whether nobody told for two periods how the work goes."""
        return self.missed_periods >= SILENT_AFTER
