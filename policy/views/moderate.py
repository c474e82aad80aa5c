"""A reader asks to look at a comment; an admin hides it with a reason or leaves it as it is."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from communities.forms import ReportForm
from munistem.commons.audit.actions import key
from munistem.commons.guards.limits import limited
from munistem.commons.reports.models import Report
from policy.actions import moderate
from policy.actions.version import OutOfTurn
from policy.forms import ReasonForm
from policy.models import ConsultationComment
from policy.rules.consultation import can_moderate_comment, can_report_comment
from policy.rules.seeing import is_admin
from policy.views.consultation import consultation_of
from policy.views.version import crumbs_to


def comment_of(request: HttpRequest, pk: int, comment: int) -> ConsultationComment:
    """The comment of an address; 404 for what one may not know of."""
    consultation = consultation_of(request, pk)
    rows = ConsultationComment.objects.visible_to(request.user).select_related("written_by")
    row = get_object_or_404(rows.defer("written_by__search_vector"), pk=comment, consultation=consultation)
    row.consultation = consultation
    return row


@login_required
@limited("report", 20, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def report_comment(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """Ask the admins to look at a comment."""
    row = comment_of(request, pk, comment)
    if not can_report_comment(request.user, row):
        raise PermissionDenied
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        moderate.report(by=request.user, comment=row, **form.cleaned_data)
        messages.success(request, _("Thank you. The admins were told and will look at it."))
        return redirect(row.get_absolute_url())
    return render(request, "policy/report_comment.html", {"form": form, **around(request, row)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def judge_comment(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """What readers said of a comment; ``answer=leave`` lets it stand, else it is hidden with a reason."""
    row = comment_of(request, pk, comment)
    if not is_admin(request.user):
        raise PermissionDenied
    if not can_moderate_comment(request.user, row):
        messages.info(request, _("It was hidden already."))
        return redirect(row.get_absolute_url())
    form = ReasonForm(request.POST or None, label=_("Why is it hidden?"), hint=_("Goes to who wrote it."))
    leaves = request.POST.get("answer") == "leave"
    if request.method == "POST" and (leaves or form.is_valid()):
        messages.success(request, carry_out(request.user, row, form, leaves=leaves))
        return redirect(row.get_absolute_url())
    return render(request, "policy/judge_comment.html", {"form": form, **around(request, row)})


def carry_out(by: Any, row: ConsultationComment, form: ReasonForm, *, leaves: bool) -> str:
    """Do what was decided; the words that tell it."""
    try:
        if leaves:
            moderate.leave(by=by, comment=row)
            return _("The comment stays; the reports on it are closed.")
        moderate.hide(by=by, comment=row, reason=form.cleaned_data["reason"])
    except OutOfTurn:
        return _("It was hidden already.")
    return _("Hidden. Who wrote it is told why.")


def around(request: HttpRequest, row: ConsultationComment) -> dict[str, Any]:
    version = row.consultation.version
    told = _("Version %(number)s") % {"number": version.number}
    crumbs = [*crumbs_to(request.user, version), (row.consultation.get_absolute_url(), told)]
    waiting = Report.objects.waiting().filter(subject=key(row)).order_by("created_at", "pk")
    return {
        "comment": row,
        "crumbs": crumbs,
        "back": row.get_absolute_url(),
        "reports": waiting if is_admin(request.user) else [],
    }
