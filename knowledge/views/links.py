"""Pictures of pages outside, drawn anew and handed out by us alone."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from knowledge.models import LinkCard
from knowledge.views.item import item_of
from munistem.commons.files.views import serve


@require_safe
def serve_link_picture(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The picture beside a link; 404 unless a revision with that link is one the reader may see."""
    cards = LinkCard.objects.visible_to(request.user).ready().filter(item=item_of(request, slug))
    card = get_object_or_404(cards.exclude(picture=None).select_related("picture"), pk=pk)
    return serve(request, card.picture)
