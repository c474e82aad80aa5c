from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from knowledge.enums import Facet
from knowledge.models.details import detail_texts
from knowledge.models.shelf import ShelfQuerySet
from members.enums import District
from members.models import Organisation, Representative
from munistem.commons.enums import Language, LifeStage, Visibility
from munistem.commons.search.completion import words_index
from munistem.commons.search.models import Searchable
from munistem.commons.terms.models import TermKind
from munistem.commons.text.html import plain

MOST_FILE_TEXT = 200_000
#: The circle of readers, the widest last: a consent holds for those for whom it was given, and for fewer.
REACH: dict[str, int] = {Visibility.COMMUNITY: 1, Visibility.NETWORK: 2, Visibility.PUBLIC: 3}
#: What lists of items show; the rest stays in the database.
CARD = [
    *("slug", "visibility", "published_at", "organisation_id", "community_id", "withdrawn_at"),
    *("edition_of_id", "language", "valid_until"),
    *(f"published__{field}" for field in ("title", "summary", "kind", "language", "life_stages")),
    *(f"organisation__{field}" for field in ("slug", "type", "name_he", "name_ar", "name_en")),
]


#: What stands on the shelves, and of what it hangs who sees it there and which edition is shown.
ON_SHELF = Q(published__isnull=False, withdrawn_at__isnull=True)
SEEN_BY = (
    *("visibility", "community", "organisation", "created_by"),
    *("language", "edition_of", "published", "withdrawn_at"),
)


class ItemQuerySet(ShelfQuerySet):
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
        return self.filter(
            (Q(published__isnull=False) & Q(withdrawn_at__isnull=True) & seen) | self._own(user)
        )

    @staticmethod
    def _own(user):
        managed = Representative.objects.active().managers().filter(person=user)
        return Q(created_by=user) | Q(organisation__in=managed.values("organisation"))

    def beside(self, user, circle):
        """Published items that a person sees beside those that everybody of a circle does, however many there are.

        Found by why they are seen – the community, who wrote it, whose it is – each by its index.
        """
        items = self.model._base_manager.order_by().values("pk")
        joined = Community.objects.joined_by(user).values("pk")
        managed = Representative.objects.active().managers().filter(person=user).values("organisation")
        near = items.filter(visibility=Visibility.COMMUNITY, community__in=joined).union(
            items.filter(created_by=user), items.filter(organisation__in=managed)
        )
        return self.visible_to(user).published().exclude(visibility__in=circle).filter(pk__in=near)

    def own(self, user):
        """What a person wrote, and what the organisations they manage did."""
        return self.filter(self._own(user)) if user.is_authenticated else self.none()

    def published(self):
        return self.filter(ON_SHELF)

    def as_cards(self):
        """What a list shows of each published item, and no more, in one query."""
        return self.select_related("published", "organisation").only(*CARD)

    def with_latest(self):
        """Annotate what the latest revision says: ``latest_title``, ``latest_state``, ``latest_language``, ``latest_at``."""
        revisions: Any = self.model._meta.get_field("published").related_model
        latest = revisions.objects.filter(item=OuterRef("pk"))
        latest = latest.order_by("-number")
        fields = {"title": "title", "state": "state", "language": "language", "at": "changed_at"}
        return self.annotate(
            **{f"latest_{name}": Subquery(latest.values(field)[:1]) for name, field in fields.items()}
        )

    def bearing(self, term):
        """Items of which a revision, published or not, has this tag."""
        return self.filter(pk__in=term.revision_terms.standing().values("content_object__item"))

    def latest_first(self):
        return self.order_by("-published_at", "-pk")

    def most_used_first(self):
        return self.order_by("-use_count", "-published_at", "-pk")


