from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.enums import AuthorityStatus, District, FigureSource, Measure, PopulationGroup
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.text.languages import pick


class RegionalCluster(models.Model):
    """A regional cluster (eshkol) of local authorities."""

    slug = models.SlugField(unique=True, allow_unicode=True, max_length=80)
    name_he = models.TextField(_("Name in Hebrew"), unique=True)
    name_ar = models.TextField(_("Name in Arabic"), blank=True)
    name_en = models.TextField(_("Name in English"), blank=True)
    website = models.URLField(_("Website"), blank=True)

    class Meta:
        verbose_name = _("regional cluster")
        verbose_name_plural = _("regional clusters")

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return pick(self, "name")


class LocalAuthorityQuerySet(SearchableQuerySet):
    def by_name(self):
        return self.order_by("name_he")


class LocalAuthority(Searchable):
    """A row of the national register, member of the network or not; empty means unknown, never zero."""

    cbs_code = models.PositiveIntegerField(_("Number in the register"), primary_key=True)
    name_he = models.TextField(_("Name in Hebrew"), unique=True)
    name_ar = models.TextField(_("Name in Arabic"), blank=True)
    name_en = models.TextField(_("Name in English"), blank=True)
    status = models.TextField(_("Municipal status"), choices=AuthorityStatus)
    district = models.TextField(_("District"), choices=District, blank=True)
    sub_district = models.TextField(blank=True)
    population = models.PositiveIntegerField(_("Residents"), null=True, blank=True)
    population_year = models.PositiveSmallIntegerField(null=True, blank=True)
    socioeconomic_cluster = models.PositiveSmallIntegerField(
        _("Socio-economic cluster"), null=True, blank=True, help_text="1 lowest – 10"
    )
    socioeconomic_year = models.PositiveSmallIntegerField(null=True, blank=True)
    periphery_cluster = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 most peripheral")
    population_group = models.TextField(_("Population group"), choices=PopulationGroup, blank=True)
    cluster = models.ForeignKey(
        RegionalCluster,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="authorities",
        verbose_name=_("Regional cluster"),
    )
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    website = models.URLField(_("Website"), blank=True)

    objects = LocalAuthorityQuerySet.as_manager()

    class Meta:
        verbose_name = _("local authority")
        verbose_name_plural = _("local authorities")
        indexes = [Searchable.search_index("authority_search")]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return pick(self, "name")

    def get_absolute_url(self):
        return reverse("show_authority", args=[self.pk])

    @classmethod
    def public_rows(cls):
        return cls.objects.all()

    def search_heading(self) -> str:
        return f"{self.name_he}\n{self.name_ar}\n{self.name_en}"

    def search_texts(self):
        return [(self.name_he, "A"), (self.name_ar, "A"), (self.name_en, "A"), (str(self.cbs_code), "A")]


class AuthorityFigureQuerySet(models.QuerySet):
    def latest_first(self):
        return self.order_by("measure", "-year")


class AuthorityFigure(models.Model):
    """What a public source tells of a local authority in one school year; what it does not tell has no row."""

    authority = models.ForeignKey(
        LocalAuthority, models.PROTECT, related_name="figures", verbose_name=_("Local authority")
    )
    measure = models.TextField(_("Measure"), choices=Measure)
    year = models.PositiveSmallIntegerField(
        _("School year"), help_text="the calendar year in which the school year begins"
    )
    value = models.FloatField(_("Value"), help_text="per cent for shares, else a number of pupils")
    whole = models.PositiveIntegerField(
        _("Of how many"), null=True, blank=True, help_text="where the source tells it"
    )
    source = models.TextField(_("Source"), choices=FigureSource)

    objects = AuthorityFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("figure of a local authority")
        verbose_name_plural = _("figures of local authorities")
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "measure", "year"], name="one_figure_per_authority_measure_and_year"
            ),
            models.CheckConstraint(
                condition=models.Q(measure__in=Measure.values, source__in=FigureSource.values, value__gte=0)
                & (models.Q(whole__isnull=True) | models.Q(whole__gte=models.F("value"))),
                name="authority_figure_is_known",
            ),
        ]

    def __str__(self):
        return f"{self.authority_id} {self.measure} {self.year}"

    @property
    def kind(self) -> Measure:
        return Measure(self.measure)
