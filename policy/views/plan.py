"""The work plan of a municipality: what it will do about its gaps, and what the figure is since."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.models import LocalAuthority
from munistem.commons.days.school import school_year_name
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.guards.limits import limited
from policy.actions import plan as deeds
from policy.enums import PlanState
from policy.forms.plan import PlanForm, SettleForm
from policy.models import PlanItem, ProgrammeFigure
from policy.models.honest import Honest, as_entered
from policy.models.picture import Cell, years_of
from policy.rules.programme import can_keep_programmes
from policy.views.gap import crumbs_to, part_of
from policy.views.picture import look_at
from policy.views.programme import authority_of


def kept(request: HttpRequest, code: int) -> LocalAuthority:
    """The municipality of an address, for who keeps its plan."""
    authority = authority_of(code)
    if not can_keep_programmes(request.user, authority):
        raise PermissionDenied
    return authority


@dataclass
class Planned:
    """A thing of the plan beside the figure of the latest year after it was planned."""

    item: PlanItem
    place: str
    then: Honest
    now: Honest | None
    year_then: str
    year_now: str

    @property
    def tone(self) -> str:
        return PlanState(self.item.state).tone


@login_required
@require_safe
def show_plan(request: HttpRequest, code: int) -> HttpResponse:
    """What is open by its day, then what was done or dropped; figures then and now."""
    authority = kept(request, code)
    rows = PlanItem.objects.visible_to(request.user).of(authority).select_related("owner", "settled_by")
    rows = rows.defer("owner__search_vector", "settled_by__search_vector").soonest_first()
    sums = years_of(authority, figures=ProgrammeFigure.objects.visible_to(request.user))
    context = {
        "authority": authority,
        "plan": [planned(row, sums) for row in rows],
        "crumbs": crumbs_to(authority, 0),
    }
    return render(request, "policy/plan.html", context)


def planned(row: PlanItem, sums: dict[int, dict[Cell, Any]]) -> Planned:
    later = [year for year in sums if year > row.year]
    cell = Cell(row.life_stage, row.setting)
    counts = sums[max(later)].get(cell) if later else None
    return Planned(
        row,
        f"{row.get_life_stage_display()} · {row.get_setting_display()}",
        Honest(row.participants, row.girls, row.counted),
        as_entered(counts) if counts else None,
        school_year_name(row.year),
        school_year_name(max(later)) if later else "",
    )


@login_required
@limited("plan", 200, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_gap(request: HttpRequest, code: int, stage: str, setting: str) -> HttpResponse:
    """Add something to do about the gap of a cell to the work plan."""
    if stage not in LifeStage.values or setting not in Setting.values:
        raise Http404
    authority = kept(request, code)
    picture = look_at(request, authority).picture
    part = part_of(picture, stage, setting)
    form = PlanForm(request.POST or None, by=request.user, authority=authority, gaps=part.gaps)
    if request.method == "POST" and form.is_valid():
        place = deeds.Place(picture.year, stage, setting, form.cleaned_data.pop("gap"))
        deeds.add_to_plan(
            by=request.user, authority=authority, place=place, figure=part.told, **form.cleaned_data
        )
        messages.success(request, _("It stands in the work plan."))
        return redirect("show_plan", authority.pk)
    where = (part.gap_url, f"{LifeStage(stage).label} · {part.setting.label}")
    context = {"form": form, "authority": authority, "where": where[1], "cancel": part.gap_url}
    context["crumbs"] = [*crumbs_to(authority, picture.year), where]
    return render(request, "policy/plan_gap.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settle_plan_item(request: HttpRequest, code: int, pk: int) -> HttpResponse:
    """Say what became of a thing of the plan."""
    authority = kept(request, code)
    item = get_object_or_404(PlanItem.objects.visible_to(request.user).of(authority), pk=pk)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.settle_plan_item(by=request.user, item=item, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("show_plan", authority.pk)
    plan = reverse("show_plan", args=[authority.pk])
    context = {"form": form, "item": item, "cancel": plan}
    context["crumbs"] = [*crumbs_to(authority, item.year), (plan, _("Work plan"))]
    return render(request, "policy/settle_plan_item.html", context)
