from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Meeting
from members.enums import District, OrganisationType
from members.models import Organisation
from munistem.commons.enums import Language
from munistem.commons.text.languages import direction_of
from policy.enums import Dimension, Gender, SeatAnswer, SeatRole
from policy.models.recommendation import Recommendation, Roundtable
from policy.models.version import RecommendationVersion


class OfRoundtableQuerySet(models.QuerySet):
    """What belongs to the workspace of a roundtable."""

    def visible_to(self, user):
        """Those who convene the roundtable and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        return self.filter(roundtable__in=Roundtable.objects.convened_by(user).values("pk"))

    def in_order(self):
        return self.order_by(models.F("table").asc(nulls_last=True), "pk")


class RoundtableSeat(models.Model):
    """Someone invited to a roundtable: a person of the portal or a name, and what is known for a fair mix.

    What people did not say of themselves stays "" (unknown); it is never guessed.
    """

    roundtable = models.ForeignKey(
        Roundtable, models.PROTECT, related_name="seats", verbose_name=_("Roundtable")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="roundtable_seats",
        verbose_name=_("Person of the portal"),
    )
    name = models.TextField(_("Name"), blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="roundtable_seats",
        verbose_name=_("Organisation"),
    )
    table = models.PositiveSmallIntegerField(_("Table"), null=True, blank=True)
    gender = models.TextField(_("Gender"), choices=Gender, blank=True)
    sector = models.TextField(_("Sector"), choices=OrganisationType, blank=True)
    district = models.TextField(_("District"), choices=District, blank=True)
    language = models.TextField(_("Language"), choices=Language, blank=True)
    role = models.TextField(_("Role"), choices=SeatRole, blank=True)
    invited_on = models.DateField(_("Invited on"), null=True, blank=True)
    answer = models.TextField(_("Answer"), choices=SeatAnswer, blank=True)
    was_present = models.BooleanField(_("Was present"), null=True, blank=True)

    objects = OfRoundtableQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat at a roundtable")
        verbose_name_plural = _("seats at roundtables")
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="seat_has_name"),
            models.UniqueConstraint(
                fields=["roundtable", "person"],
                condition=Q(person__isnull=False),
                name="one_seat_per_person_and_roundtable",
            ),
        ]

    def __str__(self):
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.name or (self.person.name if self.person else "")


class RoundtableMeeting(models.Model):
    """A sitting of a roundtable."""

    roundtable = models.ForeignKey(
        Roundtable, models.PROTECT, related_name="meetings", verbose_name=_("Roundtable")
    )
    held_on = models.DateField(_("Held on"))
    name = models.TextField(_("Where, or which one"), blank=True)
    community_meeting = models.ForeignKey(
        Meeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="roundtable_sittings",
        verbose_name=_("Meeting of a community"),
    )

    class Meta:
        verbose_name = _("sitting of a roundtable")
        verbose_name_plural = _("sittings of roundtables")
        constraints = [
            models.UniqueConstraint(
                fields=["roundtable", "held_on", "name"], name="one_sitting_per_day_and_name"
            )
        ]

    def __str__(self):
        return f"{self.held_on:%d/%m/%Y} {self.name}".strip()


class ContributionQuerySet(OfRoundtableQuerySet):
    def visible_to(self, user):
        """Those who convene the roundtable and admins; the network sees what became part of an adopted text."""
        if user.is_authenticated and user.is_staff:
            return self
        seen = Q(roundtable__in=Roundtable.objects.convened_by(user).values("pk"))
        if user.is_authenticated and user.is_in_network:
            recommendations = Recommendation.objects.visible_to(user).values("pk")
            versions = RecommendationVersion.objects.once_adopted().filter(recommendation__in=recommendations)
            sources = VersionSource.objects.filter(version__in=versions.values("pk"))
            seen |= Q(pk__in=sources.values("contribution"))
        return self.filter(seen)

    def in_order(self):
        return self.order_by(models.F("table").asc(nulls_last=True), "position", "pk")


class Contribution(models.Model):
    """What was said at a table, in its language; who said it is named with consent only."""

    roundtable = models.ForeignKey(
        Roundtable, models.PROTECT, related_name="contributions", verbose_name=_("Roundtable")
    )
    meeting = models.ForeignKey(
        RoundtableMeeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contributions",
        verbose_name=_("Sitting"),
    )
    table = models.PositiveSmallIntegerField(_("Table"), null=True, blank=True)
    text = models.TextField(_("What was said"))
    language = models.TextField(_("Language"), choices=Language)
    seat = models.ForeignKey(
        RoundtableSeat,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contributions",
        verbose_name=_("Who said it"),
    )
    is_named = models.BooleanField(_("May be named"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="recorded_contributions",
        verbose_name=_("Written down by"),
    )
    recorded_at = models.DateTimeField(_("Written down on"), default=timezone.now)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="contribution_says_something"),
            models.CheckConstraint(
                condition=Q(is_named=False) | Q(seat__isnull=False), name="named_contribution_has_seat"
            ),
        ]

    def __str__(self):
        return self.text[:80]

    @property
    def direction(self) -> str:
        return direction_of(self.text)


class VersionSource(models.Model):
    """A version grew out of what was said at a table."""

    version = models.ForeignKey(RecommendationVersion, models.CASCADE, related_name="sources")
    contribution = models.ForeignKey(Contribution, models.PROTECT, related_name="uses")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "contribution"], name="one_source_per_contribution")
        ]

    def __str__(self):
        return f"{self.version} ← {self.contribution}"


class TargetShare(models.Model):
    """The share of a group that the network wants around its tables."""

    dimension = models.TextField(_("In what"), choices=Dimension)
    value = models.TextField(_("Group"))
    percent = models.PositiveSmallIntegerField(_("Wanted share in per cent"))

    class Meta:
        verbose_name = _("wanted share")
        verbose_name_plural = _("wanted shares")
        constraints = [
            models.UniqueConstraint(fields=["dimension", "value"], name="one_wanted_share_per_group"),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="wanted_share_is_a_share"
            ),
        ]

    def __str__(self):
        return f"{self.dimension} {self.value}: {self.percent} %"
