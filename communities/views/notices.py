"""How a reader wants to hear of a community or a topic, chosen where one is."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from communities import rules
from communities.actions import topic as deeds
from communities.models import Community
from communities.views.frame import community_of
from communities.views.topic import topic_of
from munistem.commons.audit.actions import key
from munistem.commons.notices.choices import choose_scope, chosen
from munistem.commons.notices.models import OF_SCOPE, Rhythm

ASKED_FOR = timedelta(days=30)


def rhythms_of(user: Any, community: Community) -> dict[str, Any]:
    """What a member may choose for a community; whoever came lately and has not chosen yet is asked."""
    standing = rules.standing(user, community)
    if standing is None or not rules.is_member(user, community):
        return {"rhythms": (), "asks_rhythm": False}
    rhythm = chosen(user, key(community))
    is_new = standing.since > timezone.now() - ASKED_FOR
    return {
        "rhythms": [(one.value, one.label, one == (rhythm or Rhythm.WEEKLY)) for one in OF_SCOPE],
        "asks_rhythm": is_new and not rhythm,
    }


@login_required
@require_POST
def choose_for_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep how a member wants to hear of what is new in a community."""
    community = community_of(request, slug)
    if not rules.is_member(request.user, community):
        raise PermissionDenied
    rhythm = request.POST.get("rhythm", "")
    if rhythm in OF_SCOPE:
        choose_scope(by=request.user, rhythms={key(community): rhythm})
        messages.success(request, _("Your choice was kept."))
    else:
        messages.error(request, _("Choose one of the ways to hear of what is new."))
    return redirect(community)


@login_required
@require_POST
def choose_for_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a topic, mute it, or treat it as any other."""
    topic, wish = topic_of(request, pk), request.POST.get("wish", "")
    deeds.choose_for_topic(by=request.user, topic=topic, wish=wish)
    said = {
        "follow": _("You will hear of every answer here."),
        "mute": _("You will hear of this topic only when someone mentions you."),
    }
    messages.success(request, said.get(wish, _("You will hear of this topic as of any other.")))
    return redirect(topic)
