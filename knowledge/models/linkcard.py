from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone

from knowledge.models.intake import Intake
from knowledge.models.item import Item
from knowledge.models.revision import Revision, RevisionLink
from munistem.commons.files.models import StoredFile


class CardState(models.TextChoices):
    """Of a look at a page outside the portal."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class LinkCardQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A card is seen with a revision that holds its link; while an item is begun, by who begins it."""
        links = RevisionLink.objects.filter(
            url=OuterRef("url"),
            revision__item=OuterRef("item"),
            revision__in=Revision.objects.visible_to(user).values("pk"),
        )
        seen = Q(Exists(links))
        if user.is_authenticated:
            seen |= Q(intake__in=Intake.objects.visible_to(user).values("pk"))
        return self.filter(seen)

    def ready(self):
        return self.filter(state=CardState.READY)


def with_cards_of_links(revisions):
    """Annotate ``card_rows``: what the pages say of themselves to which the item's links lead, in the same query."""
    cards = LinkCard.objects.filter(item=OuterRef("item")).ready()
    fields = ("pk", "url", "title", "site", "description", "language", "seconds", "picture_id")
    return revisions.annotate(
        card_rows=ArraySubquery(cards.values(data=JSONObject(**{field: field for field in fields})))
    )


class LinkCard(models.Model):
    """What a page outside said of itself when the worker looked: for one item alone, so that no other tells of it."""

    item = models.ForeignKey(Item, models.CASCADE, null=True, blank=True, related_name="link_cards")
    intake = models.ForeignKey(Intake, models.CASCADE, null=True, blank=True, related_name="link_cards")
    url = models.URLField(max_length=2000)
    state = models.TextField(choices=CardState, default=CardState.WAITING)
    title = models.TextField(blank=True)
    site = models.TextField(blank=True)
    description = models.TextField(blank=True)
    language = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="while an item is begun: what is proposed is made of it")
    seconds = models.PositiveIntegerField(null=True, blank=True, help_text="of a film, if the page says so")
    picture = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="link_cards", help_text="drawn anew"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    fetched_at = models.DateTimeField(null=True, blank=True)

    objects = LinkCardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "url"], name="one_card_per_link_of_item"),
            models.UniqueConstraint(fields=["intake", "url"], name="one_card_per_link_of_intake"),
            models.CheckConstraint(
                condition=Q(item__isnull=False, intake__isnull=True)
                | Q(item__isnull=True, intake__isnull=False),
                name="link_card_belongs_to_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(state=CardState.READY) | Q(fetched_at__isnull=False),
                name="ready_link_card_has_time",
            ),
        ]

    def __str__(self):
        return self.title or self.url
