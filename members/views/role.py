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
    context = context_of(request, authority)
    form = context["form"]
    if form is None and (request.method == "POST" or context["end_form"] is None):
        raise PermissionDenied
    if form and form.is_valid() and appoint(request, authority, form):
        return redirect(authority)
    return render(request, "members/role.html", context)


def context_of(request: HttpRequest, authority: LocalAuthority) -> dict[str, Any]:
    """The page of the role, with a form for each deed that the person may do."""
    user = request.user
    holdings = list(RoleHolding.objects.of(authority).for_reader(user).latest_first())
    present = next((row for row in holdings if row.is_open), None)
    if present:
        present.authority = authority
    can_appoint = rules.can_appoint_holder(user, authority)
    return {
        "authority": authority,
        "form": HolderForm(request.POST or None, people=team_of(authority)) if can_appoint else None,
        "end_form": EndHoldingForm(prefix="end")
        if present and rules.can_end_holding(user, present)
        else None,
        "present": present,
        "past": [row for row in holdings if not row.is_open],
        "crumbs": [("/organisations/", _("Organisations")), (authority.get_absolute_url(), authority.name)],
    }


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
    if not form.is_valid():
        context = {**context_of(request, authority), "form": None, "end_form": form}
        return render(request, "members/role.html", context)
    deeds.end_holding(by=request.user, holding=holding, **form.cleaned_data)
    messages.success(request, _("The role is vacant now. What hangs on it waits for the next holder."))
    return redirect(authority)
