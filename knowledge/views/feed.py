"""A feed of one's own: what is new in the library as one may read it, for a reader that cannot sign in."""

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.actions import feed as deeds
from knowledge.models import LibraryFeed
from knowledge.views.along import serve_community_feed, serve_library_feed
from munistem.commons.guards.limits import limited


@login_required
@require_POST
def change_library_feed(request: HttpRequest) -> HttpResponse:
    """Open an address, give it a new token so that the old one ends, or (``off=1``) close it."""
    if "off" in request.POST:
        deeds.close_feed(by=request.user)
        messages.success(request, _("The address was closed; feed readers no longer get anything from it."))
    else:
        deeds.open_feed(by=request.user, token=secrets.token_urlsafe(32))
        messages.success(request, _("Your feed address is ready. Keep it to yourself."))
    return redirect("list_follows")


@limited("feed", 600, 3600, methods=("GET",))
@require_safe
def serve_own_feed(request: HttpRequest, token: str, slug: str = "") -> HttpResponse:
    """What is new for a person (in the library of the community ``slug``), narrowed as its page is; whoever has it reads it.

    Of what the person may not read (any more) it answers 404: its reader cannot ask for access.
    """
    feed = get_object_or_404(LibraryFeed.objects.select_related("person"), token=token)
    if not feed.person.is_active:
        raise Http404
    request.user = feed.person
    with translation.override(feed.person.language):
        try:
            return serve_community_feed(request, slug) if slug else serve_library_feed(request)
        except PermissionDenied as error:
            raise Http404 from error
