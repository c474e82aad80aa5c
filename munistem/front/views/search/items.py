"""Knowledge items as the search box shows them: each with the passage that says it, of its text or of a file."""

from typing import Any

from django.db.models import Count, QuerySet, Window
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from communities.models import Community
from knowledge.models import Item
from munistem.commons.enums import Language
from munistem.commons.search.finding import Found as FoundKeys
from munistem.commons.text.html import plain
from munistem.front.views.search.files import best_in_files
from munistem.front.views.search.snippets import Asked, Found, told_language


def item_rows(user: Any, community: Community | None = None) -> QuerySet:
    items = Item.objects.visible_to(user).published()
    items = items.filter(community=community) if community else items
    return items.select_related("published", "organisation").defer(
        "search_vector", "organisation__search_vector"
    )


def first_items(items: Any, found: FoundKeys, most: int) -> tuple[int, list[Item]]:
    """How many works were found, and the first of them; of the language editions of a work only one counts: the
    reader's, else the first written. One query.
    """
    works = items.among(found).one_per_work((get_language() or Language.HE)[:2])
    if found.tsquery or not found.total:
        return found.total, list(works[:most]) if most else []
    if not most:
        return works.order_by().count(), []
    first = list(works.annotate(works_found=Window(Count("pk")))[:most])
    return first[0].works_found if first else 0, first


def show_items(items: list[Item], asked: Asked, user: Any) -> list[Found]:
    """Each with the passage that says most: of summary or body, else of a file, with the page where it stands."""
    said = {item.pk: [item.published.summary, plain(item.published.body)] for item in items}
    silent = [item for item in items if not asked.is_all_said([item.published.title, *said[item.pk]])]
    in_files = best_in_files(silent, asked)
    return [show_item(item, said[item.pk], in_files.get(item.pk), asked) for item in items]


def show_item(item: Item, said: list[str], in_file: Any, asked: Asked) -> Found:
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
    )


def aged(item: Item) -> list[str]:
    """A word of warning, when the day until which its author vouches for it is over."""
    return [_("May be outdated")] if item.is_outdated else []
