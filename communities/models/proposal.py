"""A community that somebody would like to open."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.enums import Access, ProposalState
from communities.models.community import Community
from munistem.commons.enums import Language
from munistem.commons.terms.models import Term


class CommunityProposalQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who proposed it, and admins."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(proposed_by_id=user.pk)

    def of(self, user):
        return self.filter(proposed_by_id=user.pk).longest_waiting_first()

    def waiting(self):
        return self.filter(state=ProposalState.WAITING)

    def longest_waiting_first(self):
        return self.order_by("proposed_at", "pk")

    def latest_first(self):
        return self.order_by("-proposed_at", "-pk")


class CommunityProposal(models.Model):
    """What a member of the network would like to open; an admin approves it or says why not."""

    name = models.TextField()
    purpose = models.TextField(help_text="what for")
    audience = models.TextField(help_text="who for")
    access = models.TextField(choices=Access, default=Access.REQUEST)
    language = models.TextField(choices=Language, default=Language.HE)
    subjects = models.ManyToManyField(Term, blank=True, related_name="community_proposals")
    facilitators = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="proposed_to_facilitate")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="community_proposals"
    )
    proposed_at = models.DateTimeField(default=timezone.now)
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    state = models.TextField(choices=ProposalState, default=ProposalState.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decided_proposals"
    )
    reason = models.TextField(blank=True, help_text="why not")
    community = models.OneToOneField(
        Community, models.PROTECT, null=True, blank=True, related_name="proposal", help_text="what came of it"
    )

    objects = CommunityProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed community")
        verbose_name_plural = _("proposed communities")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="proposal_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(purpose="") & ~Q(audience=""), name="proposal_says_something"
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.WAITING, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state=ProposalState.WAITING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="proposal_decision_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.DECLINED) & ~Q(reason="")
                | ~Q(state=ProposalState.DECLINED) & Q(reason=""),
                name="declined_proposal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.APPROVED, community__isnull=False)
                | ~Q(state=ProposalState.APPROVED) & Q(community__isnull=True),
                name="approved_proposal_has_community",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("show_proposal", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.WAITING
