from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from members.models import Organisation, Representative
from munistem.commons.files.models import StoredFile
from policy.enums import EndorsementState, Mandate, Progress, Stance
from policy.models.recommendation import Recommendation


class EndorsementQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Confirmed answers are public; others are seen by the organisation's representatives and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        public = Q(state=EndorsementState.CONFIRMED)
        if user.is_authenticated:
            own = Representative.objects.active().filter(person=user).values("organisation")
            public |= Q(organisation__in=own)
        return self.filter(public)

    def standing(self):
        """Answers in force or on their way: not revoked, not returned."""
        return self.filter(state__in=[EndorsementState.WAITING, EndorsementState.CONFIRMED])

    def confirmed(self):
        return self.filter(state=EndorsementState.CONFIRMED)

    def waiting(self):
        return self.filter(state=EndorsementState.WAITING)

    def endorsing(self):
        return self.confirmed().filter(stance=Stance.ENDORSES)


class Endorsement(models.Model):
    """A municipality's answer to a recommendation, given by a representative and confirmed by an admin."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="endorsements")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="endorsements")
    stance = models.TextField(choices=Stance)
    mandate = models.TextField(choices=Mandate, blank=True)
    decided_on = models.DateField(null=True, blank=True, help_text="date of the declaration or decision")
    signed_page = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="signed_endorsements"
    )
    explanation = models.TextField(blank=True)
    state = models.TextField(choices=EndorsementState, default=EndorsementState.WAITING)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="submitted_endorsements"
    )
    submitted_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="answered_endorsements"
    )
    reason = models.TextField(blank=True)

    objects = EndorsementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "organisation"],
                condition=Q(state__in=[EndorsementState.WAITING, EndorsementState.CONFIRMED]),
                name="one_standing_answer_per_organisation",
            ),
            models.CheckConstraint(
                condition=~Q(stance=Stance.ENDORSES)
                | (~Q(mandate="") & Q(decided_on__isnull=False, signed_page__isnull=False)),
                name="endorsement_names_mandate_date_and_page",
            ),
            models.CheckConstraint(
                condition=Q(stance__in=[Stance.ENDORSES, Stance.ALREADY_DOING]) | ~Q(explanation=""),
                name="other_answer_has_explanation",
            ),
            models.CheckConstraint(
                condition=Q(state=EndorsementState.WAITING, answered_at__isnull=True, answered_by__isnull=True)
                | (
                    ~Q(state=EndorsementState.WAITING)
                    & Q(answered_at__isnull=False, answered_by__isnull=False)
                ),
                name="endorsement_answer_has_time_and_person",
            ),
        ]

    def __str__(self):
        return f"{self.organisation}: {self.recommendation}"

    def get_absolute_url(self):
        return reverse("show_endorsement", args=[self.pk])


class ProgressReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(endorsement__in=Endorsement.objects.visible_to(user).values("pk"))

    def latest_first(self):
        return self.order_by("-reported_at", "-pk")


class ProgressReport(models.Model):
    """How the work on an endorsed recommendation stands, with evidence."""

    endorsement = models.ForeignKey(Endorsement, models.PROTECT, related_name="reports")
    status = models.TextField(choices=Progress)
    body = models.TextField()
    evidence_url = models.URLField(blank=True, max_length=2000)
    evidence = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="evidence_reports"
    )
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="progress_reports")
    reported_at = models.DateTimeField(auto_now_add=True)

    objects = ProgressReportQuerySet.as_manager()

    def __str__(self):
        return f"{self.endorsement} {self.get_status_display()}"
