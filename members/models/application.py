import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.enums import ApplicationState, OrganisationType, TeamRequestState
from members.models.organisation import Organisation
from members.models.register import LocalAuthority, RegionalCluster
from munistem.commons.enums import Language, LifeStage
from munistem.commons.text.languages import pick

DECIDED = (ApplicationState.APPROVED, ApplicationState.DECLINED, ApplicationState.MERGED)
WAITING = (ApplicationState.RECEIVED, ApplicationState.IN_REVIEW, ApplicationState.QUESTION)


class DeclineReason(models.Model):
    """A reason admins choose from, in the applicant's language."""

    code = models.SlugField(unique=True)
    text_he = models.TextField()
    text_ar = models.TextField()
    text_en = models.TextField()

    class Meta:
        verbose_name = _("reason to decline")
        verbose_name_plural = _("reasons to decline")

    def __str__(self):
        return pick(self, "text")


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Admins see what was received, a person what was sent from their own address."""
        if not user.is_authenticated:
            return self.none()
        return self.for_admins() if user.is_staff else self.filter(email__iexact=user.email)

    def waiting(self):
        """Applications that wait for the admins (or for an answer to their question)."""
        return self.filter(state__in=WAITING)

    def for_admins(self):
        """What admins handle: everything once its address is confirmed."""
        return self.exclude(state=ApplicationState.DRAFT)

    def longest_waiting_first(self):
        return self.order_by("submitted_at", "pk")

    def latest_first(self):
        return self.order_by("-submitted_at", "-pk")


class Application(models.Model):
    """An organisation asks to join the network; a draft until its contact confirms the e-mail address."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.TextField(choices=ApplicationState, default=ApplicationState.DRAFT)
    type = models.TextField(choices=OrganisationType, blank=True)
    authority = models.ForeignKey(
        LocalAuthority, models.PROTECT, null=True, blank=True, related_name="applications"
    )
    cluster = models.ForeignKey(
        RegionalCluster, models.PROTECT, null=True, blank=True, related_name="applications"
    )
    organisation_name = models.TextField(blank=True)
    website = models.URLField(blank=True)
    description = models.TextField(blank=True)
    contact_name = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    phone = models.TextField(blank=True)
    role = models.TextField(blank=True)
    motive = models.TextField(blank=True)
    life_stages = ArrayField(models.TextField(choices=LifeStage), default=list, blank=True)
    language = models.TextField(choices=Language, default=Language.HE)
    consented_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    draft_mailed_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="admins were reminded")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decided_applications"
    )
    reason = models.TextField(blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="applications"
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application to join")
        verbose_name_plural = _("applications to join")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(state__in=DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True)),
                name="application_decision_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.DECLINED) | ~Q(reason=""),
                name="declined_application_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ApplicationState.DRAFT, ApplicationState.WITHDRAWN])
                | Q(submitted_at__isnull=False, verified_at__isnull=False),
                name="application_is_handled_once_verified",
            ),
        ]

    def __str__(self):
        return self.name or str(self.key)

    @property
    def name(self) -> str:
        """The organisation's name: of the register row, else as described."""
        bound = self.authority or self.cluster
        return bound.name if bound else self.organisation_name

    def get_absolute_url(self):
        return reverse("show_application", args=[self.key])


class ApplicationMessage(models.Model):
    """A question of the admins or the applicant's answer."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="application_messages"
    )
    body = models.TextField()
    sent_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.body[:60]


class TeamRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Admins see all confirmed requests, managers those to their organisation, a person the own ones."""
        if not user.is_authenticated:
            return self.none()
        confirmed = self.exclude(state=TeamRequestState.UNVERIFIED)
        if user.is_staff:
            return confirmed
        managed = [row.organisation_id for row in user.mandates if row.is_manager]
        return confirmed.filter(Q(organisation__in=managed) | Q(email__iexact=user.email))

    def waiting(self):
        return self.filter(state=TeamRequestState.WAITING)


class TeamRequest(models.Model):
    """A person asks to act for an organisation that is a member already; its manager decides."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="team_requests")
    name = models.TextField()
    email = models.EmailField()
    role = models.TextField(blank=True)
    note = models.TextField(blank=True)
    language = models.TextField(choices=Language, default=Language.HE)
    state = models.TextField(choices=TeamRequestState, default=TeamRequestState.UNVERIFIED)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decided_team_requests"
    )

    objects = TeamRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to join a team")
        verbose_name_plural = _("requests to join a team")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(state=TeamRequestState.WAITING),
                name="one_waiting_team_request_per_address",
            )
        ]

    def __str__(self):
        return f"{self.name} → {self.organisation}"
