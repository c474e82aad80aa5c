"""Invitations to a community by mail address: to people of the network, and to those who are not in it yet."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.enums import InvitationState
from communities.models.community import Community
from munistem.commons.enums import Language

HOLDS = timedelta(days=30)


class CommunityInvitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """For those who lead the community, and admins; who is invited comes by the key in the letter."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(community__in=Community.objects.facilitated_by(user))

    def open(self):
        """Neither answered nor taken back nor marked as expired."""
        return self.filter(state=InvitationState.OPEN)

    def holding(self, now=None):
        """Open ones whose term is not over; who said yes and is still on the way into the network has no term."""
        return self.open().filter(Q(expires_at__gt=now or timezone.now()) | Q(wanted_at__isnull=False))

    def of(self, person):
        """Sent to a person, known then or by the address."""
        return self.filter(Q(person=person) | Q(person__isnull=True, email=person.email.lower()))

    def settle(self, state, *, by=None):
        """End open ones; returns how many."""
        ended_by = by if by is not None and by.is_authenticated else None
        return self.open().update(state=state, ended_at=timezone.now(), ended_by=ended_by)

    def latest_of_each(self):
        """Of several to one address in a community only the latest."""
        later = CommunityInvitation.objects.filter(
            community=OuterRef("community"), email=OuterRef("email"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(later))

    def latest_first(self):
        return self.order_by("-invited_at", "-pk")


class CommunityInvitation(models.Model):
    """One address asked into one community. The key opens its page: only the letter holds it."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey(Community, models.CASCADE, related_name="mail_invitations")
    email = models.EmailField(_("E-mail"), help_text=_("in small letters"))
    name = models.TextField(_("Name"), blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="community_invitations",
        help_text="who was known in the network by this address when invited",
    )
    language = models.TextField(choices=Language, default=Language.HE, help_text="of the letter")
    text = models.TextField(blank=True, help_text="a few words of the person who invites")
    state = models.TextField(choices=InvitationState, default=InvitationState.OPEN)
    invited_at = models.DateTimeField(default=timezone.now)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="community_invitations_sent"
    )
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="when the letter was queued")
    reminded_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="when who is not in the network yet said yes"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CommunityInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a community")
        verbose_name_plural = _("invitations to communities")
        constraints = [
            models.UniqueConstraint(
                "community",
                "email",
                condition=Q(state=InvitationState.OPEN),
                name="one_open_community_invitation_per_address",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & ~Q(email=""), name="community_invitation_address_is_small"
            ),
            models.CheckConstraint(
                condition=Q(state__in=InvitationState.values), name="community_invitation_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.OPEN, ended_at__isnull=True)
                | (~Q(state=InvitationState.OPEN) & Q(ended_at__isnull=False)),
                name="ended_community_invitation_has_time",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="community_invitation_has_term"
            ),
        ]
        indexes = [
            models.Index("email", condition=Q(state=InvitationState.OPEN), name="open_invitations_by_address")
        ]

    def __str__(self):
        return f"{self.email} → {self.community}"

    def get_absolute_url(self):
        """The page for who holds the letter."""
        return reverse("show_community_invitation", args=[self.key])

    @property
    def is_open(self) -> bool:
        return self.state == InvitationState.OPEN and not self.is_expired

    @property
    def is_expired(self) -> bool:
        if self.state == InvitationState.EXPIRED:
            return True
        return self.state == InvitationState.OPEN and not self.wanted_at and self.expires_at <= timezone.now()
