from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from knowledge.models import Item
from knowledge.models.citation import told
from munistem.commons.enums import LifeStage
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.text.languages import pick
from policy.enums import VersionState
from policy.models.words import Worded


class RoundtableQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Published ones are public; the others are seen by those who convene them and by admins."""
        if user.is_authenticated and user.is_staff:
            return self
        return self.filter(Q(is_published=True) | Q(pk__in=self._convened(user)))

    def convened_by(self, user):
        """Those that the person prepares and leads."""
        return self.filter(pk__in=self._convened(user))

    @staticmethod
    def _convened(user):
        through = Roundtable.conveners.through.objects
        is_asking = user.is_authenticated and user.is_active
        return (through.filter(user_id=user.pk) if is_asking else through.none()).values("roundtable")

    def latest_first(self):
        return self.order_by(models.F("held_on").desc(nulls_last=True), "-pk")


class Roundtable(models.Model):
    """A discussion of many bodies out of which recommendations came."""

    slug = models.SlugField(_("Part of the address"), unique=True, max_length=80)
    title_he = models.TextField(_("Title in Hebrew"))
    title_ar = models.TextField(_("Title in Arabic"), blank=True)
    title_en = models.TextField(_("Title in English"), blank=True)
    question_he = models.TextField(_("Question in Hebrew"), blank=True)
    question_ar = models.TextField(_("Question in Arabic"), blank=True)
    question_en = models.TextField(_("Question in English"), blank=True)
    background_he = models.TextField(
        _("Background in Hebrew"), blank=True, help_text=_("paragraphs with an empty line between them")
    )
    background_ar = models.TextField(_("Background in Arabic"), blank=True)
    background_en = models.TextField(_("Background in English"), blank=True)
    participants_he = models.TextField(_("Participants in Hebrew"), blank=True)
    participants_ar = models.TextField(_("Participants in Arabic"), blank=True)
    participants_en = models.TextField(_("Participants in English"), blank=True)
    held_on = models.DateField(_("Held on"), null=True, blank=True)
    conveners = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="convened_roundtables",
        blank=True,
        verbose_name=_("Who convenes it"),
    )
    is_published = models.BooleanField(_("Published"), default=True)

    objects = RoundtableQuerySet.as_manager()

    class Meta:
        verbose_name = _("roundtable")
        verbose_name_plural = _("roundtables")
        constraints = [models.CheckConstraint(condition=~Q(title_he=""), name="roundtable_has_title")]

    def __str__(self):
        return self.title

    @property
    def title(self) -> str:
        return pick(self, "title")

    @property
    def question(self) -> str:
        return pick(self, "question")

    @property
    def background(self) -> str:
        return pick(self, "background")

    @property
    def participants(self) -> str:
        return pick(self, "participants")

    def get_absolute_url(self):
        return reverse("show_roundtable", args=[self.slug])


class RecommendationQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Published ones of published roundtables are public; the others are seen by conveners and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        public = Q(
            is_published=True, roundtable__in=Roundtable.objects.filter(is_published=True).values("pk")
        )
        return self.filter(public | Q(roundtable__in=Roundtable.objects.convened_by(user).values("pk")))

    def convened_by(self, user):
        """Those of roundtables that the person convenes."""
        return self.filter(roundtable__in=Roundtable.objects.convened_by(user).values("pk"))

    def in_force(self):
        """Those that the network stands by: adopted and not withdrawn."""
        return self.filter(current_version__state=VersionState.ADOPTED)

    def once_adopted(self):
        """Those that are, or were, the word of the network."""
        return self.filter(current_version__isnull=False)

    def in_order(self):
        return self.order_by("roundtable", "number")

    def with_endorsed_count(self):
        """Annotate ``endorsed_count``: how many member municipalities endorse it, by themselves or with their cluster.

        The one count of every page, list and letter: an endorsement of one's own and a share in a joint one are one.
        """
        from policy.models.endorsement import Endorsement
        from policy.models.vouching import EndorsementShare

        own = Endorsement.objects.endorsing().of_municipalities().filter(recommendation=OuterRef("pk"))
        shares = EndorsementShare.objects.counted().filter(endorsement__recommendation=OuterRef("pk"))
        return self.annotate(
            endorsed_count=number_of(own, "recommendation") + number_of(shares, "endorsement__recommendation")
        )

    def without_index(self):
        """Leave the wide search column in the database; for every page that shows recommendations."""
        return self.defer("search_vector", "search_title")


def number_of(rows: models.QuerySet, by: str) -> Coalesce:
    """How many rows there are, as a column of a query that each of them refers to."""
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class Recommendation(Worded, Searchable):
    """What a municipality is recommended to do, in the words of its version in force.

    A version is worded, adopted and kept (``RecommendationVersion``); adopting it copies its words here, where lists, search
    and the API read them.
    """

    roundtable = models.ForeignKey(
        Roundtable, models.PROTECT, related_name="recommendations", verbose_name=_("Roundtable")
    )
    number = models.PositiveSmallIntegerField(_("Number"))
    slug = models.SlugField(_("Part of the address"), unique=True, max_length=80)
    life_stages = ArrayField(models.TextField(choices=LifeStage), default=list, blank=True)
    current_version = models.ForeignKey(
        "policy.RecommendationVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="current_of",
        verbose_name=_("Version in force"),
    )
    is_published = models.BooleanField(_("Published"), default=False)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        constraints = [
            models.UniqueConstraint(fields=["roundtable", "number"], name="one_recommendation_per_number"),
            models.CheckConstraint(condition=~Q(title_he=""), name="recommendation_has_title"),
            models.CheckConstraint(
                condition=Q(is_published=False) | Q(current_version__isnull=False),
                name="published_recommendation_has_version",
            ),
        ]
        indexes = [Searchable.search_index("recommendation_search")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("show_recommendation", args=[self.slug])

    def search_heading(self) -> str:
        return f"{self.title_he}\n{self.title_ar}\n{self.title_en}"

    def search_texts(self):
        weights = {"title": "A", "summary": "B", "rationale": "C", "actions": "C"}
        return [
            (getattr(self, f"{field}_{code}"), weight)
            for field, weight in weights.items()
            for code in ("he", "ar", "en")
        ]


class RecommendationItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A link is seen by who may see both of its ends."""
        items = Item.objects.visible_to(user).published().values("pk")
        recommendations = Recommendation.objects.visible_to(user).values("pk")
        return self.filter(item__in=items, recommendation__in=recommendations)

    def in_order(self):
        return self.order_by("position", "pk")


class RecommendationItem(models.Model):
    """A knowledge item that helps to carry a recommendation out."""

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="item_links")
    item = models.ForeignKey(Item, models.CASCADE, related_name="recommendation_links")
    position = models.PositiveSmallIntegerField(default=0)
    linked_at = models.DateTimeField(default=timezone.now)

    objects = RecommendationItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recommendation", "item"], name="one_link_per_item")]

    def __str__(self):
        return f"{self.recommendation} ← {self.item}"


def citing(user: Any, item: Item) -> models.QuerySet:
    """Recommendations that an item helps to carry out, as the page of the item tells of them."""
    code = (get_language() or settings.LANGUAGE_CODE)[:2]
    here = "title_he" if code not in ("ar", "en") else f"title_{code}"
    title = Coalesce(NullIf(F(here), Value("")), F("title_he"))
    rows = Recommendation.objects.visible_to(user).filter(item_links__item=item).in_order()
    language = Case(
        When(**{here: ""}, then=Value("he")), default=Value(here[-2:]), output_field=models.TextField()
    )
    return told(rows, "recommendation", title, "slug", language)
