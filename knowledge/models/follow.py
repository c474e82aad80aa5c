"""What a person follows in the library, so that what comes in there reaches them with their news."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from knowledge.enums import Audience, Facet, FollowKind, ItemKind, Licence
from knowledge.models.collection import Collection
from knowledge.models.revision import RevisionTerm
from members.enums import District
from members.models import LocalAuthority, Organisation
from munistem.commons.enums import Language, LifeStage, Setting
from munistem.commons.terms.models import Term
from munistem.commons.text.names import harmless, listed

#: What a search is made of, in the order in which it is kept: words, facets, and what narrows the library besides.
OF_SEARCH = ("q", *Facet.values, "tag", "organisation", "community")
LONGEST_PART = 200
LONGEST_VALUE = 600
#: Parts whose values are words of the code, and those whose values are words of the vocabulary.
WORDS: dict[str, Any] = {
    Facet.STAGE.value: LifeStage,
    Facet.KIND.value: ItemKind,
    Facet.SETTING.value: Setting,
    Facet.LANGUAGE.value: Language,
    Facet.DISTRICT.value: District,
    Facet.AUDIENCE.value: Audience,
    Facet.LICENCE.value: Licence,
}
OF_TERMS = (Facet.SUBJECT.value, Facet.POPULATION.value, "tag")


def canonical(query: str) -> str:
    """A search as it is kept: the known parts of a query string in one order, so that the same search is the same.

    Empty when it asks for nothing.
    """
    try:
        said = dict(parse_qsl(query.lstrip("?"), max_num_fields=50))
    except ValueError:
        return ""
    parts = [(name, harmless(said.get(name, ""))[:LONGEST_PART]) for name in OF_SEARCH]
    return urlencode([(name, value) for name, value in parts if value])


class FollowQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, nobody else's."""
        return self.filter(person_id=user.pk) if user.is_authenticated else self.none()

    def latest_first(self):
        return self.order_by("-followed_at", "-pk")


class Follow(models.Model):
    """A person follows a stage, a word, an organisation, a collection or a search."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    kind = models.TextField(choices=FollowKind)
    value = models.TextField(help_text="code or slug; of a search its query string in one order")
    followed_at = models.DateTimeField(default=timezone.now)

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "value"], name="followed_once_per_person"),
            models.CheckConstraint(
                condition=Q(kind__in=FollowKind.values) & ~Q(value=""), name="follow_says_what"
            ),
        ]
        indexes = [models.Index(fields=["kind", "value"], name="followers_of_a_thing")]

    def __str__(self):
        return f"{self.person_id} {self.kind} {self.value}"

    @property
    def query(self) -> dict[str, str]:
        """The parts of a followed search, by name."""
        return dict(parse_qsl(self.value)) if self.kind == FollowKind.SEARCH else {}

    def get_absolute_url(self):
        """Where one sees now what is followed."""
        if self.kind == FollowKind.COLLECTION:
            return reverse("show_collection", args=[self.value])
        told = self.value if self.kind == FollowKind.SEARCH else urlencode({self.kind: self.value})
        return f"{reverse('list_items')}?{told}"


def followable(user: Any, kind: str, value: str) -> str:
    """What a follow of this kind keeps for a value as it stands in an address; "" for what the person may not know of."""
    value = harmless(value)[:LONGEST_VALUE]
    if kind == FollowKind.SEARCH:
        return canonical(value)
    if kind == FollowKind.STAGE:
        return value if value in LifeStage.values else ""
    found: Any = Organisation.objects.none()
    if kind in (FollowKind.SUBJECT, FollowKind.POPULATION):
        found = Term.objects.curated().filter(kind=kind)
    elif kind == FollowKind.TAG:
        found = RevisionTerm.objects.known_to(user)
    elif kind == FollowKind.ORGANISATION:
        found = Organisation.objects.visible_to(user)
    elif kind == FollowKind.COLLECTION:
        found = Collection.objects.visible_to(user)
    return value if value and found.filter(slug=value).exists() else ""


def labels_of(follows: Iterable[Follow], user: Any) -> dict[int, str]:
    """What each is called, in the active language; one query a kind. A collection one may not see any more has no name."""
    follows = list(follows)
    wanted: dict[str, set[str]] = {}
    for follow in follows:
        parts = follow.query if follow.kind == FollowKind.SEARCH else {follow.kind: follow.value}
        for name, value in parts.items():
            wanted.setdefault(name, set()).add(value)
    names = _names(wanted, user)
    return {follow.pk: _label(follow, names) for follow in follows}


def _names(wanted: dict[str, set[str]], user: Any) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for name, choices in WORDS.items():
        found |= {(name, str(word.value)): str(word.label) for word in choices}
    terms = {slug for name in OF_TERMS for slug in wanted.get(name, ())}
    if terms:
        for term in RevisionTerm.objects.known_to(user).filter(slug__in=terms):
            found |= {(name, term.slug): term.label for name in OF_TERMS}
    if places := {value for value in wanted.get(Facet.AUTHORITY, ()) if value.isascii() and value.isdigit()}:
        rows = LocalAuthority.objects.filter(pk__in=places).only("name_he", "name_ar", "name_en")
        found |= {(Facet.AUTHORITY.value, str(row.pk)): row.name for row in rows}
    for name, model in (
        ("organisation", Organisation),
        ("collection", Collection),
        ("community", Community),
    ):
        if slugs := wanted.get(name):
            shown: Any = model.objects
            for row in shown.visible_to(user).filter(slug__in=slugs):
                found[name, row.slug] = str(row)
    return found


def _label(follow: Follow, names: dict[tuple[str, str], str]) -> str:
    if follow.kind != FollowKind.SEARCH:
        return names.get((follow.kind, follow.value), "")
    parts = follow.query
    words = [f"“{parts.pop('q')}”"] if "q" in parts else []
    return listed([*words, *(names.get(part, part[1]) for part in parts.items())])
