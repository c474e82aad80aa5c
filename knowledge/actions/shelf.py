"""The library as a table: what of each item is told to spreadsheets and programs."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.actions.bulk.table import head_of
from knowledge.models import Item, RevisionFile, RevisionLink
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.terms.models import TermKind

MOST = 5_000


def fetched(items: Any) -> Any:
    """Items with all that is told of them, in a few queries however many they are."""
    rows = items.select_related("organisation", "published__authority")
    rows = rows.defer("search_vector", "organisation__search_vector", "published__authority__search_vector")
    files = RevisionFile.objects.select_related("file").defer("file__text").order_by("position", "pk")
    links = RevisionLink.objects.order_by("position", "pk")
    return rows.prefetch_related(
        "published__tags", Prefetch("published__links", links), Prefetch("published__files", files)
    )


def _terms(revision: Any, kind: str) -> list[str]:
    return [term.label for term in revision.tags.all() if term.kind == kind]


def _labels(words: Any, codes: Iterable[str]) -> list[str]:
    return [str(words(code).label) for code in words.values if code in codes]


def _address(item: Any) -> str:
    return settings.BASE_URL + item.get_absolute_url()


#: Column → its head, and what it says of an item; a list is several values. Heads that an import understands are its own.
COLUMNS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "address": (_("Address"), _address),
    "title": ("", lambda item: item.published.title),
    "summary": ("", lambda item: item.published.summary),
    "kind": ("", lambda item: item.published.get_kind_display()),
    "language": ("", lambda item: item.published.get_language_display()),
    "life_stages": ("", lambda item: _labels(LifeStage, item.published.life_stages)),
    "settings": ("", lambda item: _labels(Setting, item.published.settings)),
    "subjects": ("", lambda item: _terms(item.published, TermKind.SUBJECT)),
    "populations": ("", lambda item: _terms(item.published, TermKind.POPULATION)),
    "tags": ("", lambda item: _terms(item.published, TermKind.FREE)),
    "authority": ("", lambda item: item.published.authority.name if item.published.authority else ""),
    "organisation": (_("Organisation"), lambda item: item.organisation.name if item.organisation else ""),
    "year": (_("Year it tells of"), lambda item: item.published.year),
    "links": ("", lambda item: [link.url for link in item.published.links.all()]),
    "files": ("", lambda item: [held.file.name for held in item.published.files.all()]),
    "licence": ("", lambda item: item.published.get_licence_display()),
    "valid_until": ("", lambda item: item.valid_until),
    "visibility": ("", lambda item: item.get_visibility_display()),
    "published_on": (_("Published on"), lambda item: timezone.localtime(item.published_at).date()),
}


def heads() -> list[str]:
    return [str(head) if head else head_of(column) for column, (head, _value) in COLUMNS.items()]


def line_of(item: Item) -> list[Any]:
    """An item as a line of a table, several values with semicolons between."""
    values = (value(item) for _head, value in COLUMNS.values())
    return ["; ".join(value) if isinstance(value, list) else value for value in values]


def told_of(item: Any) -> dict[str, Any]:
    """An item as JSON: codes instead of words in the reader's language."""
    revision = item.published
    return {
        "id": item.slug,
        "url": _address(item),
        "title": revision.title,
        "summary": revision.summary,
        "body_html": revision.body,
        "details": revision.details,
        "kind": revision.kind,
        "language": revision.language,
        "life_stages": revision.life_stages,
        "settings": revision.settings,
        "subjects": [term.slug for term in revision.tags.all() if term.kind == TermKind.SUBJECT],
        "populations": [term.slug for term in revision.tags.all() if term.kind == TermKind.POPULATION],
        "tags": [term.name for term in revision.tags.all() if term.kind == TermKind.FREE],
        "authority": revision.authority_id,
        "region": revision.region,
        "year": revision.year,
        "organisation": item.organisation.slug if item.organisation else None,
        "links": [{"url": link.url, "title": link.title} for link in revision.links.all()],
        "files": [
            {
                "name": held.file.name,
                "url": f"{_address(item)}files/{held.file.key}/",
                "size": held.file.size,
                "content_type": held.file.content_type,
            }
            for held in revision.files.all()
        ],
        "licence": revision.licence,
        "valid_until": item.valid_until,
        "visibility": item.visibility,
        "published_at": item.published_at,
        "revised_at": revision.decided_at,
    }
