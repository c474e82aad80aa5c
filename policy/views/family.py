"""A municipality beside those that are alike, and what the best of them do."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.enums import Measure
from members.models import AuthorityFigure, LocalAuthority, Organisation
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.enums import LifeStage, Setting
from policy.models import Programme
from policy.models.family import Range, family_of, range_of
from policy.models.honest import Honest, together, told_of
from policy.models.picture import counts_of, figures_for_all, summed
from policy.views.frame import crumbs_of
from policy.views.picture import picture_url
from policy.views.programme import authority_of, list_url

CELLS = len(LifeStage) * len(Setting)
BEST = 3


class Known(NamedTuple):
    """A figure of one municipality: its value in the unit of its measure, and of how many it is."""

    value: float
    part: int
    whole: int | None


@dataclass
class Compared:
    """A measure beside the family: one's own figure, the range of the others, the best of them with what they do."""

    label: str
    unit: str
    year: str
    source: str
    own: Known | None
    range: Range | None
    best: list[tuple[LocalAuthority, Known]]


@require_safe
def show_family(request: HttpRequest, code: int) -> HttpResponse:
    """Median and range of 8 to 12 municipalities that are alike; never a ranking of the country."""
    authority, year = authority_of(code), current_school_year()
    family = family_of(authority)
    members = Organisation.objects.visible_to(request.user).members().filter(authority__in=family)
    pages = {row.authority_id: row for row in members.defer("search_vector", "search_title")}
    for row in family:
        row.organisation_page = pages.get(row.pk)
        row.picture, row.programmes_list = picture_url(row, year=year), list_url(row, year=year)
    context = {
        "authority": authority,
        "family": family,
        "compared": compared_of(request.user, authority, family, year),
        "year_name": school_year_name(year),
        "crumbs": [
            *crumbs_of(),
            (authority.get_absolute_url(), authority.name),
            (picture_url(authority), _("The overall picture")),
        ],
    }
    return render(request, "policy/family.html", context)


def compared_of(
    user: Any, authority: LocalAuthority, family: list[LocalAuthority], year: int
) -> list[Compared]:
    """What is told of each in the same way, one's own included: nobody is compared by what others may not see."""
    codes = [authority.pk, *(row.pk for row in family)]
    town, cbs = _("the municipality, as its representatives entered it"), Measure.MATRICULATION.source.label
    ministry = Measure.MATH.source.label
    told = [
        (_("Cells in which a programme runs"), "", town, year, cells_in_use(user, codes, year)),
        (_("Girls among participants"), "%", town, year, girls_of(codes, year)),
        (Measure.MATRICULATION.label, "%", cbs, *shares_of(codes, Measure.MATRICULATION)),
        (_("Mathematics, 5 units, of all examinees"), "%", ministry, *shares_of(codes, Measure.MATH)),
    ]
    rows = []
    for label, unit, source, of_year, values in told:
        others = [(row, values[row.pk]) for row in family if row.pk in values]
        best = sorted(others, key=lambda pair: -pair[1].value)[:BEST]
        middle = range_of(known.value for _row, known in others)
        rows.append(
            Compared(label, unit, school_year_name(of_year), source, values.get(authority.pk), middle, best)
        )
    return rows


def cells_in_use(user: Any, codes: list[int], year: int) -> dict[int, Known]:
    """In how many cells a programme runs that the reader may know of; those that entered none are not known."""
    found: dict[int, set[tuple[str, str]]] = {}
    rows = Programme.objects.visible_to(user).filter(authority__in=codes).in_year(year).order_by()
    for code, stages, settings in rows.values_list("authority", "life_stages", "settings"):
        cells = {(stage, setting) for stage in stages for setting in settings}
        found.setdefault(code, set()).update(cells)
    return {code: Known(len(cells), len(cells), CELLS) for code, cells in found.items()}


def girls_of(codes: list[int], year: int) -> dict[int, Known]:
    """The share of girls, from what cells tell everyone."""
    told: dict[int, list[Honest]] = {}
    figures = figures_for_all().filter(year=year, programme__authority__in=codes)
    for row in summed(figures, "programme__authority"):
        told.setdefault(row["programme__authority"], []).append(told_of(counts_of(row)))
    sums = {code: together(cells) for code, cells in told.items()}
    return {
        code: Known(row.girls_share, row.girls, row.counted)
        for code, row in sums.items()
        if row.girls_share is not None and row.girls is not None
    }


def shares_of(codes: list[int], measure: Measure) -> tuple[int, dict[int, Known]]:
    """The latest year of a public source and its shares; a number only where it is told of how many."""
    rows = list(AuthorityFigure.objects.filter(authority__in=codes, measure=measure))
    latest = max((row.year for row in rows), default=current_school_year())
    found: dict[int, Known] = {}
    for row in rows:
        if row.year != latest:
            continue
        if measure.is_share:
            found[row.authority_id] = Known(row.value, round(row.value), None)
        elif row.whole:
            found[row.authority_id] = Known(100 * row.value / row.whole, round(row.value), row.whole)
    return latest, found
