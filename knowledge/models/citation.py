"""Where an item is spoken of: links in discussions, kept by the clock; other rooms add what they know of."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Post, Topic
from knowledge.models.collection import Collection
from knowledge.models.item import Item
from munistem.commons.ready import Reader, ready

#: So many of each sort are shown.
MOST = 12


class CitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A link is seen by who may see both of its ends."""
        items = Item.objects.visible_to(user).published()
        return self.filter(post__in=Post.objects.visible_to(user).values("pk"), item__in=items.values("pk"))


class Citation(models.Model):
    """A post links to an item."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="citations")
    post = models.ForeignKey(Post, models.CASCADE, related_name="citations")
    found_at = models.DateTimeField(default=timezone.now)

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to an item")
        verbose_name_plural = _("links to items")
        constraints = [models.UniqueConstraint(fields=["item", "post"], name="cited_once_per_post")]

    def __str__(self):
        return f"{self.item_id} ← {self.post_id}"


class Cited(NamedTuple):
    """Where an item is spoken of: the sort of place, its title and language, and the key of its address."""

    sort: str
    title: str
    key: str
    language: str


#: What finds the places of one sort: (reader, item known by its key alone) → rows with the columns of ``Cited`` (see
#: ``told``).
CITERS: list[Callable[[Any, Item], QuerySet]] = []


def cited_in(find: Callable[[Any, Item], QuerySet]) -> None:
    """Let a room above tell where it speaks of an item."""
    if find not in CITERS:
        CITERS.append(find)


def cited(user: Any, item: Item) -> list[Cited]:
    """Every place that speaks of an item and that this person may see, in one query."""
    return [Cited(*row) for row in _cited(user, item.pk)]


@ready
def _cited(reader: Reader, item: int) -> QuerySet:
    first, *others = (find(reader, Item(pk=item))[:MOST] for find in (in_topics, in_collections, *CITERS))
    return first.union(*others, all=True)


def told(rows: QuerySet, sort: str, title: Any, key: str, language: Any) -> QuerySet:
    """Rows in the columns of ``Cited``."""
    columns = {
        "cited_sort": Value(sort, TextField()),
        "cited_title": Cast(title, TextField()),
        "cited_key": Cast(F(key), TextField()),
        "cited_language": Cast(language, TextField()),
    }
    return rows.annotate(**columns).values_list(*columns)


def in_topics(user: Any, item: Item) -> QuerySet:
    """Discussions that link to it, the latest first."""
    shown = Citation.objects.filter(item=item, post__in=Post.objects.visible_to(user).values("pk"))
    topics = Topic.objects.visible_to(user).filter(pk__in=shown.values("post__topic"))
    return told(topics.order_by("-last_post_at", "-pk"), "topic", F("title"), "pk", F("language"))


def in_collections(user: Any, item: Item) -> QuerySet:
    """Collections in which it stands."""
    rows = Collection.objects.visible_to(user).standing().holding(item).latest_first()
    return told(rows, "collection", F("title"), "slug", F("language"))
