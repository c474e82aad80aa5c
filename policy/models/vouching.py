"""Whether an endorsement still stands, and which municipalities stand behind that of their cluster."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.enums import OrganisationType
from members.models import Organisation
from policy.enums import Cause, EndorsementState, Stance
from policy.models.endorsement import Endorsement, EndorsementQuerySet


class ElectionDay(models.Model):
    """A day of municipal elections, with the place where it can be looked up."""

    held_on = models.DateField(_("Held on"), unique=True)
    source = models.URLField(_("Source"), max_length=500)
    note = models.TextField(_("Note"), blank=True)

    class Meta:
        verbose_name = _("day of municipal elections")
        verbose_name_plural = _("days of municipal elections")

    def __str__(self):
        return str(self.held_on)


class ReconfirmationQuerySet(models.QuerySet):
    def open(self):
        return self.filter(answered_at=None)

    def waiting_for(self, organisation):
        """What an organisation is asked, about endorsements in force; the longest waiting first."""
        mine = Endorsement.objects.endorsing().of(organisation).values("pk")
        return self.open().filter(endorsement__in=mine).order_by("asked_at", "pk")

    def overdue(self):
        """Questions that nobody answered in time: not re-confirmed."""
        return self.open().filter(due_on__lt=timezone.localdate())


class Reconfirmation(models.Model):
    """A municipality is asked whether its endorsement still stands; silence marks it as not re-confirmed."""

    endorsement = models.ForeignKey(Endorsement, models.PROTECT, related_name="reconfirmations")
    cause = models.TextField(_("Why it was asked"), choices=Cause)
    asked_at = models.DateTimeField(_("Asked on"), default=timezone.now)
    due_on = models.DateField(_("To be answered by"))
    answered_at = models.DateTimeField(_("Answered on"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reconfirmations"
    )

    objects = ReconfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("re-confirmation")
        verbose_name_plural = _("re-confirmations")
        constraints = [
            models.UniqueConstraint(
                fields=["endorsement"], condition=Q(answered_at=None), name="one_open_reconfirmation"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="reconfirmation_has_time_and_person",
            ),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="cause_is_known"),
        ]

    def __str__(self):
        return f"{self.endorsement} ({self.get_cause_display()})"

    @property
    def is_overdue(self) -> bool:
        return self.answered_at is None and self.due_on < timezone.localdate()


def vouched_before(moment) -> EndorsementQuerySet:
    """Endorsements in force that nobody vouched for since a moment, and about which nothing is asked yet."""
    asked = Reconfirmation.objects.open().filter(endorsement=OuterRef("pk"))
    last = Greatest(F("answered_at"), Coalesce(Max("reconfirmations__answered_at"), F("answered_at")))
    rows = Endorsement.objects.endorsing().filter(~Exists(asked)).annotate(vouched_at=last)
    return rows.filter(vouched_at__lt=moment).order_by("pk")


class EndorsementShareQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Confirmed shares are seen with the endorsement; others by both organisations and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        seen = Q(confirmed_at__isnull=False, organisation__left_on__isnull=True)
        if user.is_authenticated and user.is_active:
            mine = [row.organisation_id for row in user.mandates]
            seen |= Q(organisation__in=mine) | Q(endorsement__organisation__in=mine)
        return self.filter(seen, endorsement__in=Endorsement.objects.visible_to(user).values("pk"))

    def waiting(self):
        return self.filter(confirmed_at=None, declined_at=None)

    def waiting_for(self, *organisations):
        """What municipalities are asked about joint endorsements in force; the longest waiting first."""
        joint = Endorsement.objects.endorsing().values("pk")
        rows = self.waiting().filter(organisation__in=organisations, endorsement__in=joint)
        return rows.order_by("asked_at", "pk")

    def standing_of(self, organisation):
        """What a municipality confirmed or is asked about, of joint endorsements in force."""
        joint = Endorsement.objects.endorsing().values("pk")
        return self.filter(declined_at=None, organisation=organisation, endorsement__in=joint).order_by("pk")

    def in_force(self):
        """Confirmed, of municipalities that are members, of joint endorsements in force."""
        return self.filter(
            confirmed_at__isnull=False,
            organisation__left_on__isnull=True,
            organisation__type=OrganisationType.MUNICIPALITY,
            endorsement__in=Endorsement.objects.endorsing().values("pk"),
        )

    def counted(self):
        """Those in force whose municipality does not endorse by itself: it counts once."""
        own = Endorsement.objects.filter(
            state=EndorsementState.CONFIRMED,
            stance=Stance.ENDORSES,
            organisation=OuterRef("organisation"),
            recommendation=OuterRef("endorsement__recommendation"),
        )
        return self.in_force().filter(~Exists(own))


class EndorsementShare(models.Model):
    """A member municipality's part in the joint endorsement of its cluster."""

    endorsement = models.ForeignKey(Endorsement, models.PROTECT, related_name="shares")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="endorsement_shares")
    asked_at = models.DateTimeField(_("Asked on"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("Confirmed on"), null=True, blank=True)
    declined_at = models.DateTimeField(_("Declined on"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="endorsement_shares"
    )

    objects = EndorsementShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of a joint endorsement")
        verbose_name_plural = _("shares of joint endorsements")
        constraints = [
            models.UniqueConstraint(
                fields=["endorsement", "organisation"], name="one_share_per_municipality"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, declined_at=None, answered_by=None)
                | Q(confirmed_at__isnull=False, declined_at=None, answered_by__isnull=False)
                | Q(confirmed_at=None, declined_at__isnull=False, answered_by__isnull=False),
                name="share_answer_has_one_time_and_person",
            ),
        ]

    def __str__(self):
        return f"{self.organisation} – {self.endorsement}"

    def get_absolute_url(self):
        return reverse("answer_share", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.confirmed_at is None and self.declined_at is None
