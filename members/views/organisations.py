"""The directory of organisations with its map, and the search of the register."""

from collections import Counter
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.enums import AuthorityStatus, District, OrganisationType, PopulationGroup
from members.models import LocalAuthority, Organisation, RegionalCluster
from members.views.filters import Filters
from munistem.commons.guards.limits import limited
from munistem.commons.ready import NOBODY, Reader
from munistem.commons.text.languages import pick
from munistem.commons.text.pages import page_of
from munistem.commons.versions import drawn_once, printed, versioned

ROWS_A_PAGE = 24
OF_REGISTER = {
    "district": "district",
    "cluster": "cluster__slug",
    "group": "population_group",
    "level": "socioeconomic_cluster",
}
ASKED = ("type", "status", *OF_REGISTER, "page")
LONGEST_VALUE = 100  # of a filter; what is longer is none that is known


@require_safe
def list_organisations(request: HttpRequest) -> HttpResponse:
    """Members of the network: tabs by type, filters by the register row, a map of the municipalities."""
    if request.GET.get("q"):
        return find_organisations(request)
    body = drawn_once(key_of("organisations", request), lambda: print_organisations(request))
    return render(request, "members/organisations.html", {"body": body})


@limited("find", 600, 3600, methods=("GET",))
def find_organisations(request: HttpRequest) -> HttpResponse:
    """Those that answer to words, looked for each time."""
    return render(request, "members/organisations.html", {"body": print_organisations(request)})


def key_of(what: str, request: HttpRequest) -> tuple:
    """On what a page of a directory hangs, beside who reads it: all are told the same."""
    asked = tuple(request.GET.get(name, "")[:LONGEST_VALUE] for name in ASKED)
    return what, version_of_directories(NOBODY), asked, get_language(), timezone.localdate()


@versioned
def version_of_directories(_reader: Reader) -> list[QuerySet]:
    """All that both directories are made of."""
    return [model._default_manager.all() for model in (Organisation, LocalAuthority, RegionalCluster)]


def print_organisations(request: HttpRequest) -> SafeString:
    """A page of the directory, of what everyone may know."""
    filters = filters_of(request)
    members = Organisation.objects.visible_to(NOBODY).filter(**conditions_of(filters))
    if filters.query:
        members = members.matching(filters.query)
    counts = Counter(members.order_by().values_list("type", flat=True))
    found = members.filter(type=filters["type"]) if filters["type"] else members
    rows = found if filters.query else found.by_name()
    rows = rows.select_related("authority", "cluster").defer("search_vector", "authority__search_vector")
    said = {
        "page": page_of(request, rows, ROWS_A_PAGE),
        "filters": filters,
        "tabs": tabs_of(filters, counts),
        **map_of(found),
    }
    return printed("members/_organisations.html", said, filters.asked)


def filters_of(request: HttpRequest) -> Filters:
    return Filters(request, [("type", _("Kind of organisation"), OrganisationType.choices), *of_register()])


def of_register() -> list[tuple[str, str, Any]]:
    """Filters by facts of the register."""
    clusters = sorted((cluster.name, cluster.slug) for cluster in RegionalCluster.objects.all())
    levels = [(level, f"{level}") for level in range(1, 11)]
    return [
        ("district", _("District"), District.choices),
        ("cluster", _("Regional cluster"), [(slug, name) for name, slug in clusters]),
        ("group", _("Population group"), PopulationGroup.choices),
        ("level", _("Socio-economic cluster"), levels),
    ]


def conditions_of(filters: Filters) -> dict[str, str]:
    """Conditions on an organisation by its row of the register; other types than municipalities have none."""
    return filters.conditions({name: f"authority__{lookup}" for name, lookup in OF_REGISTER.items()})


def tabs_of(filters: Filters, counts: Counter[str]) -> list[dict[str, Any]]:
    """All and each type that has members, with their numbers under the other filters."""
    choices = [("", _("All"), counts.total())]
    choices += [(kind.value, kind.label, counts[kind]) for kind in OrganisationType if counts[kind]]
    return [
        {
            "url": filters.address(type=code),
            "label": label,
            "count": count,
            "is_here": code == filters["type"],
        }
        for code, label, count in choices
    ]


def map_of(found: Any) -> dict[str, Any]:
    """Points of the map, what it shows in words, and the same by district for those who do not see it."""
    columns = ("lat", "lon", "district", "name_he", "name_ar", "name_en")
    towns = found.order_by().filter(authority__lat__isnull=False, authority__lon__isnull=False)
    rows = [
        dict(zip(columns, row, strict=True))
        for row in towns.values_list(*(f"authority__{column}" for column in columns))
    ]
    points = [{"lat": row["lat"], "lon": row["lon"], "name": name_of(row), "tone": "teal"} for row in rows]
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(row["district"], []).append(name_of(row))
    labels = dict(District.choices)
    said = ngettext(
        "Map of the country with %(count)d municipality of the network",
        "Map of the country with %(count)d municipalities of the network",
        len(points),
    )
    return {
        "points": points,
        "map_label": said % {"count": len(points)},
        "towns": [(labels[code], sorted(places[code])) for code in labels if code in places],
    }


class Names:
    """Names as a query gives them, to be picked by language."""

    def __init__(self, row: dict[str, Any]):
        self.name_he, self.name_ar, self.name_en = row["name_he"], row["name_ar"], row["name_en"]


def name_of(row: dict[str, Any]) -> str:
    return pick(Names(row), "name")


@require_safe
def list_authorities(request: HttpRequest) -> HttpResponse:
    """All local authorities of the national register, members or not, found by any name or by their number."""
    if request.GET.get("q"):
        return find_authorities(request)
    body = drawn_once(key_of("authorities", request), lambda: print_authorities(request))
    return show_register(request, body)


@limited("find", 600, 3600, methods=("GET",))
def find_authorities(request: HttpRequest) -> HttpResponse:
    """Those that answer to words, looked for each time."""
    return show_register(request, print_authorities(request))


def show_register(request: HttpRequest, body: SafeString) -> HttpResponse:
    crumbs = [("/organisations/", _("Organisations"))]
    return render(request, "members/authorities.html", {"body": body, "crumbs": crumbs})


def print_authorities(request: HttpRequest) -> SafeString:
    """A page of the register, each with whether it is in the network."""
    status = ("status", _("Municipal status"), AuthorityStatus.choices)
    filters = Filters(request, [status, *of_register()])
    asked = filters.conditions({"status": "status", **OF_REGISTER})
    found = LocalAuthority.objects.filter(**asked).defer("search_vector", "search_title")
    found = found.matching(filters.query) if filters.query else found.by_name()
    page = page_of(request, found, ROWS_A_PAGE)
    members = Organisation.objects.visible_to(NOBODY).filter(authority__in=list(page))
    said = {
        "page": page,
        "filters": filters,
        "members": set(members.values_list("authority_id", flat=True)),
    }
    return printed("members/_authorities.html", said, filters.asked)
