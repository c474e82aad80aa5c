"""What runs in a municipality: programmes, who pays for them and in which schools they run."""

from django.conf import settings as django_settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import LocalAuthority, Organisation, Representative
from munistem.commons.enums import Language, LifeStage, Setting, Visibility
from munistem.commons.terms.models import Term
from policy.enums import ProgrammeStatus

ENDED = (ProgrammeStatus.ENDED, ProgrammeStatus.STOPPED)
#: Who may read of a programme; one community alone is no reader of it.
READERS = (Visibility.PUBLIC, Visibility.NETWORK)


def authorities_kept_by(user):
    """Register numbers of the member municipalities that a person acts for, as a subquery."""
    mandates = Representative.objects.active().filter(person_id=user.pk, person__is_active=True)
    return mandates.filter(organisation__authority__isnull=False).values("organisation__authority")


class ProgrammeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Public ones are for everyone, the others for people of the network and who keeps them."""
        if user.is_authenticated and (user.is_staff or user.is_in_network):
            return self
        return self.filter(visibility=Visibility.PUBLIC)

    def kept_by(self, user):
        """What the person may change and enter figures of."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(authority__in=authorities_kept_by(user))

    def of(self, authority):
        return self.filter(authority=authority)

    def in_year(self, year: int):
        """Those that run, or ran, in the school year that begins in this calendar year; an unknown end is open."""
        begun = Q(since__isnull=True) | Q(since__lte=year)
        open_ = Q(until__isnull=True) | Q(until__gte=year)
        return self.exclude(status=ProgrammeStatus.PLANNED).filter(begun, open_)

    def at(self, *, stage: str = "", setting: str = ""):
        """Those that serve a life stage and a setting; "" asks for none."""
        rows = self.filter(life_stages__contains=[stage]) if stage else self
        return rows.filter(settings__contains=[setting]) if setting else rows

    def about(self, *slugs: str):
        """Those with all of these subjects and populations."""
        rows = self
        for slug in slugs:
            rows = rows.filter(
                pk__in=Programme.terms.through.objects.filter(term__slug=slug).values("programme")
            )
        return rows

    def funded_by(self, organisation):
        return self.filter(
            pk__in=ProgrammeFunder.objects.filter(organisation=organisation).values("programme")
        )

    def with_figures_of(self, user, year: int):
        """Prefetch as ``year_figures`` the figures of a school year that the person may see."""
        from policy.models.figures import ProgrammeFigure

        rows = ProgrammeFigure.objects.visible_to(user).filter(year=year).in_order()
        return self.prefetch_related(
            models.Prefetch("figures", rows.prefetch_related("populations__term"), to_attr="year_figures")
        )

    def by_name(self):
        return self.order_by("name", "pk")

    def latest_first(self):
        return self.order_by("-changed_at", "-pk")


