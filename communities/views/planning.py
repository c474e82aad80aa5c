"""Planning meetings: writing them down, inviting, changing, fixing a date, calling off."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import meeting as deeds
from communities.actions.membership import TooLate
from communities.actions.series import STEPS, edit_this_and_later, plan_later
from communities.enums import MeetingKind, Recurrence
from communities.forms import (
    CallOffForm,
    DayForm,
    EditMeetingForm,
    PlanForm,
    suggested_agenda,
    warnings_for,
)
from communities.models import Community, DateOption, Meeting
from communities.views.frame import community_of, who_reads
from communities.views.meeting import crumbs_of, meeting_of
from munistem.commons.days.hebrew import hebrew_date
from munistem.commons.guards.limits import limited


@login_required
@limited("plan", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a meeting down (``?kind=`` to begin from an agenda, ``?after=`` to go on with a series) and invite."""
    community, user = community_of(request, slug), request.user
    if not rules.can_plan_meeting(user, community):
        raise PermissionDenied
    last = last_of(request, community)
    form = PlanForm(
        request.POST or None, community=community, user=user, initial=start_of(request.GET.get("kind"), last)
    )
    if request.method == "POST" and form.is_valid() and not form.must_warn():
        return redirect(planned(request, community, form, last))
    url = community.get_absolute_url()
    crumbs = [("/communities/", _("Communities")), (url, community.name), (f"{url}meetings/", _("Meetings"))]
    context = {"community": community, "form": form, "crumbs": crumbs, "last": last}
    context |= {"kinds": MeetingKind.choices[:-1], "who_reads": who_reads(community)}
    return render(request, "communities/plan_meeting.html", context)


@login_required
@limited("look_at_day", 600, 3600, methods=("GET",))
@require_safe
def look_at_day(request: HttpRequest, slug: str) -> HttpResponse:
    """What is special about a day (``?day=2027-01-31&hour=10:00``), as a fragment of HTML for who plans a meeting."""
    community = community_of(request, slug)
    if not rules.can_plan_meeting(request.user, community):
        raise PermissionDenied
    form = DayForm(request.GET)
    if not form.is_valid():
        return HttpResponse("")
    moment, besides = form.moment(), meeting_asked(community, request.GET.get("besides", ""))
    notes = list(warnings_for([moment], request.user, besides=besides))
    context = {"hebrew_date": hebrew_date(timezone.localdate(moment)), "notes": notes}
    return render(request, "communities/_day.html", context)


def last_of(request: HttpRequest, community: Community) -> Meeting | None:
    """The meeting that the new one follows."""
    return meeting_asked(community, request.GET.get("after", ""))


def meeting_asked(community: Community, key: str) -> Meeting | None:
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        return None
    return Meeting.objects.filter(community=community).select_related("series").filter(pk=key).first()


def start_of(kind: str | None, last: Meeting | None) -> dict[str, Any]:
    """What the form begins with."""
    if last is None:
        known = kind if kind in MeetingKind.values else MeetingKind.WORK.value
        agenda = suggested_agenda(known) if kind in MeetingKind.values else ""
        return {"kind": known, "agenda": agenda, "form": "in_person"}
    same = ("title", "purpose", "kind", "form", "place", "link", "capacity", "minutes_long")
    recurrence = last.series.rhythm if last.series else Recurrence.MONTHLY.value
    lines = last.agenda.accepted().filter(is_review=False).in_order().values_list("title", "minutes")
    agenda = "\n".join(f"{title} ({minutes})" if minutes else title for title, minutes in lines)
    return {name: getattr(last, name) for name in same} | {
        "recurrence": recurrence,
        "agenda": agenda,
        "starts": next_date(last.starts_at, recurrence),
    }


def next_date(moment: datetime | None, recurrence: str) -> datetime | None:
    """The same weekday and hour of the clock, one step of the series later, and not before tomorrow."""
    if moment is None:
        return None
    local, tomorrow = (
        timezone.localtime(moment).replace(tzinfo=None),
        timezone.localdate() + timedelta(days=1),
    )
    while True:
        local += STEPS[recurrence]
        if local.date() >= tomorrow:
            return timezone.make_aware(local)


