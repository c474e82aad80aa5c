"""The figures of one programme in a year, split by life stage, setting and population as far as they are known so."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from munistem.commons.enums import LifeStage, Setting
from munistem.commons.guards.limits import limited
from munistem.commons.terms.models import Term, TermKind
from policy.actions import figures as deeds
from policy.forms.figures import CountsForm
from policy.models import Programme, ProgrammeFigure
from policy.views.figures import frame_of, year_of
from policy.views.keeping import kept_of

MOST_POPULATIONS = 8
#: The population that has a column of its own among the figures.
GIRLS = "girls"
#: How figures may be split: by stage, by setting.
SPLITS = {"whole": (False, False), "stage": (True, False), "setting": (False, True), "both": (True, True)}


@login_required
@limited("figures", 600, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def show_programme_figures(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """Enter a year of one programme with all its parts (``?split=`` of SPLITS); they are kept together or not at all."""
    programme, year = kept_of(request, pk), year_of(year)
    figures = figures_of(request, programme, year)
    standing = split_in(programme, figures)
    ways = ways_of(programme)
    split = asked if (asked := request.GET.get("split", "")) in ways else standing
    forms, status = forms_of(request, programme, figures, split), 200
    if request.method == "POST" and all(form.is_valid() for form in forms):
        status = keep_year(request, programme, year, forms)
        if status == 200:
            return redirect("show_figures", programme.authority_id, year)
    context = frame_of(programme.authority, year) | {"programme": programme, "forms": forms}
    context["is_stale"], context["marker"] = status == 409, deeds.marker_of(figures)
    context["is_other_split"] = bool(figures) and split != standing
    context["ways"] = (
        [way | {"is_here": way["name"] == split} for way in ways.values()] if len(ways) > 1 else []
    )
    context["crumbs"] = [*context["crumbs"], (programme.get_absolute_url(), programme.name)]
    return render(request, "policy/programme_figures.html", context, status=status)


def figures_of(request: HttpRequest, programme: Programme, year: int) -> list[ProgrammeFigure]:
    rows = ProgrammeFigure.objects.visible_to(request.user).filter(programme=programme, year=year)
    return list(rows.prefetch_related("populations__term").in_order())


def ways_of(programme: Programme) -> dict[str, dict[str, Any]]:
    """How the figures of this programme may be split, as tabs."""
    labels = {
        "whole": _("Not split"),
        "stage": _("By life stage"),
        "setting": _("By setting"),
        "both": _("By both"),
    }
    many_stages, many_settings = len(programme.life_stages) > 1, len(programme.settings) > 1
    cells = len(programme.life_stages) * len(programme.settings)
    offered = {
        "whole": True,
        "stage": many_stages,
        "setting": many_settings,
        "both": many_stages and many_settings and cells <= deeds.MOST_CELLS,
    }
    return {
        name: {"name": name, "label": labels[name], "url": f"?split={name}", "count": None}
        for name, is_offered in offered.items()
        if is_offered
    }


def split_in(programme: Programme, figures: list[ProgrammeFigure]) -> str:
    """How the figures stand now."""
    stage, setting = deeds.whole_cell(programme)
    by_stage = any(row.life_stage for row in figures) and not stage
    by_setting = any(row.setting for row in figures) and not setting
    return next(name for name, ways in SPLITS.items() if ways == (by_stage, by_setting))


def forms_of(
    request: HttpRequest, programme: Programme, figures: list[ProgrammeFigure], split: str
) -> list[CountsForm]:
    """A form for each part, filled in with what stands or what was sent."""
    by_stage, by_setting = SPLITS[split]
    standing = {(row.life_stage, row.setting): row for row in figures}
    populations = populations_of(programme, figures)
    data, forms = request.POST if request.method == "POST" else None, []
    for cell in deeds.cells_of(programme, by_stage=by_stage, by_setting=by_setting):
        stage, setting = cell
        prefix = f"{stage or 'all'}-{setting or 'all'}"
        form = CountsForm(data, figure=standing.get(cell), cell=cell, terms=populations, prefix=prefix)
        labels = [str(LifeStage(stage).label)] if stage else []
        form.title = " · ".join([*labels, str(Setting(setting).label)] if setting else labels)  # type: ignore[attr-defined]
        forms.append(form)
    return forms


def populations_of(programme: Programme, figures: list[ProgrammeFigure]) -> list[Term]:
    """The populations that the programme is for, and those of which figures stand."""
    terms = {term.pk: term for term in programme.terms.in_order() if term.kind == TermKind.POPULATION}
    for row in figures:
        terms |= {one.term_id: one.term for one in row.populations.all()}
    return [term for term in terms.values() if term.slug != GIRLS][:MOST_POPULATIONS]


def keep_year(request: HttpRequest, programme: Programme, year: int, forms: list[CountsForm]) -> int:
    """Keep the parts together; answers 200, or 409 when somebody was quicker."""
    try:
        deeds.enter_figures(
            by=request.user,
            programme=programme,
            year=year,
            rows=[form.said for form in forms],
            seen=request.POST.get("seen", ""),
        )
    except (deeds.StaleFigures, deeds.Impossible):
        return 409
    messages.success(request, _("The figures were kept."))
    return 200
