from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from knowledge.models import Item
from munistem.commons.enums import LifeStage
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.text.languages import pick


class RoundtableQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self if user.is_authenticated and user.is_staff else self.filter(is_published=True)

    def latest_first(self):
        return self.order_by("-held_on", "-pk")


class Roundtable(models.Model):
    """A discussion of many bodies out of which recommendations came."""

    slug = models.SlugField(unique=True, max_length=80)
    title_he = models.TextField()
    title_ar = models.TextField(blank=True)
    title_en = models.TextField(blank=True)
    question_he = models.TextField(blank=True)
    question_ar = models.TextField(blank=True)
    question_en = models.TextField(blank=True)
    background_he = models.TextField(blank=True)
    background_ar = models.TextField(blank=True)
    background_en = models.TextField(blank=True)
    participants_he = models.TextField(blank=True)
    participants_ar = models.TextField(blank=True)
    participants_en = models.TextField(blank=True)
    held_on = models.DateField(null=True, blank=True)
    is_published = models.BooleanField(default=True)

    objects = RoundtableQuerySet.as_manager()

    def __str__(self):
        return self.title

    @property
    def title(self) -> str:
        return pick(self, "title")

    def get_absolute_url(self):
        return reverse("show_roundtable", args=[self.slug])


class RecommendationQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        return self if user.is_authenticated and user.is_staff else self.filter(is_published=True)

    def in_order(self):
        return self.order_by("roundtable", "number")


class Recommendation(Searchable):
    """What a municipality is recommended to do, in three languages."""

    roundtable = models.ForeignKey(Roundtable, models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField()
    slug = models.SlugField(unique=True, max_length=80)
    title_he = models.TextField()
    title_ar = models.TextField(blank=True)
    title_en = models.TextField(blank=True)
    summary_he = models.TextField(blank=True)
    summary_ar = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    rationale_he = models.TextField(blank=True)
    rationale_ar = models.TextField(blank=True)
    rationale_en = models.TextField(blank=True)
    actions_he = models.TextField(blank=True, help_text="one action a line")
    actions_ar = models.TextField(blank=True, help_text="one action a line")
    actions_en = models.TextField(blank=True, help_text="one action a line")
    life_stages = ArrayField(models.TextField(choices=LifeStage), default=list, blank=True)
    is_published = models.BooleanField(default=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roundtable", "number"], name="one_recommendation_per_number")
        ]
        indexes = [Searchable.search_index("recommendation_search")]

    def __str__(self):
        return self.title

    @property
    def title(self) -> str:
        return pick(self, "title")

    def get_absolute_url(self):
        return reverse("show_recommendation", args=[self.slug])

    def search_heading(self) -> str:
        return self.title_he

    def search_texts(self):
        weights = {"title": "A", "summary": "B", "rationale": "C", "actions": "C"}
        return [
            (getattr(self, f"{field}_{code}"), weight)
            for field, weight in weights.items()
            for code in ("he", "ar", "en")
        ]


class RecommendationItem(models.Model):
    """A knowledge item that helps to carry a recommendation out."""

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="item_links")
    item = models.ForeignKey(Item, models.CASCADE, related_name="recommendation_links")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "item"], name="one_link_per_item")
        ]

    def __str__(self):
        return f"{self.recommendation} ← {self.item}"
