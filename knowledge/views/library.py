"""The library: what has been published, by facets, by words, and by community."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from communities.rules import can_read_community
from communities.views.frame import community_of, frame_of
from knowledge import rules
from knowledge.enums import Facet, RevisionState
from knowledge.models import Item, RevisionTerm
from knowledge.views.follow import collections_in, context_of_search
from knowledge.views.labels import labels_and_follows
from knowledge.views.shelves import KEPT, Shelves, counts_for, sight
from knowledge.views.shown import card_rows, print_cards
from members.models import LocalAuthority, Organisation
from munistem.commons.enums import Language, LifeStage
from munistem.commons.guards.limits import reader_of
from munistem.commons.ready import ready
from munistem.commons.search.unanswered.actions import note_unanswered
from munistem.commons.terms.models import Term
from munistem.commons.text.names import harmless
from munistem.commons.text.pages import Asked, Stretch, page_of

LIBRARY = "/knowledge/"
ITEMS_A_PAGE = 24
LONGEST_QUERY = 200
#: Parts of the address that narrow the library; without any of them nothing has to be called by its name.
NARROWING = {"q", "tag", "organisation", *Facet.values}
MOST_VALUES = 8
TONES = {
    RevisionState.PUBLISHED: "leaf",
    RevisionState.SUBMITTED: "teal",
    RevisionState.RETURNED: "clay",
    RevisionState.DRAFT: "sun",
}


@dataclass
class Look:
    """How the library is looked at: what the address says, unknown values left out."""

    path: str
    query: str = ""
    sort: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    tag: Term | None = None
    organisation: Organisation | None = None
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    followed: frozenset[str] = frozenset()
    #: Whether the life stages are offered as a ribbon, and need no list.
    has_ribbon: bool = False

    @property
    def told(self) -> dict[str, str]:
        """What its address says beside the words that are searched."""
        told = {
            **self.chosen,
            "tag": self.tag.slug if self.tag else "",
            "organisation": self.organisation.slug if self.organisation else "",
            "sort": self.sort,
        }
        return {name: value for name, value in told.items() if value}

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What stays when other words are searched."""
        return list(self.told.items())

    def address(self, **changes: str) -> str:
        """The library looked at so, but for the changes; an empty value takes a facet away."""
        told = {"q": self.query, **self.told, **changes}
        kept = {name: value for name, value in told.items() if value}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def _beside(self, page: str, **more: str) -> str:
        """Another page of the same look: its feed, its table."""
        query = self.address(**more).partition("?")[2]
        return f"{self.path}{page}/{'?' if query else ''}{query}"

    @property
    def stage(self) -> str:
        """The life stage that is chosen, or ""."""
        return self.chosen.get(Facet.STAGE.value, "")

    @property
    def stage_label(self) -> str:
        return self.labels.get(Facet.STAGE.value, {}).get(self.stage, "")

    @property
    def stage_links(self) -> str:
        """The address of the same look at another life stage, but for its code."""
        beside = self.address(**{Facet.STAGE.value: ""})
        return f"{beside}{'&' if '?' in beside else '?'}{Facet.STAGE.value}="

    @property
    def feed_url(self) -> str:
        return self._beside("feed", sort="")

    @property
    def csv_url(self) -> str:
        return self._beside("export", **{"as": "csv"})

    @property
    def json_url(self) -> str:
        return self._beside("export", **{"as": "json"})

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.chosen or self.tag or self.organisation)

    @property
    def is_all(self) -> bool:
        """Whether this is the whole library as it first appears."""
        return self.path == LIBRARY and not self.is_narrowed


def look_of(request: HttpRequest) -> Look:
    """What ``?q= &sort= &stage= &kind= … &tag= &organisation=`` ask for."""
    asked = request.GET
    look = Look(request.path, query=harmless(asked.get("q", ""))[:LONGEST_QUERY], has_ribbon=True)
    sort = asked.get("sort", "")
    look.sort = sort if sort == "used" or (sort == "newest" and look.query) else ""
    if asked.keys() & NARROWING:
        look.labels, look.followed = labels_and_follows(request.user)
    for facet in Facet:
        value = asked.get(facet.value, "")[:100]
        if value and is_known(look, facet, value):
            look.chosen[facet.value] = value
    if slug := asked.get("tag", "")[:100]:
        look.tag = tag_of(request, slug)
    if slug := asked.get("organisation", "")[:100]:
        shown = Organisation.objects.visible_to(request.user).defer("search_vector")
        look.organisation = shown.filter(slug=slug).first()
    return look


def tag_of(request: HttpRequest, slug: str) -> Term | None:
    """A word of the vocabulary, or a free tag of an item the reader may see; of others nobody learns that they exist."""
    shown = Item.objects.visible_to(request.user).published().values("published")
    borne = RevisionTerm.objects.filter(content_object__in=shown).values("tag")
    return Term.objects.filter(Q(is_curated=True) | Q(pk__in=borne), slug=slug).first()


