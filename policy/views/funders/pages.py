"""The foundation officer's view: where programmes stand by who pays for them, where funders double, where something ends."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.enums import OrganisationType
from members.models import Organisation
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.downloads import csv_file
from munistem.commons.guards.limits import limited
from policy.models import Programme, ProgrammeFunder
from policy.models.funding import Narrowed
from policy.rules.funder import NEVER, can_list_funders
from policy.views.frame import crumbs_of
from policy.views.funders.look import Look, look_of
from policy.views.funders.tables import DRAWN, Drawing, draw
from policy.views.organisation import funding_url, organisation_of

MOST_SHOWN, MOST_EXPORTED = 30, 20_000


@login_required
@require_safe
def list_funders(request: HttpRequest) -> HttpResponse:
    """The funders whose view the reader may open: one's own, for admins all."""
    if not can_list_funders(request.user):
        raise PermissionDenied
    year = current_school_year()
    running = Q(funded_programmes__programme__in=Programme.objects.visible_to(request.user).in_year(year))
    rows = Organisation.objects.visible_to(request.user).members().exclude(type__in=NEVER)
    rows = rows.annotate(paid_count=Count("funded_programmes__programme", filter=running, distinct=True))
    paying = Q(pk__in=ProgrammeFunder.objects.filter(organisation__isnull=False).values("organisation"))
    rows = rows.filter(Q(type=OrganisationType.FOUNDATION) | paying)
    if not request.user.is_staff:
        rows = rows.filter(pk__in=[mandate.organisation_id for mandate in request.user.mandates])
    found = rows.defer("search_vector", "search_title").order_by("-paid_count", "sort_name", "pk")
    context = {"funders": found, "year_name": school_year_name(year), "crumbs": crumbs_of()}
    return render(request, "policy/funders.html", context)


@login_required
@require_safe
def show_funding(request: HttpRequest, slug: str) -> HttpResponse:
    """All tables of a funder, the beginning of each."""
    organisation = funder_of(request, slug)
    look = look_of(request)
    drawing = draw(narrowed(request, organisation, look, MOST_SHOWN), look, DRAWN)
    for table in drawing.tables:
        url = reverse("serve_funding_csv", args=[organisation.slug, table.code])
        table.csv_url = f"{url}?{look.query}"
    context = {
        "organisation": organisation,
        "look": look,
        "drawing": drawing,
        "year_name": school_year_name(look.year),
        "all_url": f"{request.path}?{urlencode({**look.chosen, 'whose': 'all'})}",
        "crumbs": [*crumbs_of(), (reverse("list_funders"), _("Funders"))],
    }
    return render(request, "policy/funding.html", context)


@login_required
@limited("export_funding", 60, 3600, methods=("GET",))
@require_safe
def serve_funding_csv(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """One table, whole."""
    organisation = funder_of(request, slug)
    if table not in DRAWN:
        raise Http404
    look = look_of(request)
    drawing: Drawing = draw(narrowed(request, organisation, look, MOST_EXPORTED), look, (table,))
    told = drawing.tables[0]
    year = school_year_name(look.year)
    rows = [[*told.heads, _("School year")], *([*line.cells, year] for line in told.lines)]
    return csv_file(f"{organisation.name} – {told.title}.csv", rows)


def funder_of(request: HttpRequest, slug: str) -> Organisation:
    """The funder of an address; 403 for whoever does not act for it."""
    organisation = organisation_of(request, slug)
    if not funding_url(request.user, organisation):
        raise PermissionDenied
    return organisation


def narrowed(request: HttpRequest, organisation: Organisation, look: Look, most: int) -> Narrowed:
    """What the tables are made of, as far as the reader may know of it."""
    known: Any = Programme.objects.visible_to(request.user)
    return Narrowed(
        programmes=look.narrow(known.in_year(look.year)),
        all_programmes=known,
        year=look.year,
        organisation=organisation.pk,
        only_own=look.only_own,
        stage=look.chosen.get("stage", ""),
        subject=look.chosen.get("subject", ""),
        most=most,
    )