class Item(Searchable):
    """A piece of knowledge; what it says stands in its revisions, one of which is published."""

    edition_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="editions",
        verbose_name=_("Edition of"),
        help_text=_("the same in another language; the first one is the edition of none"),
    )
    language = models.TextField(
        _("Language"),
        choices=Language,
        default=Language.HE,
        help_text=_("of what is published, else of the draft"),
    )
    slug = models.SlugField(_("Part of the address"), unique=True, allow_unicode=True, max_length=80)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="knowledge_items",
        verbose_name=_("Organisation"),
    )
    visibility = models.TextField(
        _("Who may see it"),
        choices=Visibility,
        default=Visibility.NETWORK,
        help_text=_("of what is published, as its revision says"),
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="knowledge_items",
        verbose_name=_("Community"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="knowledge_items", verbose_name=_("Written by")
    )
    created_at = models.DateTimeField(_("Created on"), auto_now_add=True)
    published = models.OneToOneField(
        "knowledge.Revision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="published_for",
        verbose_name=_("Published revision"),
    )
    published_at = models.DateTimeField(_("Published on"), null=True, blank=True, help_text=_("first time"))
    valid_until = models.DateField(
        _("Valid until"), null=True, blank=True, help_text=_("as published, or as its author said since")
    )
    withdrawn_at = models.DateTimeField(_("Taken out on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="withdrawn_items",
        verbose_name=_("Taken out by"),
    )
    withdrawn_reason = models.TextField(_("Reason"), blank=True)
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    facets = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        editable=False,
        help_text="facet:value, written with the index",
    )
    useful_count = models.PositiveIntegerField(default=0, editable=False, help_text="people it was useful to")
    saved_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="people who keep it at hand"
    )
    adaptation_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="adaptations that are shown to everyone"
    )
    use_count = models.GeneratedField(
        expression=F("useful_count") + F("saved_count") + F("adaptation_count") * 3,
        output_field=models.PositiveIntegerField(),
        db_persist=True,
    )
    news_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when it last became news to those who follow"
    )

    objects = ItemQuerySet.as_manager()
    search_at = "published_at"
    search_used = "use_count"
    search_language = "published__language"

    class Meta:
        verbose_name = _("knowledge item")
        verbose_name_plural = _("knowledge items")
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
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="withdrawn_item_has_time_person_reason",
            ),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="item_language_is_known"),
            models.CheckConstraint(
                condition=Q(edition_of__isnull=True) | ~Q(edition_of=F("pk")),
                name="item_is_not_its_own_edition",
            ),
            models.UniqueConstraint(
                fields=["edition_of", "language"],
                condition=Q(edition_of__isnull=False),
                name="one_edition_per_language",
            ),
        ]
        indexes = [
            models.Index(fields=["-published_at"], name="item_latest"),
            # far down the library rows are passed over within these, without fetching them
            models.Index(
                fields=["-published_at", "-id"], include=SEEN_BY, condition=ON_SHELF, name="item_shelf"
            ),
            models.Index(
                fields=["-use_count", "-published_at", "-id"],
                include=SEEN_BY,
                condition=ON_SHELF,
                name="item_shelf_by_use",
            ),
            GinIndex(fields=["facets"], name="item_facets"),
            Searchable.search_index("item_search"),
            words_index("item_words"),
        ]

    def __str__(self):
        return self.published.title if self.published else self.slug

    def get_absolute_url(self):
        return reverse("show_item", args=[self.slug])

    @property
    def current(self):
        """The published revision, else the latest one."""
        return self.published or self.revisions.order_by("-number").first()

    @property
    def is_outdated(self) -> bool:
        """Whether the day until which its author vouches for it is over."""
        return self.valid_until is not None and self.valid_until < timezone.localdate()

    @property
    def card(self) -> dict[str, Any]:
        """What a list shows of a published item, in plain words."""
        revision: Any = self.published
        return {
            "url": self.get_absolute_url(),
            "title": revision.title,
            "summary": revision.summary,
            "language": revision.language,
            "language_name": str(revision.get_language_display()),
            "kind": str(revision.get_kind_display()),
            "is_call": revision.kind == "call",
            "stages": tuple(revision.life_stages),
            "organisation": self.organisation.name if self.organisation else "",
            "visibility": self.visibility,
            "is_outdated": self.is_outdated,
        }

    @classmethod
    def public_rows(cls):
        return cls.objects.visible_to(AnonymousUser()).published()

    def search_heading(self) -> str:
        return self.published.title if self.published else ""

    def search_texts(self) -> Iterator[tuple[str, str]]:
        """Of the published revision only; an unpublished item is found by nobody."""
        if not (revision := self.published):
            return
        yield revision.title, "A"
        yield revision.summary, "B"
        for term in sorted(revision.tags.all(), key=lambda term: term.pk):
            yield f"{term.name} {term.name_he} {term.name_ar} {term.name_en} {' '.join(term.synonyms)}", "B"
        if place := revision.authority:
            yield f"{place.name_he} {place.name_ar} {place.name_en}", "B"
        elif revision.region:
            yield " ".join(in_all_languages(District(revision.region).label)), "B"
        if self.organisation:
            yield self.organisation.all_names, "B"
        for stage in revision.life_stages:
            yield " ".join(in_all_languages(LifeStage(stage).label)), "D"
        yield plain(revision.body), "C"
        yield from ((text, "C") for text in detail_texts(revision.kind, revision.details))
        yield from self.voices(revision)
        links = {
            link.url: link.title for link in sorted(revision.links.all(), key=lambda link: link.position)
        }
        yield from ((title, "C") for title in links.values())
        for card in self.cards_of(links):
            yield f"{card.title}\n{card.description}\n{card.site}", "C"
        for link in revision.files.select_related("file").order_by("position", "pk"):
            yield f"{link.title} {link.file.name} {link.alt}", "C"
            for page in link.file.text[:MOST_FILE_TEXT].split("\f"):
                yield page, "D"

    def cards_of(self, links: Iterable[str]) -> list[Any]:
        """What the pages behind these addresses said of themselves, in the order of the addresses."""
        places = {url: place for place, url in enumerate(links)}
        if not places:
            return []
        cards: Any = self._meta.get_field("link_cards").related_model
        rows = cards.objects.filter(item=self, url__in=places).ready()
        return sorted(rows, key=lambda card: places[card.url])

    def voices(self, revision: Any) -> Iterator[tuple[str, str]]:
        """What it quotes of a discussion, and whom it names, with their consent."""
        offer: Any = getattr(self, "offer", None)
        if offer:
            for consent in offer.consents.standing(REACH[revision.visibility]).select_related("person"):
                yield f"{consent.person.name} {consent.place}", "C"
                yield consent.quote, "C"

    def index_columns(self) -> dict[str, Any]:
        return {"facets": self.facet_codes()}

    def facet_codes(self) -> list[str]:
        """Where the published revision stands in the library."""
        if not (revision := self.published) or not self.published_at:
            return []
        found: list[tuple[Facet, list]] = [
            (Facet.KIND, [revision.kind]),
            (Facet.LANGUAGE, [revision.language]),
            (Facet.STAGE, revision.life_stages),
            (Facet.SETTING, revision.settings),
            (Facet.AUDIENCE, revision.audience),
            (Facet.LICENCE, [revision.licence]),
            (Facet.YEAR, [revision.year or timezone.localtime(self.published_at).year]),
        ]
        place = revision.authority
        region = (place.district if place else "") or revision.region
        found += [
            (Facet.AUTHORITY, [place.pk] if place else []),
            (Facet.DISTRICT, [region] if region else []),
        ]
        return [f"{facet}:{value}" for facet, values in found for value in values] + _term_codes(
            revision.tags.all()
        )


def in_all_languages(words: Any) -> Iterator[str]:
    """Words of the code in each language of the portal."""
    for language in Language.values:
        with translation.override(language):
            yield str(words)


def _term_codes(terms: Iterable[Any]) -> list[str]:
    sides = {TermKind.SUBJECT: Facet.SUBJECT, TermKind.POPULATION: Facet.POPULATION}
    return [
        f"{sides[TermKind(term.kind)]}:{term.slug}"
        for term in terms
        if term.is_curated and term.kind in sides
    ]
