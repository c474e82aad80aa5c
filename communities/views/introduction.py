"""Introducing three members in the same role to each other, as proposed; and one's own wish about it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from communities import rules
from communities.actions import introduction as deeds
from communities.actions.membership import TooLate
from communities.emails import prepared_introduction
from communities.forms import IntroductionForm
from communities.models import Community, Introduction
from communities.models.trios import Trio, suggest_trios
from communities.views.frame import community_of, frame_of
from munistem.commons.guards.limits import limited

MOST_TOLD = 10


@login_required
@limited("introduce", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def introduce_members(request: HttpRequest, slug: str) -> HttpResponse:
    """Up to three proposals, each with why, a prepared text and one button."""
    community = community_of(request, slug)
    if not rules.can_introduce(request.user, community):
        raise PermissionDenied
    form = IntroductionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return introduce(request, community, form)
    made = Introduction.objects.visible_to(request.user).filter(community=community)
    context = {
        **frame_of(request, community, "facilitation"),
        "proposals": [proposal(trio, community, request.POST) for trio in suggest_trios(community)],
        "form": form,
        "made": made.select_related("first", "second", "third").order_by("-introduced_at")[:MOST_TOLD],
    }
    return render(request, "communities/introductions.html", context)


def introduce(request: HttpRequest, community: Community, form: IntroductionForm) -> HttpResponse:
    try:
        _made, is_new = deeds.introduce(by=request.user, community=community, **form.cleaned_data)
    except TooLate:
        messages.error(request, _("One of the three is no longer a member, or does not want introductions."))
    else:
        said = _("The three have a mail from you now.") if is_new else _("These three were introduced already; nothing was sent again.")  # fmt: skip
        messages.success(request, said)
    return redirect("introduce_members", slug=community.slug)


def proposal(trio: Trio, community: Community, typed: Any) -> dict[str, Any]:
    """What stands on the page of three people; what was typed for them stays."""
    is_typed = typed.get("people") == trio.key
    return {
        "trio": trio,
        "reasons": reasons_of(trio),
        "text": typed.get("text", "") if is_typed else prepared_introduction(trio, community=community),
        "is_typed": is_typed,
    }


def reasons_of(trio: Trio) -> list[str]:
    """Why these three, in words."""
    said = {
        "size": _("municipalities of similar size"),
        "cluster": _("similar socio-economic standing"),
        "group": _("the same population group"),
    }
    return [_("the same role"), *(said[code] for code in trio.reasons), _("no topic in common yet")]


@login_required
@require_POST
def wish_introductions(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that one does not want to be introduced to others, or (``on=1``) that one does."""
    community = community_of(request, slug)
    if not rules.is_member(request.user, community):
        raise PermissionDenied
    is_wanted = "on" in request.POST
    deeds.want_introductions(by=request.user, community=community, is_wanted=is_wanted)
    said = _("Facilitators may introduce you again.") if is_wanted else _("You will not be introduced to others here.")  # fmt: skip
    messages.success(request, said)
    return redirect("list_community_people", slug=community.slug)