def is_known(look: Look, facet: Facet, value: str) -> bool:
    if facet == Facet.YEAR:
        return value.isascii() and value.isdigit() and len(value) == 4
    known = look.labels[facet.value]
    if facet == Facet.AUTHORITY and value not in known and is_code(value):
        known |= {str(place.pk): place.name for place in LocalAuthority.objects.filter(pk=value)}
    return value in known


def is_code(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 8


@require_safe
def list_items(request: HttpRequest) -> HttpResponse:
    """The library: the life stages as the way in, facets beside, and a box for words."""
    look = look_of(request)
    context = library_of(request, look, lambda: Item.objects.visible_to(request.user).published())
    if look.query and not look.told and not context["total"]:
        note_unanswered(query=look.query, asker=reader_of(request), language=(get_language() or "he")[:2])
    context["can_add"] = rules.can_add_item(request.user)
    context["can_import"] = rules.can_import_items(request.user)
    context |= context_of_search(request, look.told | {"q": look.query}, look.followed)
    return render(request, "knowledge/library.html", context)


def library_of(
    request: HttpRequest, look: Look, items: Callable[[], Any], found: Any = None, is_whole: bool = False
) -> dict[str, Any]:
    """One page of cards and the counts of the facets, out of the items given; two queries however many there are.

    items: writes the query of them; found: what the words of the look find among these items, if that is known already;
    is_whole: show the items with all that the query given reads of them, and not as cards.
    """
    language = look.chosen.get(Facet.LANGUAGE.value) or get_language() or Language.HE

    @cache
    def shown() -> Any:
        return narrowed(items(), look, found)

    def rows(part: Stretch) -> list[Any]:
        return part.in_order(rows_of(part, request.user, look, shown, language, is_whole))

    shelves = shelves_for(request.user, look, shown, language)
    page = page_of(request, Asked(lambda: shelves.total, rows), ITEMS_A_PAGE)
    told = {"query": look.query, "kept": look.kept, "chips": chips_of(look), "sorts": sorts_of(look)}
    cards = "" if is_whole else print_cards(page.object_list)
    return {**told, **shelves.told, "page": page, "cards": cards, "look": look}


def rows_of(
    part: Stretch, user: Any, look: Look, shown: Callable[[], Any], language: str, is_whole: bool
) -> list[Any]:
    """A part of the list: of the whole library by a question that is written already, else out of what is shown."""
    if look.is_all:
        return page_of_all(user, language, look.sort, part.skip or None, part.is_from_end)
    rows = in_order(shown().one_per_work(language).having(look.chosen), look)
    return list(part.slice(rows if is_whole else card_rows(rows)))


def shelves_for(user: Any, look: Look, items: Callable[[], Any], language: str) -> Shelves:
    """The counts beside the list: of the whole library kept a while, of what is searched counted now."""
    is_counted_now = look.query or look.tag or look.organisation or look.path != LIBRARY

    def count() -> Shelves:
        if not look.labels:
            look.labels, look.followed = labels_and_follows(user)
        if is_counted_now:
            counts: Any = items().count_facets(look.chosen, language)
        else:
            counts = counts_for(user, seen, look.chosen, language)
        stages = by_stage(counts) if look.has_ribbon else {}
        return Shelves(facets_of(look, counts), stages, total_of(counts, look))

    if is_counted_now:
        return count()
    told, seen = tuple(sorted(look.told.items())), sight(user)
    return KEPT.get((told, language, get_language(), seen), count)


def by_stage(counts: Mapping[str, Counter]) -> dict[LifeStage, int]:
    return {stage: counts[Facet.STAGE.value][stage.value] for stage in LifeStage}


def narrowed(items: Any, look: Look, found: Any = None) -> Any:
    """Items that bear the tag, belong to the organisation and hold the words that were asked for (``found`` if known)."""
    if look.tag:
        items = items.filter(published__revision_terms__tag=look.tag)
    if look.organisation:
        items = items.filter(organisation=look.organisation)
    if not look.query:
        return items
    return items.among(items.found(look.query) if found is None else found)


def in_order(found: Any, look: Look) -> Any:
    """As the reader asked for; words that are searched bring the best match first, else the newest come first."""
    if look.sort == "used":
        return found.most_used_first()
    return found if look.query and not look.sort else found.latest_first()


def sorts_of(look: Look) -> list[dict[str, Any]]:
    """The orders to choose from, each with its address; the address of the usual one says nothing."""
    usual = "fit" if look.query else "newest"
    orders = {"fit": _("Best match first"), "newest": _("Newest first"), "used": _("Most used first")}
    return [
        {
            "label": label,
            "is_here": (look.sort or usual) == code,
            "url": look.address(sort="" if code == usual else code),
        }
        for code, label in orders.items()
        if code != "fit" or look.query
    ]


@ready
def page_of_all(user: Any, language: str, sort: str, skip: int | None, is_from_end: bool) -> QuerySet:
    """A page of the whole library, from the end backwards when asked for so; skip: None for none."""
    items = Item.objects.visible_to(user).published().one_per_work(language)
    part = Stretch(skip or 0, ITEMS_A_PAGE, is_from_end)
    rows = part.slice(items.most_used_first() if sort else items.latest_first())
    if not skip:
        return card_rows(rows)
    found = Item.objects.filter(pk__in=rows.values("pk")).order_by(*rows.query.order_by)
    return card_rows(found.reverse() if is_from_end else found)


def total_of(counts: Mapping[str, Counter], look: Look) -> int:
    """How many items there are: each has one kind, or the one that was chosen."""
    kinds = counts[Facet.KIND.value]
    chosen = look.chosen.get(Facet.KIND.value)
    return kinds[chosen] if chosen else sum(kinds.values())


def facets_of(look: Look, counts: Mapping[str, Counter]) -> list[dict[str, Any]]:
    """What the side of the page offers: the values that would show something, and what is chosen."""
    look.labels[Facet.AUTHORITY.value] = names_of_places(counts[Facet.AUTHORITY.value], look)
    years = {*counts[Facet.YEAR.value], look.chosen.get(Facet.YEAR.value)} - {None}
    look.labels[Facet.YEAR.value] = {year: year for year in sorted(years, reverse=True)}
    shown = []
    for facet in Facet:
        if facet == Facet.STAGE and look.has_ribbon:
            continue
        values = values_of(look, facet, counts[facet.value])
        if values:
            shown.append(
                {
                    "code": facet.value,
                    "title": facet.label,
                    "values": values[:MOST_VALUES],
                    "more": values[MOST_VALUES:],
                }
            )
    return shown


def values_of(look: Look, facet: Facet, counts: Counter) -> list[dict[str, Any]]:
    chosen = look.chosen.get(facet.value)
    return [
        {
            "label": label,
            "count": counts[value],
            "is_here": value == chosen,
            "url": look.address(**{facet.value: "" if value == chosen else value}),
        }
        for value, label in look.labels[facet.value].items()
        if counts[value] or value == chosen
    ]


def names_of_places(counts: Counter, look: Look) -> dict[str, str]:
    """The municipalities that most is told of, by name, and the one chosen."""
    names, chosen = look.labels[Facet.AUTHORITY.value], look.chosen.get(Facet.AUTHORITY.value)
    codes = {code for code, _number in counts.most_common(40)} | ({chosen} if chosen else set())
    return {
        code: names[code]
        for code in sorted(codes & names.keys(), key=lambda code: (-counts[code], names[code]))
    }


def chips_of(look: Look) -> list[dict[str, str]]:
    """What narrows the list, each with the address that takes it away."""
    chips = [
        {
            "label": look.labels.get(name, {}).get(value, value),
            "facet": Facet(name).label,
            "url": look.address(**{name: ""}),
        }
        for name, value in look.chosen.items()
    ]
    if look.tag:
        chips.append({"label": look.tag.label, "facet": _("Tag"), "url": look.address(tag="")})
    if look.organisation:
        name = look.organisation.name
        chips.append({"label": name, "facet": _("Organisation"), "url": look.address(organisation="")})
    return chips


@require_safe
def show_community_library(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands in the library of one community, as far as the reader may see it."""
    community = community_of(request, slug)
    if not can_read_community(request.user, community):
        raise PermissionDenied
    look = look_of(request)
    items = Item.objects.visible_to(request.user).published().filter(community=community)
    context = frame_of(request, community, "library") | library_of(request, look, lambda: items)
    context["can_add"] = rules.can_add_item(request.user)
    context |= context_of_search(request, look.told | {"q": look.query, "community": slug}, look.followed)
    context["collections"] = collections_in(request.user, community)
    return render(request, "knowledge/community_library.html", context)


@login_required
@require_safe
def list_own_items(request: HttpRequest) -> HttpResponse:
    """What the reader and the organisations they manage wrote, in whatever state."""
    items = Item.objects.own(request.user).with_latest().select_related("organisation")
    page = page_of(request, items.defer("search_vector", "facets").order_by("-latest_at", "-pk"), 20)
    for item in page:
        state = RevisionState(item.latest_state)
        item.state_label, item.tone = state.label, TONES.get(state, "plain")
    crumbs = [(reverse("list_items"), _("Knowledge"))]
    context = {"page": page, "can_add": rules.can_add_item(request.user), "crumbs": crumbs}
    return render(request, "knowledge/own_items.html", context)
