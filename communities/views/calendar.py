"""Calendars: of a community and of a person, by month and as a list; files and the feed for calendar programs."""

import calendar
import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from communities import rules
from communities.actions import calendar as deeds
from communities.emails.calendar import published
from communities.models import CalendarFeed, Meeting
from communities.views.frame import community_of, frame_of
from communities.views.meeting import meeting_of
from munistem.commons.days.hebrew import hebrew_date
from munistem.commons.days.holidays import holidays_on
from munistem.commons.guards.limits import limited

KEPT = timedelta(days=90)
MOST_ENTRIES = 500
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
WEEKS = calendar.Calendar(firstweekday=calendar.SUNDAY)


@require_safe
def show_community_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The meetings of a community, month by month (``?month=2027-01``)."""
    community = community_of(request, slug)
    if not rules.can_read_community(request.user, community):
        raise PermissionDenied
    meetings = Meeting.objects.visible_to(request.user).filter(community=community).fixed()
    context = {**frame_of(request, community, "meetings"), **month_of(request, meetings)}
    return render(request, "communities/calendar.html", context)


@login_required
@require_safe
def show_my_calendar(request: HttpRequest) -> HttpResponse:
    """The meetings of all my communities, and the address for my calendar program."""
    user = request.user
    meetings = Meeting.objects.visible_to(user).of_my_communities(user).fixed()
    meetings = meetings.without_those_declined_by(user)
    feed = CalendarFeed.objects.filter(person=user).first()
    url = settings.BASE_URL + reverse("serve_feed", args=[feed.token]) if feed else ""
    context = {**month_of(request, meetings), "feed_url": url}
    return render(request, "communities/my_calendar.html", context)


def month_of(request: HttpRequest, meetings: Any) -> dict[str, Any]:
    """A month: its weeks of days, each with what is special about it and its meetings."""
    first = asked_month(request.GET.get("month", ""))
    weeks = WEEKS.monthdatescalendar(first.year, first.month)
    start, end = midnight(weeks[0][0]), midnight(weeks[-1][-1] + timedelta(days=1))
    found = meetings.between(start, end).select_related("community").defer("community__search_vector")
    by_day: dict[date, list[Meeting]] = {}
    for meeting in found.soonest_first():
        by_day.setdefault(timezone.localdate(meeting.starts_at), []).append(meeting)
    return {
        "month": first,
        "hebrew_month": f"{hebrew_date(first)} – {hebrew_date(next_month(first) - timedelta(days=1))}",
        "weekdays": [WEEKDAYS[number] for number in WEEKS.iterweekdays()],
        "weeks": [[day_of(day, first, by_day.get(day, [])) for day in week] for week in weeks],
        "listed": [
            meeting for day, rows in sorted(by_day.items()) if day.month == first.month for meeting in rows
        ],
        "before": f"{first - timedelta(days=1):%Y-%m}" if first > FIRST else "",
        "after": f"{next_month(first):%Y-%m}" if next_month(first) <= LAST else "",
    }


def asked_month(asked: str) -> date:
    """The first day of the month in an address, else of this month."""
    try:
        first = datetime.strptime(asked, "%Y-%m").date()
    except ValueError:
        first = timezone.localdate().replace(day=1)
    return min(max(first, FIRST), LAST.replace(day=1))


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def day_of(day: date, month: date, meetings: Iterable[Meeting]) -> dict[str, Any]:
    return {
        "day": day,
        "hebrew": hebrew_date(day),
        "holidays": [holiday for holiday in holidays_on(day) if holiday.people != "school"],
        "meetings": meetings,
        "is_other": day.month != month.month,
        "is_today": day == timezone.localdate(),
    }


@login_required
@require_POST
def change_feed(request: HttpRequest) -> HttpResponse:
    """Open a calendar address, give it a new token so that the old one ends, or (``off=1``) close it."""
    if "off" in request.POST:
        deeds.close_feed(by=request.user)
        messages.success(
            request, _("The address was closed; calendar programs no longer get anything from it.")
        )
    else:
        deeds.open_feed(by=request.user, token=secrets.token_urlsafe(32))
        messages.success(request, _("Your calendar address is ready. Keep it to yourself."))
    return redirect("show_my_calendar")


@require_safe
def serve_meeting_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting as a calendar file; 404 as its page, and while it has no date."""
    meeting = meeting_of(request, pk)
    if meeting.starts_at is None:
        raise Http404
    return answer(published([meeting], sees_link=rules.can_join_meeting(request.user, meeting)))


@limited("feed", 600, 3600, methods=("GET",))
@require_safe
def serve_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The meetings of a person's communities, declined ones left out; whoever has the address may read it."""
    feed = get_object_or_404(CalendarFeed.objects.select_related("person"), token=token)
    person = feed.person
    if not person.is_active:
        raise Http404
    meetings = Meeting.objects.visible_to(person).of_my_communities(person).fixed()
    meetings = meetings.without_those_declined_by(person).filter(ends_at__gt=timezone.now() - KEPT)
    rows = meetings.soonest_first().select_related("community").defer("community__search_vector")
    with translation.override(person.language):
        return answer(published(rows[:MOST_ENTRIES], name=_("Meetings of muni:STEM")))


def answer(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meetings.ics"'
    response["Cache-Control"] = "private, no-cache"
    return response
