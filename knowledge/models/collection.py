"""Collections: items that somebody chose, in an order, with a word on each."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from knowledge.models.item import Item
from munistem.commons.enums import Language, Visibility
from munistem.commons.search.completion import words_index
from munistem.commons.search.models import Searchable, SearchableQuerySet


class CollectionQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """By their visibility; one that was closed is seen by who keeps it."""
        if user.is_authenticated and (user.is_staff or user.is_knowledge_manager):
            return self
        seen = Q(visibility=Visibility.PUBLIC)
        if not user.is_authenticated:
            return self.standing().filter(seen)
        if user.is_in_network:
            seen |= Q(visibility=Visibility.NETWORK)
        joined = Community.objects.joined_by(user)
        seen |= Q(visibility=Visibility.COMMUNITY, community__in=joined.values("pk"))
        return self.filter((Q(closed_at__isnull=True) & seen) | Q(created_by=user))

    def kept_by(self, user):
        """Open ones that this person may change; the twin of ``can_edit_collection`` for who may collect at all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff or user.is_knowledge_manager:
            return self.standing()
        led = Community.objects.facilitated_by(user)
        mine = Q(created_by=user) | Q(community__in=led.values("pk"))
        return self.visible_to(user).standing().filter(mine)

    def standing(self):
        return self.filter(closed_at__isnull=True)

    def holding(self, item):
        """Those in which an item stands."""
        held = CollectionItem.objects.filter(collection=OuterRef("pk"), item=item)
        return self.filter(Exists(held))

    def with_counts(self, user):
        """Annotate ``item_count``: how many items this person would find in each."""
        entries = CollectionItem.objects.visible_to(user).filter(collection=OuterRef("pk"))
        numbers = entries.order_by().values("collection").annotate(number=Count("pk")).values("number")
        return self.annotate(item_count=Coalesce(Subquery(numbers), 0))

    def latest_first(self):
        return self.order_by("-changed_at", "-pk")


class Collection(Searchable):
    """A choice of items under one title; whoever may not see an item does not see it here either."""

    slug = models.SlugField(_("Part of the address"), unique=True, allow_unicode=True, max_length=80)
    title = models.TextField(_("Title"))
    text = models.TextField(_("What it is for"), blank=True)
    language = models.TextField(_("Language"), choices=Language, default=Language.HE)
    visibility = models.TextField(_("Who may see it"), choices=Visibility, default=Visibility.NETWORK)
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="collections",
        verbose_name=_("Community"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="collections", verbose_name=_("Made by")
    )
    created_at = models.DateTimeField(_("Created on"), auto_now_add=True)
    changed_at = models.DateTimeField(_("Changed on"), default=timezone.now)
    closed_at = models.DateTimeField(_("Closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="closed_collections",
        verbose_name=_("Closed by"),
    )
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )

    objects = CollectionQuerySet.as_manager()
    search_at = "changed_at"
    search_language = "language"

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="collection_has_title"),
            models.CheckConstraint(
                condition=Q(visibility__in=[Visibility.PUBLIC, Visibility.NETWORK])
                | Q(visibility=Visibility.COMMUNITY, community__isnull=False),
                name="community_collection_names_its_community",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="closed_collection_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="collection_language_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["-changed_at"], name="collection_latest"),
            Searchable.search_index("collection_search"),
            words_index("collection_words"),
        ]

    def __str__(self):
        return self.title

    @property
    def marker(self) -> str:
        """Which state of its words a form was made from."""
        told = [
            str(getattr(self, name)) for name in ("title", "text", "language", "visibility", "community_id")
        ]
        return sha256(repr(told).encode()).hexdigest()[:16]

    def get_absolute_url(self):
        return reverse("show_collection", args=[self.slug])

    @classmethod
    def public_rows(cls):
        return cls.objects.visible_to(AnonymousUser()).standing()

    def search_heading(self) -> str:
        return self.title

    def search_texts(self):
        """What it is called and what it is for; the words on its items are read by those alone who may see the items."""
        return [(self.title, "A"), (self.text, "B")]


class CollectionItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What may be seen of both: the collection and the published item."""
        items: Any = Item.objects.visible_to(user).published()
        shown = Collection.objects.visible_to(user)
        return self.filter(item__in=items.values("pk"), collection__in=shown.values("pk"))

    def in_order(self):
        return self.order_by("position", "pk")


class CollectionItem(models.Model):
    """The place of an item in a collection, and why it stands there."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, models.PROTECT, related_name="collection_entries")
    position = models.PositiveIntegerField(default=0)
    note = models.TextField(_("Why it stands here"), blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="collection_entries")
    added_at = models.DateTimeField(default=timezone.now)

    objects = CollectionItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of a collection")
        verbose_name_plural = _("items of collections")
        constraints = [
            models.UniqueConstraint(fields=["collection", "item"], name="item_once_per_collection")
        ]

    def __str__(self):
        return f"{self.collection_id}: {self.item_id}"