def planned(request: HttpRequest, community: Community, form: PlanForm, last: Meeting | None) -> Meeting:
    """Keep the draft; unless that was all, invite to its date or ask about several."""
    user, dates, data = request.user, form.dates(), form.cleaned_data
    meeting = deeds.plan_meeting(
        by=user,
        community=community,
        agenda=data["agenda"],
        recurrence=data["recurrence"],
        after=last,
        **form.fields_of_meeting(),
    )
    if len(dates) > 1:
        deeds.ask_for_dates(by=user, meeting=meeting, dates=dates)
        messages.success(request, _("The members are asked which date suits them."))
    elif request.POST.get("deed") == "draft":
        messages.success(request, _("The draft was kept. Only facilitators see it."))
    else:
        deeds.invite(by=user, meeting=meeting)
        messages.success(request, _("The meeting is planned, and the members are invited."))
    if later := form.later_dates():
        plan_later(by=user, meeting=meeting, times=len(later))
    return meeting


@login_required
@limited("plan", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a meeting; those invited hear of a new date, place or link."""
    meeting = led(request, pk)
    if not rules.can_decide_agenda(request.user, meeting):
        raise PermissionDenied
    form = EditMeetingForm(request.POST or None, meeting=meeting, user=request.user)
    if request.method == "POST" and form.is_valid() and not form.must_warn():
        change = edit_this_and_later if form.cleaned_data.get("reach") == "later" else deeds.edit_meeting
        fields = form.fields_of_meeting() | {"recurrence": form.cleaned_data["recurrence"]}
        change(by=request.user, meeting=meeting, **fields)
        messages.success(request, _("The meeting was changed."))
        return redirect(meeting)
    context = {"meeting": meeting, "form": form, "crumbs": [*crumbs_of(meeting), here(meeting)]}
    return render(request, "communities/edit_meeting.html", context)


def led(request: HttpRequest, pk: int) -> Meeting:
    """A meeting that this person leads."""
    meeting = meeting_of(request, pk)
    if not rules.can_lead_meeting(request.user, meeting):
        raise PermissionDenied
    return meeting


def here(meeting: Meeting) -> tuple[str, str]:
    return meeting.get_absolute_url(), meeting.title


@login_required
@require_POST
def invite_to_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft a planned meeting."""
    meeting = led(request, pk)
    try:
        deeds.invite(by=request.user, meeting=meeting)
    except TooLate:
        messages.error(request, _("Choose a day and an hour to come, then invite."))
        return redirect("edit_meeting", pk=meeting.pk)
    messages.success(request, _("The meeting is planned, and the members are invited."))
    return redirect(meeting)


@login_required
@require_POST
def fix_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose one of the dates that were voted on (``option=``), and invite to it."""
    meeting = led(request, pk)
    key = request.POST.get("option", "")
    known = key if key.isascii() and key.isdigit() and len(key) < 18 else 0
    option = get_object_or_404(DateOption, meeting=meeting, pk=known)
    try:
        deeds.fix_date(by=request.user, meeting=meeting, option=option)
    except TooLate:
        messages.error(request, _("This date is past, or another one was fixed meanwhile."))
    else:
        messages.success(request, _("The date is fixed, and the members are invited."))
    return redirect(meeting)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a meeting off, with a reason."""
    meeting = led(request, pk)
    if meeting.cancelled_at:
        return redirect(meeting)
    if not rules.can_decide_agenda(request.user, meeting) or meeting.is_over:
        raise PermissionDenied
    form = CallOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.cancel_meeting(by=request.user, meeting=meeting, reason=form.cleaned_data["reason"])
        messages.success(request, _("The meeting was called off; those invited hear of it."))
        return redirect(meeting)
    context = {"meeting": meeting, "form": form, "crumbs": [*crumbs_of(meeting), here(meeting)]}
    return render(request, "communities/cancel_meeting.html", context)
