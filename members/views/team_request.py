"""Joining the team of a member organisation: asked here, confirmed by mail, decided by a manager in one click."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from members import rules
from members.actions import team_request as deeds
from members.actions.application import BadLink, TooLate
from members.actions.mandate import AccountClosed
from members.forms.application import TeamForm
from members.models import Organisation, TeamRequest
from members.views.application import hidden
from members.views.status import show_broken_link
from munistem.commons.guards.limits import limited


@limited("ask-for-team", 20, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def join_team(request: HttpRequest, slug: str) -> HttpResponse:
    """A few words to the managers; the address is confirmed by mail."""
    organisation = get_object_or_404(Organisation.objects.members().defer("search_vector"), slug=slug)
    user = request.user
    known = {"name": user.name, "email": user.email, "role": user.role_title} if user.is_authenticated else {}
    form = TeamForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        deeds.ask_for_team(organisation=organisation, language=get_language() or "he", **form.cleaned_data)
        return render(
            request,
            "members/check_mail.html",
            {"email": form.cleaned_data["email"], "organisation": organisation},
        )
    return render(request, "members/join_team.html", {"organisation": organisation, "form": form})


@hidden
@limited("confirm-address", 30, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_team_request(request: HttpRequest, token: str) -> HttpResponse:
    """One button, pressed by a person; afterwards the page tells how the request stands."""
    try:
        asked = deeds.confirm(token=token) if request.method == "POST" else deeds.request_of(token)
    except BadLink:
        return show_broken_link(request)
    if request.method == "POST":
        return redirect("confirm_team_request", token=token)
    return render(request, "members/team_request.html", {"asked": asked})


def request_of(request: HttpRequest, key: UUID) -> TeamRequest:
    """A request that the reader may know of (404) and decide (403); decided ones pass, the deed refuses them."""
    rows = TeamRequest.objects.visible_to(request.user).select_related("organisation")
    asked = get_object_or_404(rows.defer("organisation__search_vector"), key=key)
    if not rules.manages_team(request.user, asked):
        raise PermissionDenied
    return asked


@login_required
@require_POST
def accept_team_request(request: HttpRequest, key: UUID) -> HttpResponse:
    """A manager lets the colleague in."""
    asked = request_of(request, key)
    try:
        deeds.accept(by=request.user, request=asked)
    except AccountClosed:
        messages.error(
            request, _("The account of this address was closed. Please turn to the network's admins.")
        )
    except TooLate:
        messages.info(request, _("This request was decided already."))
    else:
        messages.success(
            request, _("%(name)s is in your team now and was told by mail.") % {"name": asked.name}
        )
    return redirect("show_team", slug=asked.organisation.slug)


@login_required
@require_POST
def decline_team_request(request: HttpRequest, key: UUID) -> HttpResponse:
    """A manager says no."""
    asked = request_of(request, key)
    try:
        deeds.decline(by=request.user, request=asked)
    except TooLate:
        messages.info(request, _("This request was decided already."))
    else:
        messages.success(
            request, _("The request was declined; %(name)s was told by mail.") % {"name": asked.name}
        )
    return redirect("show_team", slug=asked.organisation.slug)
