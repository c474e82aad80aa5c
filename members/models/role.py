"""The role of STEM excellence manager of a municipality: who holds it, since when, who held it before."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.organisation import Representative
from members.models.person import User
from members.models.register import LocalAuthority

#: So long a role may stay vacant before its municipality is asked who holds it.
VACANT_LONG = timedelta(days=30)


class RoleHoldingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """That the role is held, since when and until when is public; see ``naming_to`` for whom."""
        return self

    def naming_to(self, user):
        """Those of which the reader sees who it is: people of the network as they see each other, own colleagues all."""
        if not user.is_authenticated or not user.is_in_network:
            return self.none()
        if user.is_staff:
            return self
        own = [row.organisation.authority_id for row in user.mandates if row.organisation.authority_id]
        seen = User.objects.visible_to(user).values("pk")
        return self.filter(Q(authority__in=own) | Q(person__isnull=True) | Q(person__in=seen))

    def of(self, authority):
        return self.filter(authority=authority)

    def open(self):
        return self.filter(until_on__isnull=True)

    def held_by(self, user):
        """What a person holds at present."""
        return self.open().filter(person_id=user.pk)

    def latest_first(self):
        """Who holds it now, then those before, the last one first."""
        return self.order_by(F("until_on").desc(nulls_first=True), "-since_on", "-pk")

    def for_reader(self, user):
        """With the people, and ``is_named`` where the reader may see who it is."""
        named = RoleHolding.objects.naming_to(user).filter(pk=OuterRef("pk"))
        rows = self.select_related("person").defer("person__search_vector", "person__search_title")
        return rows.annotate(is_named=Exists(named))


class RoleHolding(models.Model):
    """A person holds the role from–until; who has no account in the portal is called by name."""

    authority = models.ForeignKey(
        LocalAuthority, models.PROTECT, related_name="role_holdings", verbose_name=_("Local authority")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="role_holdings",
        verbose_name=_("Person"),
    )
    name = models.TextField(_("Name"), blank=True, help_text=_("of who has no account in the portal"))
    since_on = models.DateField(_("Holds it since"))
    until_on = models.DateField(_("Held it until"), null=True, blank=True)
    appointed_at = models.DateTimeField(auto_now_add=True)
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointed_holders"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="ended_holders"
    )
    reason = models.TextField(_("Reason for the end"), blank=True)

    objects = RoleHoldingQuerySet.as_manager()

    class Meta:
        verbose_name = _("holder of the STEM role")
        verbose_name_plural = _("holders of the STEM role")
        constraints = [
            models.UniqueConstraint(
                fields=["authority"], condition=Q(until_on__isnull=True), name="one_holder_per_authority"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, name="") | (Q(person__isnull=True) & ~Q(name="")),
                name="holder_is_a_person_or_a_name",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("since_on")),
                name="role_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True, ended_at__isnull=True, ended_by__isnull=True, reason="")
                | Q(until_on__isnull=False, ended_at__isnull=False, ended_by__isnull=False),
                name="role_end_has_time_and_person",
            ),
        ]

    def __str__(self):
        return f"{self.authority}: {self.label}"

    @property
    def label(self) -> str:
        """Who it is; for those who may see it. Empty for who left the network."""
        return self.person.name if self.person else self.name

    @property
    def is_open(self) -> bool:
        return self.until_on is None


def long_vacant(user, organisation) -> models.QuerySet:
    """The municipality itself, if the person manages its team and nobody holds its role for ``VACANT_LONG``.

    Annotates ``vacant_on``: when the last holder ended, else when it came into the network.
    """
    managed = Representative.objects.active().managers().filter(person_id=user.pk, organisation=organisation)
    held = RoleHolding.objects.open().filter(authority=OuterRef("pk"))
    rows = LocalAuthority.objects.filter(~Exists(held), pk__in=managed.values("organisation__authority"))
    rows = rows.annotate(vacant_on=Coalesce(Max("role_holdings__until_on"), F("organisation__joined_on")))
    return rows.filter(vacant_on__lte=timezone.localdate() - VACANT_LONG)
