"""Leaving the network, and coming back while there is time."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from communities.actions.membership import TooLate
from members import rules
from members.actions.person import GRACE, LastAdmin
from members.actions.person import come_back as return_to_network
from members.actions.team import TooLate as TeamTooLate
from members.emails.account import departure_of
from munistem.commons.guards.limits import limited
from munistem.front.actions.departure import begin_to_leave, duties_of, signature_of
from munistem.front.forms import LeaveForm


@login_required
@limited("leave", 20, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def leave_network(request: HttpRequest) -> HttpResponse:
    """Asked once: who goes on with one's duties, what stands under one's texts; then signed out, with 30 days to return."""
    person: Any = request.user
    duties = duties_of(person)
    data = request.POST if request.method == "POST" else None
    form = LeaveForm(data, duties=duties, signature=signature_of(person))
    if request.method == "POST" and form.is_valid() and leave(form, person):
        logout(request)
        messages.success(
            request, _("You are signed out. For 30 days you can come back; we sent you a mail about it.")
        )
        return redirect("home")
    context = {
        "form": form,
        "until": timezone.localdate() + GRACE,
        "orphans": [duty.thing.name for duty in duties if not duty.candidates],
    }
    return render(request, "front/leave.html", context)


def leave(form: LeaveForm, person: Any) -> bool:
    """Leave, and whether it could be done; what stands in the way is said at the form."""
    try:
        begin_to_leave(by=person, is_signed=form.is_signed, successors=form.successors())
    except LastAdmin:
        form.add_error(None, _("You are the only network admin. Make another person an admin first."))
    except (TooLate, TeamTooLate):
        form.add_error(None, _("Things have changed meanwhile. Please choose once more who goes on."))
    else:
        return True
    return False


@limited("come-back", 20, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """From the letter: take the departure back by one button."""
    departure = departure_of(token)
    if departure is None:
        raise Http404
    person = departure.person
    if request.method == "POST" and rules.can_come_back(person):
        return_to_network(by=person, person=person)
        messages.success(request, _("Welcome back! Sign in as before, and everything is as it was."))
        return redirect("account_login")
    context = {"departure": departure, "can_come_back": rules.can_come_back(person)}
    return render(request, "front/come_back.html", context)
