"""Who adopted what: all member municipalities and all recommendations in one table; queries do not grow with either."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet, TextField, Value
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.enums import District, OrganisationType, PopulationGroup
from members.models import LocalAuthority, Organisation, RegionalCluster
from munistem.commons.downloads import csv_file
from munistem.commons.guards.limits import limited
from munistem.commons.ready import ready
from munistem.commons.text.languages import pick
from munistem.commons.text.pages import page_of
from munistem.commons.versions import drawn_once, printed, versioned
from policy.enums import EndorsementState, Progress, Stance, word_of
from policy.models import (
    Endorsement,
    EndorsementShare,
    ProgressReport,
    ProgressSnapshot,
    Recommendation,
    RecommendationVersion,
    ReportPeriod,
)
from policy.models.behind import with_shares
from policy.models.endorsement import SILENT_AFTER
from policy.models.progress import reads_for_network
from policy.rules import is_admin
from policy.views.shares import over_time

TOWNS_A_PAGE = 30
#: What the address may ask for, and how long a value of it may be.
ASKED, LONGEST_VALUE = ("district", "cluster", "size", "group", "recommendation"), 80
TOWN = ("pk", "slug", "name_he", "name_ar", "name_en", "authority_id")
PLACE = {
    name: F(f"authority__{name}") for name in ("lat", "lon", "district", "population", "population_group")
}
PLACE |= {f"cluster_{code}": F(f"authority__cluster__name_{code}") for code in ("he", "ar", "en")}
#: Residents from – to, by which municipalities are narrowed.
SIZES = {
    "small": (gettext_lazy("Up to 10,000 residents"), 0, 10_000),
    "middle": (gettext_lazy("10,000 to 50,000 residents"), 10_000, 50_000),
    "large": (gettext_lazy("50,000 to 100,000 residents"), 50_000, 100_000),
    "largest": (gettext_lazy("100,000 residents and more"), 100_000, 10**9),
}


class Names:
    """Names of an organisation or a cluster as a query gives them."""

    def __init__(self, values: dict[str, Any], prefix: str = "name"):
        for code in ("he", "ar", "en"):
            setattr(self, f"name_{code}", values[f"{prefix}_{code}"] or "")


@dataclass(frozen=True)
class Answered:
    """What a cell of the table shows. progress: code of the latest report, ``not_reported`` or ""; joint: by its cluster."""

    pk: int
    stance: str
    is_waiting: bool
    progress: str = ""
    is_joint: bool = False

    @property
    def state(self) -> str:
        return self.progress or "untold"


@dataclass
class Row:
    """A municipality and its answers in the order of the recommendations, None where there is none."""

    name: str
    url: str
    cells: list[Answered | None]
    code: int = 0
    lat: float | None = None
    lon: float | None = None
    district: str = ""
    cluster: str = ""
    population: int | None = None
    population_group: str = ""

    @property
    def tone(self) -> str:
        """Of its dot on the map."""
        stances = {one.stance for one in self.cells if one and not one.is_waiting}
        return "teal" if Stance.ENDORSES in stances else "sun" if Stance.ALREADY_DOING in stances else ""


@dataclass(frozen=True)
class Filters:
    """What the address asks for; values that mean nothing are left out."""

    district: str
    cluster: str
    group: str
    size: str
    recommendation: str
    clusters: list[RegionalCluster]
    recommendations: list[Recommendation]

    @property
    def conditions(self) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "authority__district": self.district,
            "authority__cluster": self.cluster,
            "authority__population_group": self.group,
        }
        if self.size:
            _label, least, most = SIZES[self.size]
            asked |= {"authority__population__gte": least, "authority__population__lt": most}
        return {name: value for name, value in asked.items() if value != ""}

    @property
    def is_set(self) -> bool:
        return bool(self.conditions or self.recommendation)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The selects of the form."""
        clusters = [(str(cluster.pk), cluster.name) for cluster in self.clusters]
        sizes = [(code, row[0]) for code, row in SIZES.items()]
        named = [(one.slug, f"{one.number}. {one.title}") for one in self.recommendations]
        groups = PopulationGroup.choices
        return [
            {"name": "district", "label": _("District"), "value": self.district, "choices": District.choices},
            {"name": "cluster", "label": _("Regional cluster"), "value": self.cluster, "choices": clusters},
            {"name": "size", "label": _("Size"), "value": self.size, "choices": sizes},
            {"name": "group", "label": _("Population group"), "value": self.group, "choices": groups},
            {
                "name": "recommendation",
                "label": _("Recommendation"),
                "value": self.recommendation,
                "choices": named,
            },
        ]


