"""Reading a file of a discussion page by page."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from communities.models import Attachment, Post
from munistem.commons.files.reading import show_pages
from munistem.commons.files.views import serve_page


@require_safe
def read_post_file(request: HttpRequest, pk: int, key: Any) -> HttpResponse:
    """The pages of a file one under another, for the post's readers. What has no pages is shown as it is."""
    held = held_file(request, pk, key)
    topic = held.post.topic
    return show_pages(
        request,
        held.file,
        title=held.file.name,
        crumbs=[
            (reverse("list_communities"), _("Communities")),
            (topic.community.get_absolute_url(), topic.community.name),
            (topic.get_absolute_url(), topic.title),
        ],
        file_url=reverse("serve_post_file", args=[pk, key]),
        picture_url=lambda number: reverse("serve_post_page", args=[pk, key, number]),
    )


@require_safe
def serve_post_page(request: HttpRequest, pk: int, key: Any, number: int) -> HttpResponseBase:
    """The picture of one page of such a file."""
    return serve_page(request, held_file(request, pk, key).file, number)


def held_file(request: HttpRequest, pk: int, key: Any) -> Attachment:
    """A file on a post that the reader may see; 404 for what one may not know of."""
    posts = Post.objects.visible_to(request.user).filter(topic=pk)
    found = Attachment.objects.filter(post__in=posts).select_related("file", "post__topic__community")
    unread = ("post__body", "post__topic__search_vector", "post__topic__community__search_vector")
    return get_object_or_404(found.defer(*unread), file__key=key)
