"""The first page: what the network is, for visitors; My day, for its people."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from members.models import Application, TeamRequest
from munistem.commons import audit
from munistem.commons.audit.models import AuditEvent
from munistem.front.views.myday import my_day
from munistem.front.views.welcome import welcome


@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """The same address for all: a visitor reads what this is, a member what the day brings."""
    user = request.user
    if not user.is_authenticated:
        return render(request, "front/home.html", welcome())
    if not user.is_in_network:
        return render(request, "front/waiting.html", requests_of(user))
    return render(request, "front/myday.html", my_day(user))


def requests_of(user: Any) -> dict[str, Any]:
    """What a person without an organisation has asked for, the latest first."""
    applications = Application.objects.filter(email__iexact=user.email).select_related("authority", "cluster")
    applications = applications.defer("authority__search_vector").order_by("-created_at", "-pk")[:5]
    teams = TeamRequest.objects.filter(email__iexact=user.email).select_related("organisation")
    teams = teams.defer("organisation__search_vector").order_by("-created_at", "-pk")[:5]
    return {"applications": list(applications), "teams": list(teams)}


@login_required
@require_safe
def read_recommendations(request: HttpRequest) -> HttpResponse:
    """The last of the first steps: on to the recommendations, noting that they were looked at."""
    note_step(request.user, "read_recommendations")
    return redirect("show_policy")


@login_required
@require_POST
def finish_first_steps(request: HttpRequest) -> HttpResponse:
    """Whoever knows the way need not see the first steps any longer."""
    note_step(request.user, "finish_first_steps")
    return redirect("home")


def note_step(user: Any, deed: str) -> None:
    """Once is enough."""
    subject = f"{user._meta.label_lower}:{user.pk}"
    if not AuditEvent.objects.filter(subject=subject, deed=deed).exists():
        audit.record(deed, user, by=user)
