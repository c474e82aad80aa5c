"""The handover pack: what a successor in the role of STEM excellence manager finds, as a page and on paper."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import uri_to_iri
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from communities.actions.membership import TooLate
from communities.models import Community
from members.models import LocalAuthority, Organisation, RoleHolding
from members.views.application import hidden
from munistem.commons import pdf
from munistem.commons.guards.limits import limited
from policy.actions import handover as deeds
from policy.actions.answer import NoMandate
from policy.enums.call import Fit
from policy.models.calls import calls_open, deadline_of, soonest_first
from policy.models.family import family_of
from policy.models.fitting import checks_of, fit_of, town_of
from policy.models.handover import AHEAD, MANY, Found, contacts_of, promises_of, things_of
from policy.models.role import communities_open_to
from policy.views.calls.fitted import as_shown
from policy.views.frame import crumbs_of
from policy.views.pack import Pack, on_paper
from policy.views.plan import kept


def pack_of(request: HttpRequest, authority: LocalAuthority) -> Pack:
    """Everything of the pack that this reader may see."""
    user = request.user
    members = Organisation.objects.members().filter(authority=authority)
    organisation = members.defer("search_vector", "search_title").first()
    return Pack(
        authority,
        organisation,
        list(RoleHolding.objects.of(authority).for_reader(user).latest_first()),
        promises_of(user, organisation),
        [*things_of(user, authority, organisation), *calls_for(user, authority)],
        contacts_of(user, authority, family_of(authority)),
        list(communities_open_to(user, authority)),
    )


def calls_for(user: Any, authority: LocalAuthority) -> list[Found]:
    """Calls for proposals that close soon and ask for nothing that the municipality has not."""
    town = town_of(authority, authority.cluster)
    items = list(soonest_first(as_shown(calls_open(user)))[:MANY])
    days = [(item, deadline_of(item)) for item in items if item.published]
    fitting = [
        (item, day) for item, day in days if fit_of(checks_of(item.published.details, town)) != Fit.NOT
    ]
    last = timezone.localdate() + AHEAD
    return [
        Found("call", item.published.title, item.slug, day, "")
        for item, day in fitting
        if day and day <= last
    ]


@hidden
@login_required
@require_safe
def show_handover(request: HttpRequest, code: int) -> HttpResponse:
    """For the municipality's own representatives, and admins."""
    authority = kept(request, code)
    pack = pack_of(request, authority)
    context = {
        "authority": authority,
        "pack": pack,
        "is_holder": pack.is_held_by(request.user),
        "crumbs": [*crumbs_of(), (authority.get_absolute_url(), authority.name)],
    }
    return render(request, "policy/handover.html", context)


@hidden
@login_required
@limited("pdf", 120, 3600, methods=("GET",))
@require_safe
def serve_handover_pdf(request: HttpRequest, code: int) -> HttpResponse:
    """The same pack on paper, in the reader's language."""
    authority = kept(request, code)
    page = uri_to_iri(settings.BASE_URL + request.path.removesuffix("pdf/"))
    told = on_paper(pack_of(request, authority), url=page, language=str(get_language() or "he"))
    try:
        made = pdf.document(told, of=f"handover-{authority.pk}")
    except pdf.Failed:
        return render(request, "policy/no_pack.html", {"authority": authority, "crumbs": []}, status=503)
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = f'attachment; filename="handover-{authority.pk}.pdf"'
    return response


@login_required
@limited("seats", 60, 3600)
@require_POST
def take_seat(request: HttpRequest, code: int, slug: str) -> HttpResponse:
    """Take up the municipality's seat in a community, as far as the community takes one in."""
    authority = kept(request, code)
    known = Community.objects.visible_to(request.user).defer("search_vector")
    community = get_object_or_404(known, slug=slug)
    try:
        done = deeds.take_seat(by=request.user, authority=authority, community=community)
    except (NoMandate, TooLate):
        messages.info(request, _("This seat cannot be taken up from here. Its facilitators can help."))
    else:
        words = (
            _("Welcome to “%(name)s”.")
            if done == deeds.JOINED
            else _("The facilitators of “%(name)s” were asked.")
        )
        messages.success(request, words % {"name": community.name})
    return redirect(reverse("show_handover", args=[authority.pk]))