def filters_of(request: HttpRequest, recommendations: list[Recommendation]) -> Filters:
    clusters = sorted(RegionalCluster.objects.all(), key=lambda cluster: cluster.name)
    known = {
        "district": set(District.values),
        "cluster": {str(cluster.pk) for cluster in clusters},
        "group": set(PopulationGroup.values),
        "size": set(SIZES),
        "recommendation": {one.slug for one in recommendations},
    }
    asked = {name: request.GET.get(name, "") for name in known}
    told = {name: value if value in known[name] else "" for name, value in asked.items()}
    return Filters(**told, clusters=clusters, recommendations=recommendations)


@dataclass(frozen=True)
class Table:
    """All that the page and its exports show."""

    recommendations: list[Recommendation]
    filters: Filters
    towns: QuerySet
    rows: list[Row]


def table_of(request: HttpRequest) -> Table:
    """What the address asks for, as far as the reader may see it."""
    known = list(Recommendation.objects.visible_to(request.user).in_force().without_index().in_order())
    filters = filters_of(request, known)
    shown = [one for one in known if filters.recommendation in ("", one.slug)]
    towns = Organisation.objects.visible_to(request.user).members().filter(type=OrganisationType.MUNICIPALITY)
    towns = towns.filter(**filters.conditions)
    return Table(shown, filters, towns, rows_of(request.user, shown, towns))


@require_safe
def show_adoption(request: HttpRequest) -> HttpResponse:
    """The table; what waits for confirmation is shown to those who may see it, and never counted."""
    user = request.user
    own = tuple(own_waiting(user)) if user.is_authenticated and not user.is_staff else ()
    sight = (is_admin(user), reads_for_network(user), own)
    asked = tuple(request.GET.get(name, "")[:LONGEST_VALUE] for name in (*ASKED, "page"))
    key = ("adoption", version_of_all(user), sight, asked, get_language(), timezone.localdate())
    body = drawn_once(key, lambda: print_body(request))
    return render(request, "policy/adoption.html", {"body": body})


@ready
def own_waiting(user: Any) -> QuerySet:
    """What the reader sees of answers that wait, beside what everyone sees."""
    waiting = Endorsement.objects.visible_to(user).waiting().of_municipalities()
    return waiting.order_by("pk").values_list("pk", flat=True)


@versioned
def version_of_all(user: Any) -> list[QuerySet]:
    """All that the table is made of."""
    answers = (Endorsement, EndorsementShare, ProgressReport, ProgressSnapshot, ReportPeriod)
    named = (Recommendation, RecommendationVersion, Organisation, LocalAuthority, RegionalCluster)
    return [model._default_manager.all() for model in (*answers, *named)]


def print_body(request: HttpRequest) -> SafeString:
    """A page of the table, and what all of its municipalities answered together."""
    table = table_of(request)
    query = urlencode({name: value for name in ASKED if (value := getattr(table.filters, name))})
    given = [one for row in table.rows for one in row.cells if one]
    said = {
        "recommendations": table.recommendations,
        "page": page_of(request, table.rows, TOWNS_A_PAGE),
        "count": len(table.rows),
        "totals": totals_of(table.rows, table.recommendations),
        "filters": table.filters,
        "is_filtered": table.filters.is_set,
        "points": [vars(row) | {"tone": row.tone} for row in table.rows if row.lat is not None],
        "endorsing_count": sum(row.tone == "teal" for row in table.rows),
        "bars": over_time(request.user, table.towns, table.recommendations, given),
        "csv_url": f"{reverse('serve_adoption_csv')}?{query}",
        "json_url": f"{reverse('serve_adoption_json')}?{query}",
        "can_see_silent": is_admin(request.user),
    }
    return printed("policy/_adoption.html", said, query)


def rows_of(user: Any, recommendations: list[Recommendation], towns: QuerySet) -> list[Row]:
    """The member municipalities by name in the reader's language, each with its answers."""
    answers = answers_of(user)
    base, blank = reverse("show_organisation", args=["x"]), dict[int, Answered]()
    rows = []
    for town in towns.by_name().values(*TOWN, **PLACE):
        own = answers.get(town["pk"], blank)
        cells = [own.get(recommendation.pk) for recommendation in recommendations]
        url = base.replace("/x/", f"/{town['slug']}/")
        name = pick(Names(town), "name")
        rows.append(Row(name, url, cells, town["authority_id"], **place_of(town)))
    return sorted(rows, key=lambda row: row.name.casefold())


def place_of(town: dict[str, Any]) -> dict[str, Any]:
    """Where it lies and by what it is narrowed; what is not known is None or ""."""
    told = {name: town[name] for name in ("lat", "lon", "population")}
    told |= {name: town[name] or "" for name in ("district", "population_group")}
    return told | {"cluster": pick(Names(town, "cluster"), "name") if town["cluster_he"] else ""}


