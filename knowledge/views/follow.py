"""Following parts of the library, and the list of what one follows."""

from collections.abc import Mapping, Set
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.actions import follow as deeds
from knowledge.enums import FollowKind
from knowledge.models import Collection, Follow, LibraryFeed
from knowledge.models.follow import canonical, followable, labels_of
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import isolated

MOST_COLLECTIONS = 12


def context_of_follow(user: Any, kind: str, value: str) -> dict[str, Any]:
    """Context of ``knowledge/_follow.html``: a button that follows this, or ends it; nothing for visitors."""
    kept = followable(user, kind, value) if user.is_authenticated else ""
    if not kept:
        return {"follow": None}
    is_followed = Follow.objects.visible_to(user).filter(kind=kind, value=kept).exists()
    return {"follow": {"kind": kind, "value": kept, "is_followed": is_followed}}


def context_of_search(request: HttpRequest, parts: Mapping[str, str], followed: Set[str]) -> dict[str, Any]:
    """The same of what the library is narrowed to; nothing where it is not.

    followed: the searches that this person follows.
    """
    kept = canonical(urlencode(parts)) if request.user.is_authenticated else ""
    if not kept:
        return {"follow": None}
    return {"follow": {"kind": FollowKind.SEARCH, "value": kept, "is_followed": kept in followed}}


def collections_in(user: Any, community: Any) -> list[Collection]:
    """The collections of a community, for the tab of its library."""
    rows = Collection.objects.visible_to(user).standing().filter(community=community)
    return list(rows.with_counts(user).latest_first().defer("search_vector")[:MOST_COLLECTIONS])


@login_required
@limited("follow", 120, 3600)
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Follow something (``kind=``, ``value=``) or end it (``off=1``), and stay where one is (``next=``)."""
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "")
    if "off" in request.POST:
        deeds.unfollow(by=request.user, kind=kind, value=value)
        messages.success(request, _("You do not follow this any more."))
        return redirect(where_to(request))
    kept = followable(request.user, kind, value) if kind in FollowKind.values else ""
    if not kept:
        raise Http404
    try:
        row = deeds.follow(by=request.user, kind=kind, value=kept)
    except deeds.TooMany:
        told = _("You follow %(most)d things already. End one of them first.")
        messages.error(request, told % {"most": deeds.MOST_FOLLOWS})
        return redirect("list_follows")
    label = labels_of([row], request.user)[row.pk]
    told = _("You follow %(what)s. What is new there comes with your news by mail.")
    messages.success(request, told % {"what": isolated(label)})
    return redirect(where_to(request))


def where_to(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if is_ours else reverse("list_follows")


@login_required
@require_safe
def list_follows(request: HttpRequest) -> HttpResponse:
    """What I follow, each with a button that ends it."""
    rows = list(Follow.objects.visible_to(request.user).latest_first())
    labels = labels_of(rows, request.user)
    feed = LibraryFeed.objects.filter(person=request.user).first()
    context = {
        "feed_url": settings.BASE_URL + reverse("serve_own_feed", args=[feed.token]) if feed else "",
        "follows": [
            {
                "kind": row.kind,
                "kind_label": FollowKind(row.kind).label,
                "value": row.value,
                "label": labels[row.pk],
                "url": row.get_absolute_url() if labels[row.pk] else "",
                "since": row.followed_at,
            }
            for row in rows
        ],
        "crumbs": [(reverse("list_items"), _("Knowledge"))],
    }
    return render(request, "knowledge/follows.html", context)
