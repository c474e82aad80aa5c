"""The work plan of a municipality: what it will do about a gap, who and by when, with the figure as it was then."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import LocalAuthority
from munistem.commons.enums import LifeStage, Setting
from policy.enums import Gap, PlanState
from policy.models.programme import authorities_kept_by


class PlanItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A plan is the municipality's own: its representatives and admins see it."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(authority__in=authorities_kept_by(user))

    def of(self, authority):
        return self.filter(authority=authority)

    def open(self):
        return self.filter(state=PlanState.OPEN)

    def of_owner(self, user):
        return self.filter(owner=user)

    def soonest_first(self):
        """What is open before what is not, each by its day."""
        is_open = models.Case(models.When(state=PlanState.OPEN, then=0), default=1)
        return self.order_by(is_open, "due_on", "pk")


class PlanItem(models.Model):
    """A thing to do about a gap in one cell of the picture; its figures are those of the day on which it was planned."""

    authority = models.ForeignKey(
        LocalAuthority, models.PROTECT, related_name="plan_items", verbose_name=_("Local authority")
    )
    year = models.PositiveSmallIntegerField(_("School year"))
    life_stage = models.TextField(_("Life stage"), choices=LifeStage)
    setting = models.TextField(_("Setting"), choices=Setting)
    gap = models.TextField(_("Gap"), choices=Gap)
    what = models.TextField(_("What will be done"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="plan_items", verbose_name=_("Who does it")
    )
    due_on = models.DateField(_("Until"))
    participants = models.PositiveIntegerField(null=True, blank=True, help_text="as known then")
    girls = models.PositiveIntegerField(null=True, blank=True, help_text="among those counted, as known then")
    counted = models.PositiveIntegerField(null=True, blank=True)
    state = models.TextField(_("State"), choices=PlanState, default=PlanState.OPEN)
    reason = models.TextField(_("Why"), blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="settled_plan_items"
    )
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="created_plan_items"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlanItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of a work plan")
        verbose_name_plural = _("items of work plans")
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="plan_item_says_what"),
            models.CheckConstraint(
                condition=Q(state=PlanState.OPEN, settled_at__isnull=True, settled_by__isnull=True)
                | (~Q(state=PlanState.OPEN) & Q(settled_at__isnull=False, settled_by__isnull=False)),
                name="settled_plan_item_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanState.DROPPED) | ~Q(reason=""), name="dropped_plan_item_says_why"
            ),
            models.CheckConstraint(
                condition=Q(
                    life_stage__in=LifeStage.values,
                    setting__in=Setting.values,
                    gap__in=Gap.values,
                    state__in=PlanState.values,
                ),
                name="plan_item_codes_are_known",
            ),
        ]
        indexes = [models.Index(fields=["authority", "due_on"], name="plan_by_authority")]

    def __str__(self):
        return self.what

    def get_absolute_url(self):
        return f"{reverse('show_plan', args=[self.authority_id])}#item-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == PlanState.OPEN