def answers_of(user: Any) -> dict[int, dict[int, Answered]]:
    """Organisation → recommendation → what it answered: in force, else with its cluster, else on its way; one query."""
    rows = list(given(user))
    progress = {pk: status for _town, _one, pk, status, state, *_more in rows if state == REPORT}
    answers: dict[int, dict[int, Answered]] = {}
    for organisation, recommendation, pk, stance, state, missed, is_joint in sorted(rows, key=weight):
        if state == REPORT:
            continue
        is_waiting = state == EndorsementState.WAITING
        how = "not_reported" if missed >= SILENT_AFTER else progress.get(pk, "")
        told = Answered(pk, stance, is_waiting, "" if is_waiting else how, is_joint)
        answers.setdefault(organisation, {})[recommendation] = told
    return answers


REPORT = "report"


def weight(row: Any) -> int:
    """What covers what: an endorsement of one's own, the share in a joint one, any other answer in force, one on its way."""
    _organisation, _recommendation, _pk, stance, state, _missed, is_joint = row
    if state == EndorsementState.WAITING:
        return 0
    return 2 if is_joint else 3 if stance == Stance.ENDORSES else 1


def given(user: Any) -> QuerySet:
    """Answers of municipalities, their shares in those of their clusters, and the latest reports, in the same columns."""
    own = Endorsement.objects.visible_to(user).standing().of_municipalities()
    shares = EndorsementShare.objects.visible_to(user).counted()
    reports = ProgressReport.objects.visible_to(user).latest_of_each()
    reports = reports.annotate(kind=Value(REPORT, TextField()), none=Value(0), joint=Value(False))
    told = ("organisation_id", "recommendation_id", "pk", "stance", "state", "missed_periods")
    both = ("endorsement__organisation_id", "endorsement__recommendation_id", "endorsement_id")
    rows = with_shares(own, shares, *told)
    return rows.union(reports.values_list(*both, "status", "kind", "none", "joint"), all=True)


def totals_of(rows: list[Row], recommendations: list[Recommendation]) -> list[dict[str, Any]]:
    """For each recommendation how many of the rows endorse it and how many do it already."""
    totals = []
    for place, recommendation in enumerate(recommendations):
        cells = [row.cells[place] for row in rows]
        counts = Counter(cell.stance for cell in cells if cell and not cell.is_waiting)
        totals.append(
            {
                "label": f"{recommendation.number}. {recommendation.title}",
                "endorsing": counts[Stance.ENDORSES],
                "doing": counts[Stance.ALREADY_DOING],
            }
        )
    return totals


# To take along -------------------------------------------------------------------------------------------


@limited("export_adoption", 60, 3600, methods=("GET",))
@require_safe
def serve_adoption_csv(request: HttpRequest) -> HttpResponse:
    """A line for each municipality and recommendation, in the reader's words."""
    table = table_of(request)
    heads = [
        _("Code"),
        _("Municipality"),
        _("District"),
        _("Regional cluster"),
        _("Residents"),
        _("Population group"),
        _("Recommendation"),
        _("Answer"),
        _("Progress"),
        _("With its cluster"),
    ]
    lines = [heads]
    for row in table.rows:
        town = [str(row.code), row.name, *where(row)]
        for recommendation, one in zip(table.recommendations, row.cells, strict=True):
            title = f"{recommendation.number}. {recommendation.title}"
            lines.append([*town, title, *words_of(one)])
    return csv_file(f"{_('Who endorsed what')}.csv", lines)


def where(row: Row) -> list[str]:
    """What the filters narrow by, in words; empty where it is not known."""
    district = str(District(row.district).label) if row.district else ""
    group = str(PopulationGroup(row.population_group).label) if row.population_group else ""
    return [district, row.cluster, "" if row.population is None else str(row.population), group]


def words_of(one: Answered | None) -> list[str]:
    """What a cell says, in words; empty cells say nothing."""
    if one is None:
        return ["", "", ""]
    answer = EndorsementState.WAITING.label if one.is_waiting else Stance(one.stance).label
    return [str(answer), word_of(one.progress) if one.progress else "", _("Yes") if one.is_joint else ""]


@limited("export_adoption", 60, 3600, methods=("GET",))
@require_safe
def serve_adoption_json(request: HttpRequest) -> JsonResponse:
    """The table for programs: codes, None where nothing was answered."""
    table = table_of(request)
    told = [
        {
            "authority": row.code,
            "name": row.name,
            "district": row.district or None,
            "cluster": row.cluster or None,
            "residents": row.population,
            "population_group": row.population_group or None,
            "answers": {
                recommendation.slug: data_of(one)
                for recommendation, one in zip(table.recommendations, row.cells, strict=True)
            },
        }
        for row in table.rows
    ]
    return JsonResponse({"municipalities": told}, json_dumps_params={"ensure_ascii": False})


def data_of(one: Answered | None) -> dict[str, Any] | None:
    if one is None:
        return None
    progress = one.progress if one.progress in Progress.values else None
    state = {"is_waiting": one.is_waiting, "is_not_reported": one.progress == "not_reported"}
    return {"answer": one.stance, "progress": progress, "with_cluster": one.is_joint, **state}
