"""One answer of a municipality: what it says, how it stands, what was reported; an admin's decision; its files."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from munistem.commons.files.models import FileKind
from munistem.commons.files.views import serve
from munistem.commons.notices.actions import mark_read
from policy import rules
from policy.actions import decide
from policy.actions.answer import TooLate
from policy.enums import EndorsementState, Mandate, ReportField
from policy.forms import ReasonForm
from policy.models import Endorsement, ProgressReport
from policy.views.frame import TONES, crumbs_of, endorsement_of
from policy.views.progress import helpers_for, reports_on
from policy.views.standing import standing_of

MOST_REPORTS = 60


@require_safe
def show_endorsement(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer and what became of it."""
    return render(
        request, "policy/endorsement.html", page_of_endorsement(request, endorsement_of(request, pk))
    )


def page_of_endorsement(
    request: HttpRequest, endorsement: Endorsement, form: ReasonForm | None = None
) -> dict[str, Any]:
    """Context of ``policy/endorsement.html``; form: the reason of a return that has to be corrected."""
    user = request.user
    shows_page = rules.can_see_signed_page(user, endorsement)
    if user.is_authenticated and (shows_page or endorsement.submitted_by_id == user.pk):
        mark_read(by=user, things=[endorsement])
    reports = reports_on(user, endorsement, MOST_REPORTS)
    return {
        **answer_of(endorsement),
        "signed_page": signed_page_of(endorsement) if shows_page and endorsement.signed_page else None,
        "reports": reports,
        "helpers": helpers_for(user, endorsement, reports),
        **standing_of(user, endorsement),
        "shows_people": rules.can_see_representatives(user),
        "shows_history": shows_page,
        "return_form": form or return_form(),
        "crumbs": crumbs_of(endorsement.recommendation),
        **deeds_for(user, endorsement),
    }


def answer_of(endorsement: Endorsement) -> dict[str, Any]:
    """What it says, for every reader."""
    state = EndorsementState(endorsement.state)
    return {
        "endorsement": endorsement,
        "recommendation": endorsement.recommendation,
        "organisation": endorsement.organisation,
        "stance": endorsement.stance_kind,
        "sign": endorsement.stance_kind.sign,
        "state": state,
        "tone": TONES[state],
        "mandate": Mandate(endorsement.mandate).label if endorsement.mandate else "",
    }


def deeds_for(user: Any, endorsement: Endorsement) -> dict[str, bool]:
    """What this reader may do with the answer."""
    is_answered = endorsement.state != EndorsementState.WAITING
    return {
        "can_confirm": rules.can_confirm(user, endorsement),
        "can_report": rules.can_report_progress(user, endorsement),
        "can_revoke": rules.can_revoke(user, endorsement),
        "can_answer": is_answered and rules.can_endorse(user, endorsement.organisation),
    }


def return_form(*args: Any) -> ReasonForm:
    return ReasonForm(*args, label=_("What has to be corrected?"))


def signed_page_of(endorsement: Endorsement) -> dict[str, Any]:
    stored = endorsement.signed_page
    url = reverse("serve_signed_page", args=[endorsement.pk])
    return {
        "name": stored.name,
        "url": url,
        "size": stored.size,
        "kind": FileKind(stored.kind).label,
        "pages": stored.pages,
        "scan": stored.get_scan_display(),
    }


@login_required
@require_POST
def answer_endorsement(request: HttpRequest, pk: int) -> HttpResponse:
    """An admin confirms (``answer=confirm``) or returns it with what has to be corrected (``reason=``)."""
    endorsement = endorsement_of(request, pk)
    if not request.user.is_staff:
        raise PermissionDenied
    is_confirmed = request.POST.get("answer") == "confirm"
    form = return_form(request.POST)
    if not is_confirmed and rules.can_confirm(request.user, endorsement) and not form.is_valid():
        return render(request, "policy/endorsement.html", page_of_endorsement(request, endorsement, form))
    try:
        if is_confirmed:
            decide.confirm(by=request.user, endorsement=endorsement)
            messages.success(request, _("Confirmed. The municipality is told."))
        else:
            reason = form.cleaned_data["reason"] if form.is_valid() else ""
            decide.return_with_reason(by=request.user, endorsement=endorsement, reason=reason)
            messages.success(request, _("Returned with your remarks. The municipality is told."))
    except TooLate:
        messages.info(request, _("This answer was decided already."))
    return redirect(endorsement)


@login_required
@require_safe
def serve_signed_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The declaration itself, for the organisation's representatives and admins."""
    endorsement = endorsement_of(request, pk)
    if not rules.can_see_signed_page(request.user, endorsement):
        raise PermissionDenied
    if endorsement.signed_page is None:
        raise Http404
    return serve(request, endorsement.signed_page)


@require_safe
def serve_evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a report, for whoever may read the report."""
    reports = ProgressReport.objects.telling(request.user, ReportField.EVIDENCE).select_related("evidence")
    report = get_object_or_404(reports.defer("evidence__text"), pk=pk, evidence__isnull=False)
    return serve(request, report.evidence)
