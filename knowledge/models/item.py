from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from communities.models import Community
from members.models import Organisation, Representative
from munistem.commons.enums import Visibility
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.text.html import plain


class ItemQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Published items by their visibility; unpublished ones for author, organisation's managers, reviewers."""
        published = self.published()
        if not user.is_authenticated:
            return published.filter(visibility=Visibility.PUBLIC)
        if user.is_staff or user.is_knowledge_manager:
            return self
        seen = Q(visibility=Visibility.PUBLIC)
        if user.is_in_network:
            seen |= Q(visibility=Visibility.NETWORK)
        joined = Community.objects.joined_by(user)
        seen |= Q(visibility=Visibility.COMMUNITY, community__in=joined.values("pk"))
        return self.filter((Q(published__isnull=False) & Q(withdrawn_at__isnull=True) & seen) | self._own(user))

    @staticmethod
    def _own(user):
        managed = Representative.objects.active().managers().filter(person=user)
        return Q(created_by=user) | Q(organisation__in=managed.values("organisation"))

    def published(self):
        return self.filter(published__isnull=False, withdrawn_at__isnull=True)

    def with_published(self):
        return self.select_related("published", "organisation", "published__authority")

    def latest_first(self):
        return self.order_by("-published_at", "-pk")


class Item(Searchable):
    """A piece of knowledge; what it says stands in its revisions, one of which is published."""

    slug = models.SlugField(unique=True, allow_unicode=True, max_length=80)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="knowledge_items"
    )
    visibility = models.TextField(choices=Visibility, default=Visibility.NETWORK)
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="knowledge_items"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="knowledge_items")
    created_at = models.DateTimeField(auto_now_add=True)
    published = models.OneToOneField(
        "knowledge.Revision", models.PROTECT, null=True, blank=True, related_name="published_for"
    )
    published_at = models.DateTimeField(null=True, blank=True, help_text="first time")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="withdrawn_items"
    )
    withdrawn_reason = models.TextField(blank=True)
    nonce = models.UUIDField(null=True, blank=True, unique=True, help_text="of the form, so that it counts once")

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility=Visibility.COMMUNITY, community__isnull=False)
                | (Q(visibility__in=[Visibility.PUBLIC, Visibility.NETWORK])),
                name="community_item_names_its_community",
            ),
            models.CheckConstraint(
                condition=Q(published__isnull=True, published_at__isnull=True)
                | Q(published__isnull=False, published_at__isnull=False),
                name="published_item_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-published_at"], name="item_latest"),
            Searchable.search_index("item_search"),
        ]

    def __str__(self):
        return self.published.title if self.published else self.slug

    def get_absolute_url(self):
        return reverse("show_item", args=[self.slug])

    @property
    def current(self):
        """The published revision, else the latest one."""
        return self.published or self.revisions.order_by("-number").first()

    def search_heading(self) -> str:
        return self.current.title if self.current else ""

    def search_texts(self):
        """Of the published revision only; an unpublished item is found by nobody."""
        if not (revision := self.published):
            return []
        terms = " ".join(f"{t.name} {t.name_he} {t.name_ar} {t.name_en} {' '.join(t.synonyms)}" for t in revision.tags.all())
        files = [(f"{link.file.name} {link.file.text[:200_000]}", "D") for link in revision.files.select_related("file")]
        return [(revision.title, "A"), (revision.summary, "B"), (terms, "B"), (plain(revision.body), "C"), *files]
