"""The yearly figures of programmes. Figures of one programme are for who keeps it; all others see sums of cells."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from munistem.commons.days.school import school_year_name
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.terms.models import Term
from policy.enums import Quality
from policy.models.programme import Programme

#: What is counted of a programme in a year; each has its value (None: not known) and ``<name>_quality``.
COUNTED = ("places", "participants", "girls", "boys")
FIRST_YEAR, LAST_YEAR = 2000, 2100


def known_as_said(value: str, quality: str) -> Q:
    """A figure is unknown exactly when it has no value."""
    return Q(**{f"{value}__isnull": True, quality: Quality.UNKNOWN}) | Q(
        **{f"{value}__isnull": False, f"{quality}__in": [Quality.MEASURED, Quality.ESTIMATED]}
    )


def no_more_than(part: str, whole: str) -> Q:
    return (
        Q(**{f"{part}__isnull": True})
        | Q(**{f"{whole}__isnull": True})
        | Q(**{f"{part}__lte": models.F(whole)})
    )


class ProgrammeFigureQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who keeps the programme: representatives of its municipality, and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        return self.filter(programme__in=Programme.objects.kept_by(user).values("pk"))

    def of_year(self, year: int):
        return self.filter(year=year)

    def in_order(self):
        """By year, then along the continuum as it is walked: what is not split first."""
        stages = models.Case(
            *(models.When(life_stage=stage, then=place) for place, stage in enumerate(LifeStage.values, 1)),
            default=0,
        )
        settings = models.Case(
            *(models.When(setting=setting, then=place) for place, setting in enumerate(Setting.values, 1)),
            default=0,
        )
        return self.order_by("-year", stages, settings, "pk")


class ProgrammeFigure(models.Model):
    """What was counted of a programme in one school year, whole or for one of its life stages and settings.

    ``year`` is the calendar year in which the school year begins. ``life_stage`` and ``setting`` are "" where the figure is
    not split; a programme of one stage (setting) always names it, and the rows of a year are either all split or none.
    """

    programme = models.ForeignKey(
        Programme, models.CASCADE, related_name="figures", verbose_name=_("Programme")
    )
    year = models.PositiveSmallIntegerField(_("School year"))
    life_stage = models.TextField(_("Life stage"), choices=LifeStage, blank=True)
    setting = models.TextField(_("Setting"), choices=Setting, blank=True)
    places = models.PositiveIntegerField(_("Places"), null=True, blank=True)
    places_quality = models.TextField(choices=Quality, default=Quality.UNKNOWN)
    participants = models.PositiveIntegerField(_("Participants"), null=True, blank=True)
    participants_quality = models.TextField(choices=Quality, default=Quality.UNKNOWN)
    girls = models.PositiveIntegerField(_("Girls"), null=True, blank=True)
    girls_quality = models.TextField(choices=Quality, default=Quality.UNKNOWN)
    boys = models.PositiveIntegerField(_("Boys"), null=True, blank=True)
    boys_quality = models.TextField(choices=Quality, default=Quality.UNKNOWN)
    is_carried_over = models.BooleanField(
        default=False, help_text="copied from the year before and not looked at since"
    )
    changed_at = models.DateTimeField(_("Changed on"), auto_now=True)

    objects = ProgrammeFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("figures of a programme")
        verbose_name_plural = _("figures of programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "life_stage", "setting"], name="one_figure_per_year_and_cell"
            ),
            *(
                models.CheckConstraint(
                    condition=known_as_said(name, f"{name}_quality"), name=f"figure_{name}_known_as_said"
                )
                for name in COUNTED
            ),
            models.CheckConstraint(
                condition=no_more_than("girls", "participants")
                & no_more_than("boys", "participants")
                & (
                    Q(girls__isnull=True)
                    | Q(boys__isnull=True)
                    | Q(participants__isnull=True)
                    | Q(participants__gte=models.F("girls") + models.F("boys"))
                ),
                name="girls_and_boys_are_among_participants",
            ),
            models.CheckConstraint(
                condition=Q(
                    life_stage__in=["", *LifeStage.values],
                    setting__in=["", *Setting.values],
                    year__gte=FIRST_YEAR,
                    year__lte=LAST_YEAR,
                ),
                name="figure_codes_are_known",
            ),
        ]
        indexes = [models.Index(fields=["year", "programme"], name="figure_by_year")]

    def __str__(self):
        return f"{self.programme} {school_year_name(self.year)}"


class PopulationFigureQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Seen with the figure that it is a part of."""
        return self.filter(figure__in=ProgrammeFigure.objects.visible_to(user).values("pk"))


class PopulationFigure(models.Model):
    """How many of the participants belong to a population; one person may belong to several."""

    figure = models.ForeignKey(ProgrammeFigure, models.CASCADE, related_name="populations")
    term = models.ForeignKey(
        Term, models.PROTECT, related_name="population_figures", verbose_name=_("Population")
    )
    value = models.PositiveIntegerField(_("Participants"), null=True, blank=True)
    quality = models.TextField(choices=Quality, default=Quality.UNKNOWN)

    objects = PopulationFigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["figure", "term"], name="one_population_once_per_figure"),
            models.CheckConstraint(
                condition=known_as_said("value", "quality"), name="population_known_as_said"
            ),
        ]

    def __str__(self):
        return f"{self.term}: {self.value}"
