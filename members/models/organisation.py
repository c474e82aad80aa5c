import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from members.enums import OrganisationType
from members.models.register import LocalAuthority, RegionalCluster
from munistem.commons.enums import Language
from munistem.commons.ready import Reader, ready
from munistem.commons.search.completion import words_index
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.text.languages import pick


class OrganisationQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Member organisations are public; one that left is seen by admins only."""
        return self if user.is_authenticated and user.is_staff else self.members()

    def members(self):
        return self.filter(left_on__isnull=True)

    def by_name(self):
        return self.order_by("sort_name", "pk")


class Organisation(Searchable):
    """A member of the network."""

    slug = models.SlugField(unique=True, allow_unicode=True, max_length=80)
    type = models.TextField(_("Kind of organisation"), choices=OrganisationType)
    name_he = models.TextField(_("Name in Hebrew"), blank=True)
    name_ar = models.TextField(_("Name in Arabic"), blank=True)
    name_en = models.TextField(_("Name in English"), blank=True)
    sort_name = models.TextField(default="", editable=False)
    about = models.TextField(_("About"), blank=True)
    website = models.URLField(_("Website"), blank=True)
    email_domain = models.TextField(
        _("E-mail domain"), blank=True, help_text=_("Addresses at this domain are colleagues.")
    )
    authority = models.OneToOneField(
        LocalAuthority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisation",
        verbose_name=_("Local authority"),
    )
    cluster = models.OneToOneField(
        RegionalCluster,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisation",
        verbose_name=_("Regional cluster"),
    )
    joined_on = models.DateField(_("Member since"), default=timezone.localdate)
    left_on = models.DateField(_("Left on"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(type=OrganisationType.MUNICIPALITY, authority__isnull=False, cluster__isnull=True)
                    | Q(type=OrganisationType.CLUSTER, cluster__isnull=False, authority__isnull=True)
                    | (
                        ~Q(type__in=[OrganisationType.MUNICIPALITY, OrganisationType.CLUSTER])
                        & Q(authority__isnull=True, cluster__isnull=True)
                    )
                ),
                name="organisation_bound_to_register_by_type",
            ),
            models.CheckConstraint(
                condition=~Q(name_he="", name_ar="", name_en=""), name="organisation_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(type__in=OrganisationType.values), name="organisation_type_is_known"
            ),
        ]
        indexes = [Searchable.search_index("organisation_search"), words_index("organisation_words")]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return pick(self, "name")

    @property
    def all_names(self) -> str:
        return f"{self.name_he} {self.name_ar} {self.name_en}"

    def get_absolute_url(self):
        return reverse("show_organisation", args=[self.slug])

    @cached_property
    def team(self) -> list["Representative"]:
        """The mandates in force of people with an open account, read once."""
        rows = Representative.objects.filter(organisation=self, until_on__isnull=True, person__is_active=True)
        return list(rows.select_related("person").defer("person__search_vector").managers_first())

    def search_heading(self) -> str:
        return f"{self.name_he}\n{self.name_ar}\n{self.name_en}"

    def search_texts(self):
        return [(self.all_names, "A"), (self.get_type_display(), "B"), (self.about, "C")]


class RepresentativeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own mandates, all of the organisations one acts for, and for the network those in force."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        own = Q(person_id=user.pk) | Q(organisation__in=[row.organisation_id for row in user.mandates])
        if user.is_in_network:
            own |= Q(until_on__isnull=True, organisation__left_on__isnull=True)
        return self.filter(own)

    def active(self):
        """Mandates in force: not ended, of an organisation that is still a member."""
        return self.filter(until_on__isnull=True, organisation__left_on__isnull=True)

    def managers(self):
        return self.filter(is_manager=True)

    def managers_first(self):
        return self.order_by("-is_manager", "person__name", "pk")

    def by_name(self):
        return self.order_by("person__name", "pk")


class Representative(models.Model):
    """A person's mandate to act for an organisation, in a role, from–until."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="representatives", verbose_name=_("Organisation")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="representations", verbose_name=_("Person")
    )
    role = models.TextField(_("Role"), blank=True)
    is_manager = models.BooleanField(
        _("Manages the team"), default=False, help_text=_("May invite colleagues and end their mandates.")
    )
    from_on = models.DateField(_("Acts since"), default=timezone.localdate)
    until_on = models.DateField(_("Acts until"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ended_representations",
        verbose_name=_("Ended by"),
    )

    objects = RepresentativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=Q(until_on__isnull=True),
                name="one_active_mandate_per_person",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=models.F("from_on")),
                name="mandate_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.person} – {self.organisation}"


class InvitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """For who decides on the team: managers of the organisation, and admins."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(organisation__in=[row.organisation_id for row in user.mandates if row.is_manager])

    def open(self):
        return self.waiting().filter(expires_at__gt=timezone.now())

    def waiting(self):
        """Neither accepted nor taken back; also those whose term is over."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)


class Invitation(models.Model):
    """A manager invites a colleague to act for the organisation."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="invitations", verbose_name=_("Organisation")
    )
    email = models.EmailField(_("E-mail"))
    name = models.TextField(_("Name"), blank=True)
    role = models.TextField(_("Role"), blank=True)
    is_manager = models.BooleanField(_("Manages the team"), default=False)
    language = models.TextField(
        _("Language"), choices=Language, default=Language.HE, help_text="of the letter"
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="sent_invitations",
        verbose_name=_("Invited by"),
    )
    invited_at = models.DateTimeField(_("Invited on"), auto_now_add=True)
    expires_at = models.DateTimeField(_("Holds until"))
    accepted_at = models.DateTimeField(_("Accepted on"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("Taken back on"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a team")
        verbose_name_plural = _("invitations to teams")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_per_address",
            )
        ]

    def __str__(self):
        return f"{self.email} → {self.organisation}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and not self.is_expired

    def get_absolute_url(self):
        return reverse("show_invitation", args=[self.key])


@ready
def mandates_of(_reader: Reader, person: int) -> models.QuerySet[Representative]:
    """The mandates in force of one person, each with its organisation."""
    rows = Representative.objects.active().filter(person=person).select_related("organisation")
    return rows.defer("organisation__search_vector", "organisation__search_title").order_by("pk")
