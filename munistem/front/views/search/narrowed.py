"""Items found by words and narrowed by the facets of the library, with its counts and orders."""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from knowledge.views.library import Look, library_of, look_of
from munistem.commons.search.finding import Found
from munistem.front.views.search.asking import Asking
from munistem.front.views.search.items import show_items


@dataclass
class SearchLook(Look):
    """The library looked at from the search page: what is asked for besides stays in every address."""

    asking: Asking | None = None

    @property
    def told(self) -> dict[str, str]:
        besides = self.asking.told if self.asking else {}
        return {"in": "items", **besides, **super().told}


def narrowed_items(request: HttpRequest, asking: Asking, rows: QuerySet, found: Found) -> dict[str, Any]:
    """Context of ``front/_items.html``: one page of items with their passages, facets with counts, chips, orders.

    rows: the items that the reader may see, with what is shown of each; found: those of them that answer.
    """
    known = look_of(request)
    look = SearchLook(**{part.name: getattr(known, part.name) for part in fields(known)}, asking=asking)
    look.has_ribbon = False
    library = library_of(request, look, lambda: rows, found, is_whole=True)
    page = library["page"]
    page.object_list = show_items(list(page.object_list), asking.asked, request.user)
    return {"page": page if page.object_list else None, "library": library}
