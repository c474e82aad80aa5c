"""Reading a file of an item page by page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge.enums import UseKind
from knowledge.models import RevisionFile
from knowledge.views.item import item_of, revision_of, to_successor
from knowledge.views.media import files_of, zip_of
from knowledge.views.used import count_use
from munistem.commons.enums import Visibility
from munistem.commons.files.reading import show_pages
from munistem.commons.files.views import serve_page
from munistem.commons.files.zipping import serve_zip
from munistem.commons.guards.limits import limited


@require_safe
def read_item_file(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    """The pages of a file one under another; ``?page=7#page-7`` leads to one. What has no pages is shown as it is."""
    try:
        held = held_file(request, slug, key)
    except Http404:
        return to_successor(request, slug, key)
    return show_pages(
        request,
        held.file,
        title=held.title or held.file.name,
        crumbs=[
            (reverse("list_items"), _("Knowledge")),
            (reverse("show_item", args=[slug]), held.revision.title),
        ],
        file_url=reverse("serve_item_file", args=[slug, key]),
        picture_url=lambda number: reverse("serve_item_page", args=[slug, key, number]),
    )


@require_safe
def serve_item_page(request: HttpRequest, slug: str, key: Any, number: int) -> HttpResponseBase:
    """The picture of one page of such a file."""
    held = held_file(request, slug, key)
    return serve_page(request, held.file, number, is_public=is_for_everyone(held))


def is_for_everyone(held: RevisionFile) -> bool:
    """Whether the file stands in what is published for all."""
    item = held.revision.item
    is_published = item.published_id == held.revision_id and item.withdrawn_at is None
    return is_published and item.visibility == Visibility.PUBLIC


def held_file(request: HttpRequest, slug: str, key: Any) -> RevisionFile:
    """A file in the latest revision that holds it and that the reader may see; 404 for what one may not know of."""
    rows = RevisionFile.objects.visible_to(request.user).filter(revision__item__slug=slug, file__key=key)
    rows = rows.select_related("file", "revision__item").only(
        "file__name",
        "file__key",
        "file__kind",
        "file__state",
        "file__size",
        "file__sha256",
        "file__pages",
        "file__text",
        "file__preview",
        "file__drawn_at",
        "file__scan",
        "file__uploaded_by",
        "title",
        "revision__title",
        *(f"revision__item__{field}" for field in ("slug", "visibility", "published", "withdrawn_at")),
    )
    found = rows.order_by("-revision__number").first()
    if found is None:
        raise Http404
    return found


@limited("zip", 60, 3600, methods=("GET",))
@require_safe
def serve_item_files(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """All files of a revision in one; 404 where there are too few or too much of them."""
    item = item_of(request, slug)
    revision = revision_of(request, item, number)
    if not zip_of(item, revision):
        raise Http404
    count_use(request, item, UseKind.DOWNLOAD)
    return serve_zip(files_of(revision), revision.title)
