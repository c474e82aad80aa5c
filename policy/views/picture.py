"""The overall picture of a municipality, and the rule by which it is drawn."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import AuthorityFigure, LocalAuthority, RegionalCluster
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.enums import Visibility
from munistem.commons.terms.models import Term
from munistem.commons.versions import drawn_once, printed, versioned
from policy.enums import Gap
from policy.models import BriefSignOff, PopulationFigure, Programme, ProgrammeFigure
from policy.models.gaps import FEW_GIRLS, FEW_REACHED
from policy.models.honest import SMALLEST, Honest, as_entered, together, told_of
from policy.models.picture import figures_for_all, programmes_shown, years_of
from policy.models.populations import populations_of
from policy.rules.programme import can_keep_programmes
from policy.views.drawing import (
    Background,
    Picture,
    background_of,
    by_source,
    draw,
    seen_of,
    unknowns_of,
    wholes_of,
)
from policy.views.frame import crumbs_of
from policy.views.programme import authority_of, keeping, list_url

MOST_YEARS = 6


def picture_url(authority: LocalAuthority, **asked: Any) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("show_picture", args=[authority.pk])
    return f"{url}?{query}" if query else url


@dataclass
class Year:
    """A school year of the table of years. towns: how many municipalities tell participants, where many are told of."""

    name: str
    url: str
    told: Honest
    is_here: bool
    towns: int | None = None


@require_safe
def show_picture(request: HttpRequest, code: int) -> HttpResponse:
    """Stages and settings in a school year, gaps, earlier years, background, what is not known (``?year=``, ``?as=others``)."""
    authority, user = authority_of(code), request.user
    sight = (can_keep_programmes(user, authority), user.is_authenticated and user.is_in_network)
    asked = tuple(request.GET.get(name, "")[:10] for name in ("year", "as"))
    key = ("picture", code, version_of(user, code), sight, asked, get_language(), timezone.localdate())
    body = drawn_once(key, lambda: print_body(request, authority))
    return render(request, "policy/picture.html", {"authority": authority, "body": body})


@versioned
def version_of(user: Any, code: int) -> list[QuerySet]:
    """All that the picture of a municipality is made of."""
    return [
        LocalAuthority.objects.filter(pk=code),
        AuthorityFigure.objects.filter(authority=code),
        Programme.objects.filter(authority=code),
        ProgrammeFigure.objects.filter(programme__authority=code),
        PopulationFigure.objects.filter(figure__programme__authority=code),
        BriefSignOff.objects.filter(authority=code),
        RegionalCluster.objects.all(),
        Term.objects.populations(),
    ]


def print_body(request: HttpRequest, authority: LocalAuthority) -> SafeString:
    """The whole picture, the same for all who see as much of the municipality."""
    said = {
        **context_of(request, authority),
        "authority": authority,
        "keeping": keeping(request.user, authority),
        "crumbs": [*crumbs_of(), (authority.get_absolute_url(), authority.name)],
    }
    return printed("policy/_picture.html", said)


@dataclass
class Looked:
    """A picture as one reader is told it, and what it is drawn from."""

    picture: Picture
    sums: dict[int, Any]
    figures: Any
    programmes: Any
    background: list[Background]
    keeps: bool


def look_at(request: HttpRequest, authority: LocalAuthority) -> Looked:
    """Who keeps the figures sees them as entered, unless they ask for what others see; four queries."""
    keeps = can_keep_programmes(request.user, authority)
    is_raw = keeps and request.GET.get("as") != "others"
    figures = ProgrammeFigure.objects.visible_to(request.user) if is_raw else figures_for_all()
    sums = years_of(authority, figures=figures)
    year = asked_year(request, sums)
    programmes, background = programmes_shown(request.user, authority, year), background_of(authority)
    if keeps and not is_raw:
        programmes = programmes.filter(visibility=Visibility.PUBLIC)
    seen = seen_of(programmes, sums.get(year, {}), wholes_of(background), is_raw=is_raw)
    return Looked(draw(authority, year, seen, is_raw=is_raw), sums, figures, programmes, background, keeps)


def context_of(request: HttpRequest, authority: LocalAuthority) -> dict[str, Any]:
    looked = look_at(request, authority)
    picture = looked.picture
    year, side = picture.year, "others" if picture.is_raw else ""
    return {
        "picture": picture,
        "year_name": school_year_name(year),
        "years": table_of_years(authority, looked.sums, year, is_raw=picture.is_raw, keeps=looked.keeps),
        "populations": populations_told(looked),
        "background": by_source(looked.background),
        "unknowns": unknowns_of(picture, looked.programmes, looked.background),
        "brief": brief_of(request.user, authority, year),
        "other_side": picture_url(authority, year=year, **{"as": side}) if looked.keeps else "",
        "programmes_url": list_url(authority, year=year),
    }


def populations_told(looked: Looked) -> list[tuple[Term, Honest]]:
    """Who takes part by population, as the reader is told it; two queries."""
    picture = looked.picture
    cells, tell = looked.sums.get(picture.year, {}), as_entered if picture.is_raw else told_of
    return populations_of(picture.authority, picture.year, cells, figures=looked.figures, tell=tell)


def brief_of(user: Any, authority: LocalAuthority, year: int) -> dict[str, Any]:
    """The annual brief of the year: its page, its draft, the latest edition that was signed."""
    page, draft = (reverse(name, args=[authority.pk]) for name in ("show_brief", "serve_brief_draft"))
    signed = BriefSignOff.objects.visible_to(user).of(authority).of_year(year).latest_first().first()
    return {"page": f"{page}?year={year}", "draft": f"{draft}?year={year}", "signed": signed}


def asked_year(request: HttpRequest, sums: dict[int, Any]) -> int:
    """The school year of the address if it is told, else the present one if it is, else the latest that is."""
    now = current_school_year()
    offered = {str(year): year for year in [*sums, now]}
    if asked := offered.get(request.GET.get("year", "")):
        return asked
    past = [year for year in sums if year <= now]
    return max(past, default=now)


def table_of_years(
    authority: LocalAuthority, sums: dict[int, Any], here: int, *, is_raw: bool, keeps: bool
) -> list[Year]:
    """The years that are told and the one that is shown, the latest first."""
    tell = as_entered if is_raw else told_of
    side = "others" if keeps and not is_raw else ""
    return [
        Year(
            school_year_name(year),
            picture_url(authority, year=year, **{"as": side}),
            together(map(tell, sums.get(year, {}).values())),
            year == here,
        )
        for year in sorted({*sums, here}, reverse=True)[:MOST_YEARS]
    ]


@require_safe
def show_picture_rule(request: HttpRequest) -> HttpResponse:
    """What is told and what is called a gap, as ``docs/overall-picture.md`` has it."""
    context = {
        "smallest": SMALLEST,
        "few_girls": FEW_GIRLS,
        "few_reached": FEW_REACHED,
        "gaps": list(Gap),
        "crumbs": [*crumbs_of(), (reverse("list_programmes"), _("Programmes"))],
    }
    return render(request, "policy/picture_rule.html", context)
