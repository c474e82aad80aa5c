"""How the work on an endorsed recommendation goes: the report of a representative."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from munistem.commons.guards.limits import limited
from policy import rules
from policy.actions import report
from policy.actions.answer import TooLate
from policy.enums import Progress
from policy.forms.progress import ReportForm
from policy.models import Endorsement, Programme, ProgressReport
from policy.models.peers import peers_of
from policy.views.frame import crumbs_of, endorsement_of


@login_required
@limited("report_progress", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def report_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell how the work goes."""
    endorsement = endorsement_of(request, pk)
    if not rules.can_report_progress(request.user, endorsement):
        raise PermissionDenied
    programmes = (
        Programme.objects.visible_to(request.user).of(endorsement.organisation.authority_id).by_name()
    )
    form = ReportForm(request.POST or None, request.FILES or None, programmes=programmes)
    if request.method == "POST" and form.is_valid():
        try:
            made = report.report_progress(by=request.user, endorsement=endorsement, **form.told)
        except TooLate:
            messages.info(request, _("This answer is no longer in force, so nothing can be reported on it."))
        else:
            messages.success(request, said_of(made))
        return redirect(endorsement)
    context = {"form": form, "endorsement": endorsement, "crumbs": crumbs_of(endorsement.recommendation)}
    return render(request, "policy/report.html", context)


def said_of(made: ProgressReport) -> str:
    if made.status == Progress.STUCK:
        return _("Thank you. Your facilitators hear of it; below you see whom you could ask.")
    return _("Thank you. Your report stands beside the recommendation.")


def reports_on(user: Any, endorsement: Endorsement, most: int) -> list[ProgressReport]:
    """The latest first, each as the person may read it, with milestones and the programme that may be seen."""
    rows = ProgressReport.objects.visible_to(user).filter(endorsement=endorsement).latest_first()
    rows = rows.select_related("reported_by", "evidence", "programme").prefetch_related("milestones")
    found = list(rows.defer("reported_by__search_vector", "evidence__text")[:most])
    named = [row.programme_id for row in found if row.programme_id]
    seen = (
        set(Programme.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True))
        if named
        else set()
    )
    for row in found:
        row.endorsement = endorsement
        row.as_told_to(user)
        row.shows_programme = row.programme_id in seen and row.programme is not None  # type: ignore[attr-defined]
        row.steps = steps_of(user, row)  # type: ignore[attr-defined]
    return found


def steps_of(user: Any, report: ProgressReport) -> list[Any]:
    """Its milestones in their order, none for whom they are not."""
    if not rules.can_see_report_field(user, report, "milestones"):
        return []
    return sorted(report.milestones.all(), key=lambda step: step.position)


def helpers_for(user: Any, endorsement: Endorsement, reports: list[ProgressReport]) -> list[ProgressReport]:
    """Whom to ask, for those whose work is stuck."""
    is_stuck = bool(reports) and reports[0].status == Progress.STUCK
    if not is_stuck or not rules.can_report_progress(user, endorsement):
        return []
    return peers_of(user, endorsement)
