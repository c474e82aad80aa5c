"""The role of STEM excellence manager: a municipality names who holds it, and lets it go."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from members import rules
from members.actions import role as deeds
from members.forms.role import EndHoldingForm, HolderForm
from members.models import LocalAuthority, Organisation, RoleHolding
from munistem.commons.guards.limits import limited


def authority_of(code: int) -> LocalAuthority:
    return get_object_or_404(LocalAuthority.objects.defer("search_vector", "search_title"), pk=code)


def team_of(authority: LocalAuthority) -> list[int]:
    """The people who act for the municipality: one of them may hold its role."""
    organisation = Organisation.objects.members().filter(authority=authority).first()
    return [row.person_id for row in organisation.team] if organisation else []


@login_required
@limited("role", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def appoint_holder(request: HttpRequest, code: int) -> HttpResponse:
    """Hand the role over, or name who holds it for the first time; the holder may lay it down here."""
    authority = authority_of(code)
    holdings = holdings_of(request, authority)
    present = next((row for row in holdings if row.is_open), None)
    can_appoint = rules.can_appoint_holder(request.user, authority)
    can_end = present is not None and rules.can_end_holding(request.user, present)
    if not can_appoint and (request.method == "POST" or not can_end):
        raise PermissionDenied
    form = HolderForm(request.POST or None, people=team_of(authority)) if can_appoint else None
    if form and form.is_valid() and appoint(request, authority, form):
        return redirect(authority)
    context = {
        "form": form,
        "present": present,
        "past": [row for row in holdings if not row.is_open],
        "end_form": EndHoldingForm(prefix="end") if can_end else None,
        **frame_of(authority),
    }
    return render(request, "members/role.html", context)


def frame_of(authority: LocalAuthority) -> dict[str, Any]:
    crumbs = [("/organisations/", _("Organisations")), (authority.get_absolute_url(), authority.name)]
    return {"authority": authority, "crumbs": crumbs}


def holdings_of(request: HttpRequest, authority: LocalAuthority) -> list[RoleHolding]:
    """Who holds and held the role, the present one first."""
    rows = list(RoleHolding.objects.of(authority).for_reader(request.user).latest_first())
    for row in rows:
        row.authority = authority
    return rows


def appoint(request: HttpRequest, authority: LocalAuthority, form: Any) -> bool:
    """Whether it was done; else the form says why not."""
    try:
        holding = deeds.appoint_holder(by=request.user, authority=authority, **form.cleaned_data)
    except deeds.OutOfOrder as error:
        day = date_format(error.not_before, "j F Y") if error.not_before else ""
        said = _("The role was in other hands until then. Choose %(day)s or a later day.") % {"day": day}
        form.add_error("since_on", said)
        return False
    messages.success(request, _("%(name)s holds the role now.") % {"name": holding.label})
    return True


@login_required
@require_POST
def end_holding(request: HttpRequest, code: int) -> HttpResponse:
    """The role is vacant from today on; what hangs on it waits for the next holder."""
    authority = authority_of(code)
    holding = RoleHolding.objects.of(authority).open().select_related("person").first()
    if holding is None:
        return redirect(authority)
    holding.authority = authority
    if not rules.can_end_holding(request.user, holding):
        raise PermissionDenied
    form = EndHoldingForm(request.POST, prefix="end")
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    deeds.end_holding(by=request.user, holding=holding, reason=reason)
    messages.success(request, _("The role is vacant now. What hangs on it waits for the next holder."))
    return redirect(authority)
