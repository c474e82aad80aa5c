"""Knowledge items as the search box shows them: each with the passage that says it, of its text or of a file."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Left

from knowledge.models import Item, RevisionFile
from munistem.commons.text.html import plain
from munistem.front.views.search.snippets import Asked, Found

MOST_READ_OF_FILE = 60_000


def item_rows(user: Any) -> QuerySet:
    items = Item.objects.visible_to(user).published()
    return items.select_related("published", "organisation").defer(
        "search_vector", "organisation__search_vector"
    )


def show_items(items: list[Item], asked: Asked, user: Any) -> list[Found]:
    """Each with the passage that says it: of summary or body, else of a file."""
    said = {item.pk: [item.published.summary, plain(item.published.body)] for item in items}
    silent = [item for item in items if not any(map(asked.found, (item.published.title, *said[item.pk])))]
    for pk, name, text in texts_of_files(silent):
        said[pk] += [name, text]
    return [
        Found(
            asked.marked(item.published.title),
            item.get_absolute_url(),
            asked.passage(said[item.pk]),
            (item.published.get_kind_display(), *([item.organisation.name] if item.organisation else [])),
            item.published.language,
            item.published.life_stages,
        )
        for item in items
    ]


def texts_of_files(items: list[Item]) -> Iterable[tuple[int, str, str]]:
    """(item, name, text) of the files of items that were found by nothing else."""
    if not items:
        return []
    files = RevisionFile.objects.filter(revision__published_for__in=items).order_by("position", "pk")
    read = Left("file__text", MOST_READ_OF_FILE)
    return files.values_list("revision__item", "file__name", read)
