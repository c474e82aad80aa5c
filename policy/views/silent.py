"""Municipalities of which the network does not hear: for facilitators and admins, with the last contact and call notes."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.models import Organisation
from munistem.commons.text.pages import page_of
from policy.actions.contact import note_call
from policy.forms.contact import CallForm
from policy.models import CallNote
from policy.models.contact import silent_towns
from policy.rules.contact import can_see_silent

TOWNS_A_PAGE, MOST_NOTES = 30, 50


@login_required
@require_safe
def list_silent(request: HttpRequest) -> HttpResponse:
    """Who is silent and why, who was heard of longest ago first."""
    if not can_see_silent(request.user):
        raise PermissionDenied
    rows = silent_towns().defer("search_vector", "search_title").order_by("sort_name", "pk")
    towns = sorted(rows, key=lambda town: last_contact(town) or date.min)
    page = page_of(request, towns, TOWNS_A_PAGE)
    notes = CallNote.objects.visible_to(request.user).filter(organisation__in=[town.pk for town in page])
    latest = {note.organisation_id: note for note in notes.order_by("called_on", "pk")}
    for town in page:
        town.told, town.why, town.note = last_contact(town), why_of(town), latest.get(town.pk)
    crumbs = [(reverse("show_policy"), _("Policy")), (reverse("show_adoption"), _("Who endorsed what"))]
    return render(request, "policy/silent.html", {"page": page, "count": len(towns), "crumbs": crumbs})


def last_contact(town: Any) -> date | None:
    """The last day on which it answered, reported or was called."""
    moments = [town.last_report, town.last_answer, town.last_call]
    days = [timezone.localdate(one) if isinstance(one, datetime) else one for one in moments if one]
    return max(days, default=None)


def why_of(town: Any) -> list[str]:
    reasons = [
        (town.not_reported, _("Not reported for two periods")),
        (town.not_reconfirmed, _("Not re-confirmed")),
        (town.no_answer, _("No answer yet")),
    ]
    return [words for is_so, words in reasons if is_so]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_calls(request: HttpRequest, slug: str) -> HttpResponse:
    """The notes on calls to a municipality, and a new one."""
    if not can_see_silent(request.user):
        raise PermissionDenied
    known = Organisation.objects.visible_to(request.user).defer("search_vector", "search_title")
    town = get_object_or_404(known, slug=slug)
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note_call(by=request.user, organisation=town, **form.cleaned_data)
        messages.success(request, _("The note was kept."))
        return redirect("list_silent")
    notes = CallNote.objects.visible_to(request.user).filter(organisation=town).select_related("written_by")
    notes = notes.defer("written_by__search_vector").latest_first()[:MOST_NOTES]
    crumbs = [
        (reverse("show_adoption"), _("Who endorsed what")),
        (reverse("list_silent"), _("Silent municipalities")),
    ]
    return render(
        request, "policy/calls.html", {"form": form, "town": town, "notes": notes, "crumbs": crumbs}
    )