class Programme(models.Model):
    """A programme that a municipality runs, kept by its representatives.

    School years are named by the calendar year in which they begin; ``until`` is the last one.
    """

    authority = models.ForeignKey(
        LocalAuthority, models.PROTECT, related_name="programmes", verbose_name=_("Local authority")
    )
    name = models.TextField(_("Name"))
    language = models.TextField(_("Language"), choices=Language, default=Language.HE)
    what = models.TextField(_("What is done"), blank=True)
    provider = models.TextField(_("Provider"), blank=True, help_text=_("as it is called here"))
    provider_organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="provided_programmes",
        verbose_name=_("Provider in the network"),
    )
    partners = models.TextField(_("Partners"), blank=True)
    life_stages = ArrayField(
        models.TextField(choices=LifeStage), default=list, blank=True, verbose_name=_("Life stages")
    )
    settings = ArrayField(
        models.TextField(choices=Setting), default=list, blank=True, verbose_name=_("Setting")
    )
    terms = models.ManyToManyField(
        Term, blank=True, related_name="programmes", verbose_name=_("Subjects and populations")
    )
    since = models.PositiveSmallIntegerField(_("First school year"), null=True, blank=True)
    until = models.PositiveSmallIntegerField(_("Last school year"), null=True, blank=True)
    status = models.TextField(_("State"), choices=ProgrammeStatus, default=ProgrammeStatus.RUNNING)
    end_reason = models.TextField(_("Why it ended"), blank=True)
    quality_assurance = models.TextField(_("How its quality is looked after"), blank=True)
    visibility = models.TextField(
        _("Who may see it"),
        choices=[(reader.value, reader.label) for reader in READERS],
        default=Visibility.PUBLIC,
    )
    identifier = models.TextField(
        _("Identifier"), blank=True, help_text=_("its own in the municipality's tables; one programme each")
    )
    version = models.PositiveIntegerField(default=1, help_text="grows each time it is saved")
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="created_programmes",
        verbose_name=_("Entered by"),
    )
    created_at = models.DateTimeField(_("Entered on"), auto_now_add=True)
    changed_at = models.DateTimeField(_("Changed on"), auto_now=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "identifier"],
                condition=~Q(identifier=""),
                name="one_programme_per_identifier",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="programme_has_name"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="programme_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=ENDED) | Q(until__isnull=False),
                name="ended_programme_names_its_last_year",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=ProgrammeStatus.values,
                    language__in=Language.values,
                    visibility__in=[reader.value for reader in READERS],
                    life_stages__contained_by=LifeStage.values,
                    settings__contained_by=Setting.values,
                ),
                name="programme_codes_are_known",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "name", "id"], name="programme_by_authority"),
            GinIndex(fields=["life_stages"], name="programme_life_stages"),
            GinIndex(fields=["settings"], name="programme_settings"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("show_programme", args=[self.pk])

    @property
    def tone(self) -> str:
        return ProgrammeStatus(self.status).tone

    @property
    def is_over(self) -> bool:
        return self.status in ENDED

    def runs_in(self, year: int) -> bool:
        """Twin of ``in_year``."""
        if self.status == ProgrammeStatus.PLANNED or (self.since is not None and self.since > year):
            return False
        return self.until is None or self.until >= year


class ProgrammePartQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Parts are seen with their programme."""
        return self.filter(programme__in=Programme.objects.visible_to(user).values("pk"))

    def in_order(self):
        return self.order_by("position", "pk")


class ProgrammeFunder(models.Model):
    """Who pays for a programme: a member of the network or somebody called by name."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="funders")
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funded_programmes",
        verbose_name=_("Organisation"),
    )
    name = models.TextField(_("Name"), blank=True, help_text=_("of a funder outside the network"))
    position = models.PositiveSmallIntegerField(default=0)

    objects = ProgrammePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("funder of a programme")
        verbose_name_plural = _("funders of programmes")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, name="")
                | (Q(organisation__isnull=True) & ~Q(name="")),
                name="funder_is_a_member_or_a_name",
            ),
            models.UniqueConstraint(
                fields=["programme", "organisation"],
                condition=Q(organisation__isnull=False),
                name="one_funder_per_programme",
            ),
            models.UniqueConstraint(
                fields=["programme", "name"], condition=~Q(name=""), name="one_named_funder_per_programme"
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """What the funder is called, in the reader's language where it is a member."""
        return self.organisation.name if self.organisation else self.name


class ProgrammeSchool(models.Model):
    """A school in which a programme runs; schools of one mark are one, whatever they are called."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="schools")
    name = models.TextField(_("Name"))
    code = models.TextField(_("Number at the Ministry of Education"), blank=True)
    mark = models.TextField(editable=False, help_text="its number, else its name as names are compared")
    position = models.PositiveSmallIntegerField(default=0)

    objects = ProgrammePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("school of a programme")
        verbose_name_plural = _("schools of programmes")
        constraints = [
            models.UniqueConstraint(fields=["programme", "mark"], name="one_school_once_per_programme"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(mark=""), name="school_has_name_and_mark"),
        ]

    def __str__(self):
        return self.name
