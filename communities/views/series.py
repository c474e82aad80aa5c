"""All meetings of a series on one page, and its end."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from communities import rules
from communities.actions import series as deeds
from communities.enums import MeetingState
from communities.forms import EndSeriesForm
from communities.models import Meeting, Series
from communities.views.frame import visibility_of
from communities.views.outcome import with_records
from munistem.commons.guards.limits import limited
from munistem.commons.text.pages import page_of

PAST_A_PAGE = 20


def series_of(request: HttpRequest, pk: int) -> Series:
    """The series of an address; 404 for what one may not know of."""
    known = Series.objects.visible_to(request.user).select_related("community")
    return get_object_or_404(known.defer("community__search_vector"), pk=pk)


def crumbs_of(series: Series) -> list[tuple[str, str]]:
    url = series.community.get_absolute_url()
    return [
        ("/communities/", _("Communities")),
        (url, series.community.name),
        (f"{url}meetings/", _("Meetings")),
    ]


@require_safe
def show_series(request: HttpRequest, pk: int) -> HttpResponse:
    """What comes, what is being prepared, what was."""
    series, user = series_of(request, pk), request.user
    mine = Meeting.objects.visible_to(user).filter(series=series).with_answers()
    page = page_of(request, mine.over().latest_first(), PAST_A_PAGE)
    with_records(user, page.object_list)
    context = {
        "series": series,
        "community": series.community,
        "crumbs": crumbs_of(series),
        "visibility": visibility_of(series.community),
        "coming": list(mine.upcoming().soonest_first()[:100]),
        "preparing": mine.filter(state__in=[MeetingState.DRAFT, MeetingState.POLL]).soonest_first()[:100],
        "page": page,
        "last": mine.fixed().latest_first().first(),
        "can_plan": rules.can_plan_meeting(user, series.community),
        "sees_answers": rules.can_see_people(user, series.community),
    }
    return render(request, "communities/series.html", context)


@login_required
@limited("plan", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def end_series(request: HttpRequest, pk: int) -> HttpResponse:
    """End a series; its coming meetings stay, or are called off with a reason."""
    series = series_of(request, pk)
    if not rules.can_plan_meeting(request.user, series.community):
        raise PermissionDenied
    if series.ended_at:
        return redirect(series)
    form = EndSeriesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.end_series(by=request.user, series=series, reason=form.reason_given())
        messages.success(request, _("The series has ended."))
        return redirect(series)
    here = (series.get_absolute_url(), _("The series"))
    return render(
        request,
        "communities/end_series.html",
        {"series": series, "form": form, "crumbs": [*crumbs_of(series), here]},
    )
