"""The yearly figures: all programmes of a municipality in one table."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from members.models import LocalAuthority
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.guards.limits import limited
from munistem.commons.text.pages import page_of
from policy.actions import figures as deeds
from policy.forms.figures import LABELS, CountsForm
from policy.models import Programme, ProgrammeFigure
from policy.models.figures import COUNTED, FIRST_YEAR
from policy.rules import programme as rules
from policy.views.programme import authority_of, programme_crumbs

#: Few enough that all their fields stay below what a request may bring.
PER_PAGE = 25


def year_of(year: int) -> int:
    """The school year of an address; 404 for one that nobody can have counted."""
    if not FIRST_YEAR <= year <= current_school_year() + 1:
        raise Http404
    return year


@dataclass
class Line:
    """A programme in the table of a year: with a form while its figures are whole, else with their sums."""

    programme: Programme
    figures: list[ProgrammeFigure]
    url: str
    form: CountsForm | None = None
    is_tried: bool = False
    is_stale: bool = False

    @property
    def is_carried_over(self) -> bool:
        return any(row.is_carried_over for row in self.figures)

    @property
    def is_missing(self) -> bool:
        return not self.figures

    def sums(self) -> list[tuple[Any, int | None]]:
        """What is known of each column over all parts; None where nothing is."""
        told = []
        for name in COUNTED:
            values = [value for row in self.figures if (value := getattr(row, name)) is not None]
            told.append((LABELS[name], sum(values) if values else None))
        return told


def lines_of(request: HttpRequest, authority: LocalAuthority, year: int) -> tuple[Any, list[Line]]:
    """The page of programmes that run in the year, each with its form, filled in with what was sent."""
    rows = Programme.objects.of(authority).in_year(year).by_name()
    page = page_of(request, rows.with_figures_of(request.user, year), PER_PAGE)
    data = request.POST if request.method == "POST" else None
    return page, [line_of(programme, year, data) for programme in page]


def line_of(programme: Programme, year: int, data: Any) -> Line:
    url = reverse("show_programme_figures", args=[programme.pk, year])
    line, cell = Line(programme, programme.year_figures, url), deeds.whole_cell(programme)
    figure = line.figures[0] if line.figures else None
    is_whole = len(line.figures) < 2 and (figure is None or (figure.life_stage, figure.setting) == cell)
    if is_whole and not (figure and figure.populations.all()):
        prefix = f"p{programme.pk}"
        sent = data if data is not None and f"{prefix}-seen" in data else None
        line.form = CountsForm(sent, figure=figure, cell=cell, prefix=prefix)
    return line


@login_required
@limited("figures", 600, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def show_figures(request: HttpRequest, code: int, year: int) -> HttpResponse:
    """All programmes of a year in one table. Each row is kept by itself; what cannot be kept comes back as it was typed."""
    authority, year = authority_of(code), year_of(year)
    if not rules.can_keep_programmes(request.user, authority):
        raise PermissionDenied
    page, lines = lines_of(request, authority, year)
    status = keep_lines(request, year, lines) if request.method == "POST" else 200
    if request.method == "POST" and status == 200 and not any(line.is_tried for line in lines):
        place = request.POST.get("unknown") or request.POST.get("save", "")
        return redirect(f"{request.get_full_path()}{f'#programme-{place}' if place.isdigit() else ''}")
    context = frame_of(authority, year) | {"page": page, "lines": lines, "has_errors": status != 200}
    context["missing"] = sum(line.is_missing for line in lines)
    return render(request, "policy/figures.html", context, status=409 if status == 409 else 200)


def keep_lines(request: HttpRequest, year: int, lines: list[Line]) -> int:
    """Keep the rows that were changed; answers 200 when all were kept, 400 or 409 with rows left to look at."""
    own, unknown = request.POST.get("save", ""), request.POST.get("unknown", "")
    status, kept = 200, 0
    for line in lines:
        form, key = line.form, str(line.programme.pk)
        if form is None or not form.is_bound:
            continue
        if unknown == key:
            form = line.form = CountsForm(
                {f"p{key}-seen": form["seen"].value() or ""},
                figure=form.figure,
                cell=form.cell,
                prefix=f"p{key}",
            )
        if not form.is_valid():
            line.is_tried, status = True, max(status, 400)
        elif is_wanted(form, is_asked=key in (own, unknown)):
            is_kept = keep_line(request, year, line, form)
            status, kept = (status, kept + 1) if is_kept else (409, kept)
    if kept:
        told = ngettext("%(count)d row was kept.", "%(count)d rows were kept.", kept)
        messages.success(request, told % {"count": kept})
    return status


def is_wanted(form: CountsForm, *, is_asked: bool) -> bool:
    """Whether a row is to be kept: its own button was pressed, or something in it is different."""
    if form.figure is None:
        return is_asked or not form.is_blank
    said = form.said
    return is_asked or any(
        (getattr(form.figure, name), getattr(form.figure, f"{name}_quality"))
        != (said.of(name).value, said.of(name).quality)
        for name in COUNTED
    )


def keep_line(request: HttpRequest, year: int, line: Line, form: CountsForm) -> bool:
    try:
        deeds.enter_figures(
            by=request.user,
            programme=line.programme,
            year=year,
            rows=[form.said],
            seen=form.cleaned_data["seen"],
        )
    except (deeds.StaleFigures, deeds.Impossible):
        line.is_tried = line.is_stale = True
        return False
    return True


def frame_of(authority: LocalAuthority, year: int) -> dict[str, Any]:
    """What stands around the figures of a year."""
    this = current_school_year()
    years = range(min(year, this - 3), this + 2)
    tabs = [
        {
            "url": reverse("show_figures", args=[authority.pk, one]),
            "label": school_year_name(one),
            "count": None,
            "is_here": one == year,
        }
        for one in sorted({*years, year}, reverse=True)[:7]
    ]
    return {
        "authority": authority,
        "year": year,
        "year_name": school_year_name(year),
        "before_name": school_year_name(year - 1),
        "tabs": tabs,
        "heads": list(LABELS.values()),
        "copy_url": reverse("copy_figures", args=[authority.pk, year]),
        "crumbs": programme_crumbs(authority),
    }


@login_required
@require_POST
def copy_figures(request: HttpRequest, code: int, year: int) -> HttpResponse:
    """Carry last year's figures over, as estimates, to programmes that have none yet."""
    authority, year = authority_of(code), year_of(year)
    if not rules.can_keep_programmes(request.user, authority):
        raise PermissionDenied
    count = deeds.copy_year(by=request.user, authority=authority, year=year)
    told = ngettext(
        "The figures of %(count)d programme were copied. They count as estimates until you change them.",
        "The figures of %(count)d programmes were copied. They count as estimates until you change them.",
        count,
    )
    nothing = _("There was nothing to copy: every programme has figures already, or had none last year.")
    messages.info(request, told % {"count": count} if count else nothing)
    return redirect("show_figures", authority.pk, year)
