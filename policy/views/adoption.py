"""Who adopted what: all member municipalities and all recommendations in one table; queries do not grow with either."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.enums import District, OrganisationType, PopulationGroup
from members.models import Organisation, RegionalCluster
from munistem.commons.text.languages import pick
from policy.enums import EndorsementState, Stance
from policy.models import Endorsement, Recommendation

TOWN = ("pk", "slug", "name_he", "name_ar", "name_en")


class Names:
    """Names of an organisation as a query gives them."""

    def __init__(self, values: dict[str, Any]):
        self.name_he, self.name_ar, self.name_en = values["name_he"], values["name_ar"], values["name_en"]


@dataclass(frozen=True)
class Answered:
    """What a cell of the table shows."""

    pk: int
    stance: str
    is_waiting: bool


@dataclass
class Row:
    """A municipality and its answers in the order of the recommendations, None where there is none."""

    name: str
    url: str
    cells: list[Answered | None]


@dataclass(frozen=True)
class Filters:
    """What the address asks for; values that mean nothing are left out."""

    district: str
    cluster: str
    group: str
    clusters: list[RegionalCluster]

    @property
    def conditions(self) -> dict[str, str]:
        asked = {
            "authority__district": self.district,
            "authority__cluster": self.cluster,
            "authority__population_group": self.group,
        }
        return {name: value for name, value in asked.items() if value}

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The selects of the form."""
        clusters = [(str(cluster.pk), cluster.name) for cluster in self.clusters]
        return [
            {"name": "district", "label": _("District"), "value": self.district, "choices": District.choices},
            {"name": "cluster", "label": _("Regional cluster"), "value": self.cluster, "choices": clusters},
            {
                "name": "group",
                "label": _("Population group"),
                "value": self.group,
                "choices": PopulationGroup.choices,
            },
        ]


def filters_of(request: HttpRequest) -> Filters:
    clusters = sorted(RegionalCluster.objects.all(), key=lambda cluster: cluster.name)
    asked = request.GET
    known = {str(cluster.pk) for cluster in clusters}
    return Filters(
        district=asked.get("district", "") if asked.get("district") in District.values else "",
        cluster=asked.get("cluster", "") if asked.get("cluster") in known else "",
        group=asked.get("group", "") if asked.get("group") in PopulationGroup.values else "",
        clusters=clusters,
    )


@require_safe
def show_adoption(request: HttpRequest) -> HttpResponse:
    """The table; what waits for confirmation is shown to those who may see it, and never counted."""
    recommendations = list(
        Recommendation.objects.visible_to(request.user).in_force().without_index().in_order()
    )
    filters = filters_of(request)
    rows = rows_of(request.user, recommendations, filters)
    context = {
        "recommendations": recommendations,
        "rows": rows,
        "totals": totals_of(rows, recommendations),
        "filters": filters,
        "is_filtered": bool(filters.conditions),
    }
    return render(request, "policy/adoption.html", context)


def rows_of(user: Any, recommendations: list[Recommendation], filters: Filters) -> list[Row]:
    """The member municipalities by name in the reader's language, each with its answers; two queries."""
    towns = Organisation.objects.visible_to(user).members().filter(type=OrganisationType.MUNICIPALITY)
    found = list(towns.filter(**filters.conditions).by_name().values(*TOWN))
    answers = answers_of(user)
    base, blank = reverse("show_organisation", args=["x"]), dict[int, Answered]()
    rows = []
    for town in found:
        own = answers.get(town["pk"], blank)
        cells = [own.get(recommendation.pk) for recommendation in recommendations]
        rows.append(Row(pick(Names(town), "name"), base.replace("/x/", f"/{town['slug']}/"), cells))
    return sorted(rows, key=lambda row: row.name.casefold())


def answers_of(user: Any) -> dict[int, dict[int, Answered]]:
    """Organisation → recommendation → what it answered; the answer in force before the one on its way."""
    standing = Endorsement.objects.visible_to(user).standing()
    standing = standing.filter(organisation__type=OrganisationType.MUNICIPALITY)
    answers: dict[int, dict[int, Answered]] = {}
    columns = ("organisation_id", "recommendation_id", "pk", "stance", "state")
    for organisation, recommendation, pk, stance, state in standing.order_by("-state").values_list(*columns):
        is_waiting = state == EndorsementState.WAITING  # sorted first, so that a confirmed one covers it
        answers.setdefault(organisation, {})[recommendation] = Answered(pk, stance, is_waiting)
    return answers


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
