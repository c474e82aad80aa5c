"""How the view of a funder is looked at: what its address asks for."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.enums import District
from members.models import RegionalCluster
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.enums import LifeStage
from munistem.commons.terms.models import Term

YEARS_BACK = 6
#: A school has many programmes when it has more than these, unless the page asks for another number.
MANY, MOST_MANY = 3, 20


@dataclass
class Look:
    """What the address asks for, unknown values left out."""

    chosen: dict[str, str]
    clusters: dict[int, RegionalCluster]
    subjects: list[Term]

    @property
    def year(self) -> int:
        return int(self.chosen.get("year") or current_school_year())

    @property
    def more_than(self) -> int:
        return int(self.chosen.get("more") or MANY)

    @property
    def only_own(self) -> bool:
        """Whether only what one's own programmes take part in is shown."""
        return self.chosen.get("whose") != "all"

    @property
    def query(self) -> str:
        return urlencode(self.chosen)

    def narrow(self, programmes: Any) -> Any:
        chosen = self.chosen
        places = {"district": "authority__district", "cluster": "authority__cluster"}
        rows = programmes.filter(**{path: chosen[name] for name, path in places.items() if name in chosen})
        rows = rows.at(stage=chosen.get("stage", ""))
        return rows.about(chosen["subject"]) if "subject" in chosen else rows

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The selects of the form."""
        now = current_school_year()
        clusters = sorted((row.name, str(key)) for key, row in self.clusters.items())
        years = [(str(year), school_year_name(year)) for year in range(now + 1, now - YEARS_BACK, -1)]
        offered: list[tuple[str, str, str, list[Any]]] = [
            ("year", _("School year"), str(self.year), years),
            (
                "whose",
                _("What is shown"),
                "",
                [("", _("Where our programmes are")), ("all", pgettext("filter", "All"))],
            ),
            ("district", _("District"), "", _all(District.choices)),
            ("cluster", _("Regional cluster"), "", _all([(key, name) for name, key in clusters])),
            ("stage", _("Life stage"), "", _all(LifeStage.choices)),
            ("subject", _("Subject"), "", _all([(term.slug, term.label) for term in self.subjects])),
        ]
        return [
            {"name": name, "label": label, "value": self.chosen.get(name, usual), "choices": choices}
            for name, label, usual, choices in offered
        ]


def _all(choices: list[Any]) -> list[Any]:
    return [("", pgettext("filter", "All")), *choices]


def look_of(request: HttpRequest) -> Look:
    clusters = {row.pk: row for row in RegionalCluster.objects.all()}
    subjects = list(Term.objects.subjects().in_order())
    now = current_school_year()
    known: dict[str, Any] = {
        "year": {str(year) for year in range(now + 1, now - YEARS_BACK, -1)},
        "whose": {"all"},
        "district": set(District.values),
        "cluster": {str(key) for key in clusters},
        "stage": set(LifeStage.values),
        "subject": {term.slug for term in subjects},
        "more": {str(number) for number in range(1, MOST_MANY + 1)},
    }
    asked = {name: request.GET.get(name, "") for name in known}
    return Look({name: value for name, value in asked.items() if value in known[name]}, clusters, subjects)
