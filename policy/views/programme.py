"""Programmes of municipalities: the list with its filters, the page of one, and the list to take along."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from members.models import LocalAuthority, Organisation
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.downloads import csv_file
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.guards.limits import limited
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.pages import page_of
from policy.actions.exporting import as_data, known_to, lines_of
from policy.actions.importing.table import HEADS, head_of
from policy.enums import ProgrammeStatus
from policy.models import Programme, ProgrammeFigure, ProgrammeFunder
from policy.models.figures import FIRST_YEAR
from policy.rules import programme as rules
from policy.views.frame import crumbs_of

PER_PAGE = 30
YEARS_BACK = 8
MOST_EXPORTED = 2_000


def authority_of(code: Any) -> LocalAuthority:
    """The municipality of an address; 404 for a number that is none."""
    rows = LocalAuthority.objects.defer("search_vector", "search_title")
    number = str(code)
    known = number.isascii() and number.isdigit() and len(number) < 10
    return get_object_or_404(rows, pk=int(number) if known else 0)


def programme_of(request: HttpRequest, pk: int) -> Programme:
    """The programme of an address; 404 for what one may not know of."""
    rows = Programme.objects.visible_to(request.user)
    rows = rows.select_related("authority", "provider_organisation", "created_by")
    hidden = ("authority__search_vector", "provider_organisation__search_vector", "created_by__search_vector")
    return get_object_or_404(rows.defer(*hidden), pk=pk)


def list_url(authority: LocalAuthority | None = None, **asked: Any) -> str:
    query = ({"authority": authority.pk} if authority else {}) | asked
    url = reverse("list_programmes")
    return f"{url}?{urlencode(query)}" if query else url


def programme_crumbs(authority: LocalAuthority | None = None) -> list[tuple[str, str]]:
    crumbs = [*crumbs_of(), (list_url(), _("Programmes"))]
    if authority:
        crumbs.append((list_url(authority), authority.name))
    return crumbs


@dataclass
class Look:
    """How the list is looked at: what the address says, unknown values left out."""

    authority: LocalAuthority | None = None
    chosen: dict[str, str] = field(default_factory=dict)
    funder: Organisation | None = None

    def narrow(self, rows: Any) -> Any:
        chosen = self.chosen
        if self.authority:
            rows = rows.of(self.authority)
        rows = rows.at(stage=chosen.get("stage", ""), setting=chosen.get("setting", ""))
        rows = rows.about(*(chosen[name] for name in ("subject", "population") if name in chosen))
        if "status" in chosen:
            rows = rows.filter(status=chosen["status"])
        if "year" in chosen:
            rows = rows.in_year(int(chosen["year"]))
        return rows.funded_by(self.funder) if self.funder else rows

    @property
    def query(self) -> str:
        asked: dict[str, Any] = {"authority": self.authority.pk} if self.authority else {}
        return urlencode(asked | self.chosen)


def look_of(request: HttpRequest, terms: list[Term]) -> Look:
    """What the address asks for."""
    asked = request.GET
    offered: dict[str, Any] = {
        "stage": LifeStage.values,
        "setting": Setting.values,
        "subject": [term.slug for term in terms if term.kind == TermKind.SUBJECT],
        "population": [term.slug for term in terms if term.kind == TermKind.POPULATION],
        "status": ProgrammeStatus.values,
        "year": [str(year) for year in range(FIRST_YEAR, current_school_year() + 6)],
    }
    look = Look(chosen={name: asked[name] for name, known in offered.items() if asked.get(name) in known})
    if asked.get("authority"):
        look.authority = authority_of(asked["authority"])
    if slug := asked.get("funder"):
        rows = Organisation.objects.visible_to(request.user).defer("search_vector", "search_title")
        if funder := rows.filter(slug=slug[:100]).first():
            look.funder, look.chosen["funder"] = funder, funder.slug
    return look


def fields_of(look: Look, rows: Any, terms: list[Term]) -> list[dict[str, Any]]:
    """The selects of the form; municipalities and funders only those of which there are programmes."""
    year = current_school_year()
    words = {kind: [(t.slug, t.label) for t in terms if t.kind == kind] for kind in TermKind}
    offered = [
        ("stage", _("Life stage"), LifeStage.choices),
        ("setting", _("Setting"), Setting.choices),
        ("subject", _("Subject"), words[TermKind.SUBJECT]),
        ("population", _("Population"), words[TermKind.POPULATION]),
        ("status", pgettext("programme", "State"), ProgrammeStatus.choices),
        (
            "year",
            _("School year"),
            [(str(y), school_year_name(y)) for y in range(year + 1, year - YEARS_BACK, -1)],
        ),
        ("funder", _("Who pays for it"), funders_of(rows)),
    ]
    return [
        {"name": name, "label": label, "choices": choices, "value": look.chosen.get(name, "")}
        for name, label, choices in offered
    ]


def funders_of(rows: Any) -> list[tuple[str, str]]:
    """Members of the network that pay for any of the programmes, by name; one query."""
    paid = ProgrammeFunder.objects.filter(programme__in=rows.values("pk"), organisation__isnull=False)
    funders = Organisation.objects.members().filter(pk__in=paid.values("organisation"))
    named = funders.only("slug", "name_he", "name_ar", "name_en")
    return sorted(((row.slug, row.name) for row in named), key=lambda pair: pair[1])


def towns(known: Any) -> list[dict[str, Any]]:
    """Municipalities of which there are programmes that the reader may know of, by name."""
    rows = LocalAuthority.objects.filter(Exists(known.filter(authority=OuterRef("pk"))))
    found = [{"code": row.pk, "name": row.name} for row in rows.only("name_he", "name_ar", "name_en")]
    return sorted(found, key=lambda row: row["name"])


@require_safe
def list_programmes(request: HttpRequest) -> HttpResponse:
    """Programmes that the reader may know of, of one municipality or of all."""
    terms = list(Term.objects.curated().in_order())
    look = look_of(request, terms)
    known = Programme.objects.visible_to(request.user)
    of_place = known.of(look.authority) if look.authority else known
    rows = look.narrow(known).select_related("authority").defer("authority__search_vector")
    rows = rows.prefetch_related("terms", "funders__organisation").by_name()
    context = {
        "authority": look.authority,
        "page": page_of(request, rows, PER_PAGE),
        "fields": fields_of(look, of_place, terms),
        "towns": [] if look.authority else towns(known),
        "is_filtered": bool(look.chosen),
        "list_url": list_url(look.authority),
        "export": f"{reverse('serve_programmes_csv')}?{look.query}",
        "keeping": keeping(request.user, look.authority),
        "crumbs": programme_crumbs()[:-1] if look.authority is None else programme_crumbs(),
    }
    return render(request, "policy/programmes.html", context)


def keeping(user: Any, authority: LocalAuthority | None) -> dict[str, Any]:
    """Where who keeps the programmes of a municipality goes on; empty for others."""
    if authority is None or not rules.can_keep_programmes(user, authority):
        return {}
    year = current_school_year()
    return {
        "new": f"{reverse('enter_programme')}?authority={authority.pk}",
        "figures": reverse("show_figures", args=[authority.pk, year]),
        "year": school_year_name(year),
        "table": reverse("import_programmes", args=[authority.pk]),
    }


@require_safe
def show_programme(request: HttpRequest, pk: int) -> HttpResponse:
    """What a programme is; its figures for who keeps it."""
    programme = programme_of(request, pk)
    terms = list(programme.terms.in_order())
    keeps = rules.can_keep_programme(request.user, programme)
    context = {
        "programme": programme,
        "subjects": [term for term in terms if term.kind == TermKind.SUBJECT],
        "populations": [term for term in terms if term.kind == TermKind.POPULATION],
        "funders": programme.funders.select_related("organisation")
        .defer("organisation__search_vector")
        .in_order(),
        "schools": programme.schools.in_order(),
        "settings": [Setting(code).label for code in programme.settings],
        "since": school_year_name(programme.since) if programme.since else "",
        "until": school_year_name(programme.until) if programme.until else "",
        "can_keep": keeps,
        "years": years_of(request.user, programme) if keeps else [],
        "year": current_school_year(),
        "crumbs": programme_crumbs(programme.authority),
    }
    return render(request, "policy/programme.html", context)


def years_of(user: Any, programme: Programme) -> list[dict[str, Any]]:
    """The figures of each school year, the latest first."""
    rows = ProgrammeFigure.objects.visible_to(user).filter(programme=programme).in_order()
    found: dict[int, list[ProgrammeFigure]] = {}
    for row in rows.prefetch_related("populations__term"):
        found.setdefault(row.year, []).append(row)
    return [
        {
            "year": year,
            "name": school_year_name(year),
            "rows": kept,
            "url": reverse("show_programme_figures", args=[programme.pk, year]),
        }
        for year, kept in found.items()
    ]


# To take along -------------------------------------------------------------------------------------------


def asked_for(request: HttpRequest) -> list[Programme]:
    """What the list would show on all its pages, with the figures that the reader may see."""
    look = look_of(request, list(Term.objects.curated()))
    return known_to(
        request.user, look.narrow(Programme.objects.visible_to(request.user)).by_name()[:MOST_EXPORTED]
    )


@limited("export_programmes", 60, 3600, methods=("GET",))
@require_safe
def serve_programmes_csv(request: HttpRequest) -> HttpResponse:
    """The list as a table, headed as the import reads it again."""
    rows = [[_("Local authority"), *map(head_of, HEADS)]]
    for programme in asked_for(request):
        for line in lines_of([programme]):
            rows.append([programme.authority.name, *(line.get(column) for column in HEADS)])
    return csv_file(f"{_('Programmes')}.csv", rows)


@limited("export_programmes", 60, 3600, methods=("GET",))
@require_safe
def serve_programmes_json(request: HttpRequest) -> JsonResponse:
    """The list for programs."""
    told = [as_data(programme) for programme in asked_for(request)]
    return JsonResponse({"programmes": told}, json_dumps_params={"ensure_ascii": False})
