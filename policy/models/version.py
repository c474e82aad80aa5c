from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from munistem.commons.enums import LifeStage
from munistem.commons.terms.models import Term
from munistem.commons.text.languages import pick
from policy.enums import Indicator, VersionState
from policy.models.recommendation import Recommendation
from policy.models.words import CODES, SAID, Worded

#: What a version says, in the order of its page.
TEXTS = (*SAID[:3], "evidence", "actions", "cost")
#: States in which a version is, or once was, the word of the network.
ONCE_ADOPTED = (VersionState.ADOPTED, VersionState.SUPERSEDED, VersionState.WITHDRAWN)


class RecommendationVersionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Versions once adopted are seen with their recommendation; those under consultation by the network.

        Drafts and what a later version overtook before it was adopted are for those who convene the roundtable.
        """
        if user.is_authenticated and user.is_staff:
            return self
        recommendations = Recommendation.objects.visible_to(user).values("pk")
        seen = Q(was_adopted=True, recommendation__in=recommendations)
        if user.is_authenticated and user.is_in_network:
            seen |= Q(state=VersionState.CONSULTATION)
        return self.filter(seen | Q(recommendation__in=Recommendation.objects.convened_by(user).values("pk")))

    def adopted(self):
        return self.filter(state=VersionState.ADOPTED)

    def once_adopted(self):
        """What is or was the word of the network."""
        return self.filter(was_adopted=True)

    def latest_first(self):
        return self.order_by("-number", "-pk")


class RecommendationVersion(Worded):
    """A recommendation as it was worded once; past its draft no word of it changes, the next version says it anew.

    ``hebrew_since``: the number of the version from which its Hebrew words stand. A translation follows the Hebrew of the
    version in ``translated_from_…``; one that follows an earlier Hebrew is outdated.
    """

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="versions", verbose_name=_("Recommendation")
    )
    number = models.PositiveSmallIntegerField(_("Version"))
    evidence_he = models.TextField(_("Evidence in Hebrew"), blank=True)
    evidence_ar = models.TextField(_("Evidence in Arabic"), blank=True)
    evidence_en = models.TextField(_("Evidence in English"), blank=True)
    cost_he = models.TextField(_("Cost and effort in Hebrew"), blank=True)
    cost_ar = models.TextField(_("Cost and effort in Arabic"), blank=True)
    cost_en = models.TextField(_("Cost and effort in English"), blank=True)
    life_stages = ArrayField(models.TextField(choices=LifeStage), default=list, blank=True)
    populations = models.ManyToManyField(Term, related_name="recommendation_versions", blank=True)
    indicators = ArrayField(models.TextField(choices=Indicator), default=list, blank=True)
    hebrew_since = models.PositiveSmallIntegerField(default=1)
    translated_from_ar = models.PositiveSmallIntegerField(null=True, blank=True)
    translated_from_en = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.TextField(_("State"), choices=VersionState, default=VersionState.DRAFT)
    was_adopted = models.BooleanField(default=False)
    edition = models.PositiveIntegerField(
        default=1, help_text="counts savings of the draft, to tell a stale form"
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="written_versions",
        verbose_name=_("Written by"),
    )
    written_at = models.DateTimeField(_("Written on"), default=timezone.now)

    objects = RecommendationVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a recommendation")
        verbose_name_plural = _("versions of recommendations")
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["recommendation"],
                condition=Q(state=VersionState.ADOPTED),
                name="one_version_in_force_per_recommendation",
            ),
            models.UniqueConstraint(
                fields=["recommendation"],
                condition=Q(state=VersionState.DRAFT),
                name="one_draft_per_recommendation",
            ),
            models.CheckConstraint(condition=~Q(title_he=""), name="version_has_title"),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="version_state_is_known"),
            models.CheckConstraint(
                condition=(
                    Q(state__in=[VersionState.ADOPTED, VersionState.WITHDRAWN], was_adopted=True)
                    | Q(state__in=[VersionState.DRAFT, VersionState.CONSULTATION], was_adopted=False)
                    | Q(state=VersionState.SUPERSEDED)
                ),
                name="version_remembers_that_it_was_adopted",
            ),
            models.CheckConstraint(
                condition=Q(hebrew_since__lte=F("number")), name="version_hebrew_is_no_later_than_itself"
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"

    def get_absolute_url(self):
        return reverse("show_version", args=[self.recommendation.slug, self.number])

    @property
    def evidence(self) -> str:
        return pick(self, "evidence")

    @property
    def cost(self) -> str:
        return pick(self, "cost")

    @property
    def state_kind(self) -> VersionState:
        return VersionState(self.state)

    @property
    def is_in_force(self) -> bool:
        return self.state == VersionState.ADOPTED

    def is_translated(self, code: str) -> bool:
        return code == "he" or bool(getattr(self, f"title_{code}"))

    def is_outdated(self, code: str) -> bool:
        """Whether what it says in a language follows an earlier Hebrew text."""
        if code == "he" or not self.is_translated(code):
            return False
        return (getattr(self, f"translated_from_{code}") or 0) < self.hebrew_since

    def words(self, code: str) -> tuple[str, ...]:
        """All that it says in a language, to be compared."""
        return tuple(getattr(self, f"{field}_{code}") for field in TEXTS)


class VersionStep(models.Model):
    """A version came into a state: when, by whom (nobody: founded with the network), and why."""

    version = models.ForeignKey(
        RecommendationVersion, models.PROTECT, related_name="steps", verbose_name=_("Version")
    )
    state = models.TextField(_("State"), choices=VersionState)
    taken_at = models.DateTimeField(_("When"), default=timezone.now)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="version_steps",
        verbose_name=_("By whom"),
    )
    reason = models.TextField(_("Reason"), blank=True)

    class Meta:
        verbose_name = _("step of a version")
        verbose_name_plural = _("steps of versions")
        constraints = [
            models.UniqueConstraint(fields=["version", "state"], name="one_step_per_state"),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="step_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=VersionState.WITHDRAWN) | ~Q(reason=""),
                name="withdrawn_version_has_reason",
            ),
        ]

    def __str__(self):
        return f"{self.version}: {self.get_state_display()}"


def in_words(version: RecommendationVersion) -> dict[str, str]:
    """The texts that a recommendation in force shows in lists, search and the API."""
    return {f"{field}_{code}": getattr(version, f"{field}_{code}") for field in SAID for code in CODES}
