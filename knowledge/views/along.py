"""Lists taken along: feeds to follow in a reader, and tables for spreadsheets and programs; as their pages show them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from communities.rules import can_read_community
from communities.views.frame import community_of
from knowledge.actions.shelf import MOST, fetched, heads, line_of, told_of
from knowledge.enums import Facet
from knowledge.models import Item
from knowledge.views.collection import collection_of, entries_of
from knowledge.views.library import Look, in_order, look_of, narrowed
from munistem.commons.downloads import as_file, csv_file
from munistem.commons.guards.limits import limited

ENTRIES = 50
NOTHING_YET = datetime(2026, 1, 1, tzinfo=UTC)


def shown_by(request: HttpRequest, look: Look, items: Any) -> Any:
    """The items that the page of the same address would show, in its order."""
    language = look.chosen.get(Facet.LANGUAGE.value) or get_language() or "he"
    return in_order(narrowed(items, look).one_per_work(language).having(look.chosen), look)


def library_items(request: HttpRequest) -> Any:
    return Item.objects.visible_to(request.user).published()


def community_items(request: HttpRequest, slug: str) -> tuple[Any, Any]:
    """A community and the items of its library; 404 and 403 as on its page."""
    community = community_of(request, slug)
    if not can_read_community(request.user, community):
        raise PermissionDenied
    return community, library_items(request).filter(community=community)


# Feeds ---------------------------------------------------------------------------------------------------


@require_safe
def serve_library_feed(request: HttpRequest) -> HttpResponse:
    """What is new in the library, or in the part of it that the address says (facets and words as on the page)."""
    look = look_of(request)
    items = shown_by(request, look, library_items(request)).latest_first()
    labels = [
        look.labels[name].get(value, value) for name, value in look.chosen.items() if name in look.labels
    ]
    if look.query:
        labels.append(f"“{look.query}”")
    title = " · ".join([_("Knowledge"), *labels])
    return feed_of(request, f"{title} – muni:STEM", "/knowledge/", items.as_cards()[:ENTRIES])


@require_safe
def serve_community_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """What is new in the library of a community."""
    community, items = community_items(request, slug)
    shown = shown_by(request, look_of(request), items).latest_first()
    title = _("Library of %(name)s") % {"name": community.name}
    path = f"{community.get_absolute_url()}library/"
    return feed_of(request, f"{title} – muni:STEM", path, shown.as_cards()[:ENTRIES])


@require_safe
def serve_collection_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands in a collection, in its order."""
    collection = collection_of(request, slug)
    items = [entry.item for entry in entries_of(request.user, collection)[:ENTRIES]]
    return feed_of(request, f"{collection.title} – muni:STEM", collection.get_absolute_url(), items)


class SteadyFeed(Atom1Feed):
    """An Atom feed that says the same as long as nothing is new, empty ones included: readers need not fetch it again."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else NOTHING_YET


def feed_of(request: HttpRequest, title: str, path: str, items: Iterable[Any]) -> HttpResponse:
    """An Atom feed (RFC 4287) of items fetched as cards."""
    feed = SteadyFeed(
        title=title,
        link=settings.BASE_URL + path,
        description=None,
        language=get_language(),
        feed_url=settings.BASE_URL + request.get_full_path(),
    )
    for item in items:
        link = settings.BASE_URL + item.get_absolute_url()
        feed.add_item(
            title=item.published.title,
            link=link,
            description=item.published.summary,
            author_name=item.organisation.name if item.organisation else "muni:STEM",
            pubdate=item.published_at,
            updateddate=item.published_at,
            unique_id=link,
            categories=[str(item.published.get_kind_display())],
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# Tables --------------------------------------------------------------------------------------------------


@limited("table", 60, 3600, methods=("GET",))
@require_safe
def export_items(request: HttpRequest) -> HttpResponse:
    """The library as it is looked at, as a table (``?as=csv``) or JSON (``?as=json``)."""
    return table_of(request, shown_by(request, look_of(request), library_items(request)))


@limited("table", 60, 3600, methods=("GET",))
@require_safe
def export_community_items(request: HttpRequest, slug: str) -> HttpResponse:
    """The library of a community, likewise."""
    _community, items = community_items(request, slug)
    return table_of(request, shown_by(request, look_of(request), items))


def table_of(request: HttpRequest, items: Any) -> HttpResponse:
    rows = fetched(items)[:MOST]
    if request.GET.get("as") == "json":
        told = {"items": [told_of(item) for item in rows]}
        json = JsonResponse(told, encoder=DjangoJSONEncoder, json_dumps_params={"ensure_ascii": False})
        response = as_file(json, "items.json")
    else:
        response = csv_file("items.csv", [heads(), *map(line_of, rows)])
    response.headers["Cache-Control"] = "private, no-store"
    return response
