"""Knowledge items as the search box shows them: each with the passage that says it, of its text or of a file."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from communities.models import Community
from knowledge.models import Collection, Item
from knowledge.models.details import detail_texts
from munistem.commons.enums import Language
from munistem.commons.ready import NOBODY, Text, ready
from munistem.commons.search.finding import is_among
from munistem.commons.text.html import plain
from munistem.front.views.search.files import best_in_files
from munistem.front.views.search.reasons import Reason, reasons_of, with_marks
from munistem.front.views.search.snippets import Asked, Found, told_language


def item_rows(user: Any, community: Community | None = None) -> QuerySet:
    items = with_marks(Item.objects.visible_to(user).published())
    items = items.filter(community=community) if community else items
    return items.select_related("published__authority", "organisation").defer(
        "search_vector", "organisation__search_vector", "published__authority__search_vector"
    )


def collection_rows(user: Any, community: Community | None = None) -> QuerySet:
    collections = Collection.objects.visible_to(user).standing()
    collections = collections.filter(community=community) if community else collections
    return collections.defer("search_vector")


def show_collections(collections: list[Collection], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(one.title),
            one.get_absolute_url(),
            asked.passage([one.text]),
            told_language(one.language),
            one.language,
        )
        for one in collections
    ]


def works_of(keys: list[int]) -> list[int]:
    """Of the language editions of a work only one: the reader's, else the first written; one query."""
    return one_of_each_work(keys, (get_language() or Language.HE)[:2]) if keys else []


def one_of_each_work(keys: list[int], language: str) -> list[int]:
    """Twin of ``one_per_work`` for keys in an order of their own, all of which the reader may see; one query."""
    editions: dict[int, dict[str, int]] = {}
    for key, work, tongue in editions_among(NOBODY, Text(",".join(map(str, keys)))):
        editions.setdefault(work, {})[tongue] = key
    found, hidden = set(keys), set()
    for work, known in editions.items():
        others = {key for tongue, key in known.items() if tongue != language}
        if language in known:
            hidden |= others | {work}
        else:
            hidden |= others if work in found else others - {next(iter(known.values()))}
    return [key for key in keys if key not in hidden]


@ready
def editions_among(_nobody: Any, keys: str) -> QuerySet:
    rows = Item.objects.filter(is_among([keys])).exclude(edition_of=None).order_by("language")
    return rows.values_list("pk", "edition_of", "language")


def show_items(items: list[Item], asked: Asked, user: Any) -> list[Found]:
    """Each with the passage that says most: of summary or body, else of a file, with the page where it stands."""
    said = {item.pk: texts_of(item.published) for item in items}
    unsaid = {item: asked.weighty & ~asked.words_in([item.published.title, *said[item.pk]]) for item in items}
    in_files = best_in_files([item for item, words in unsaid.items() if words], asked)
    for item in items:
        if place := in_files.get(item.pk):
            unsaid[item] &= ~asked.words_in([place.passage.text])
    return [
        show_item(item, said[item.pk], in_files.get(item.pk), reasons_of(item, unsaid[item], asked), asked)
        for item in items
    ]


def texts_of(revision: Any) -> list[str]:
    """What it says in sentences."""
    return [revision.summary, plain(revision.body), *detail_texts(revision.kind, revision.details)]


def show_item(item: Item, said: list[str], in_file: Any, reasons: Sequence[Reason], asked: Asked) -> Found:
    revision = item.published
    best = asked.best(("", text) for text in said)
    is_in_file = in_file is not None and (best is None or in_file.passage.score > best.score)
    return Found(
        asked.marked(revision.title),
        item.get_absolute_url(),
        in_file.passage.html if is_in_file else asked.passage(said),
        (
            revision.get_kind_display(),
            *([item.organisation.name] if item.organisation else []),
            *told_language(revision.language),
            *aged(item),
        ),
        revision.language,
        revision.life_stages,
        place=in_file if is_in_file else None,
        reasons=reasons,
    )


def aged(item: Item) -> list[str]:
    """A word of warning, when the day until which its author vouches for it is over."""
    return [_("May be outdated")] if item.is_outdated else []
