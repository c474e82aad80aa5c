"""The meetings of a community, the page of one, and answering whether one comes."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import seats
from communities.actions.membership import TooLate
from communities.actions.series import INVITED_BEFORE
from communities.emails.meeting import answers_of, read_answer_token
from communities.enums import Coming, MeetingState, Vote
from communities.forms import AnswerForm, ItemForm, VoteForm, notes_on
from communities.models import AgendaItem, DateOption, Invitee, Meeting
from communities.views.frame import community_of, frame_of, visibility_of
from communities.views.outcome import outcome_of, with_records
from munistem.commons.days.hebrew import hebrew_date
from munistem.commons.guards.limits import limited
from munistem.commons.text.pages import page_of

PAST_A_PAGE = 20
MOST_NAMES = 100


@require_safe
def list_meetings(request: HttpRequest, slug: str) -> HttpResponse:
    """What comes, what is being prepared, and what was."""
    community, user = community_of(request, slug), request.user
    if not rules.can_read_community(user, community):
        raise PermissionDenied
    mine = Meeting.objects.visible_to(user).filter(community=community).with_answers()
    page = page_of(request, mine.over().latest_first(), PAST_A_PAGE)
    with_records(user, page.object_list)
    context = {
        **frame_of(request, community, "meetings"),
        "coming": list(mine.upcoming().soonest_first()[:100]),
        "preparing": mine.filter(state__in=[MeetingState.DRAFT, MeetingState.POLL]).order_by("-pk")[:50],
        "page": page,
        "can_plan": rules.can_plan_meeting(user, community),
        "sees_answers": rules.can_see_people(user, community),
    }
    return render(request, "communities/meetings.html", context)


def meeting_of(request: HttpRequest, pk: int) -> Meeting:
    """The meeting of an address with the reader's place in it; 404 for what one may not know of."""
    found = Meeting.objects.select_related("community", "series", "cancelled_by")
    meeting = get_object_or_404(found.defer("community__search_vector"), pk=pk)
    if not rules.can_see_meeting(request.user, meeting):
        raise Http404
    return meeting


@require_safe
def show_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """When, where, what about, who comes, and my own answer."""
    return render(request, "communities/meeting.html", page_of_meeting(request, meeting_of(request, pk)))


def page_of_meeting(request: HttpRequest, meeting: Meeting, **forms: Any) -> dict[str, Any]:
    """Context of the meeting's page; forms: those that came back with errors."""
    user, community = request.user, meeting.community
    mine = meeting.invitees.filter(person_id=user.pk).first() if user.is_authenticated else None
    return {
        "meeting": meeting,
        "community": community,
        "crumbs": crumbs_of(meeting),
        "hebrew_date": hebrew_date(timezone.localdate(meeting.starts_at)) if meeting.starts_at else "",
        "visibility": visibility_of(community),
        "mine": mine,
        **forms_for(user, meeting, mine),
        "can_lead": rules.can_lead_meeting(user, meeting),
        "can_decide": rules.can_decide_agenda(user, meeting),
        "sees_link": rules.can_join_meeting(user, meeting),
        **agenda_of(user, meeting),
        **answers_to(user, meeting) | outcome_of(user, meeting),
        "invites_at": invites_at(user, meeting),
        "options": options_of(meeting) if meeting.state == MeetingState.POLL else [],
        "form": None,
        **forms,
    }


def forms_for(user: Any, meeting: Meeting, mine: Invitee | None) -> dict[str, Any]:
    """What this reader can fill in: the answer, the vote on dates, a line for the agenda."""
    can_answer, can_vote = rules.can_answer_meeting(user, meeting), rules.can_vote_date(user, meeting)
    start = {"answer": mine.answer, "substitute_name": mine.substitute_name} if mine else None
    line = {"meeting": meeting, "decides": rules.can_decide_agenda(user, meeting)}
    return {
        "answer_form": AnswerForm(meeting=meeting, initial=start) if can_answer else None,
        "vote_form": VoteForm(meeting=meeting, user=user) if can_vote else None,
        "item_form": ItemForm(**line) if rules.can_propose_item(user, meeting) else None,
    }


def invites_at(user: Any, meeting: Meeting) -> datetime | None:
    """When those of a later meeting of a series are invited, for who could do so now."""
    is_waiting = (
        meeting.is_planned and meeting.series_id and meeting.invited_at is None and not meeting.is_over
    )
    if not is_waiting or meeting.starts_at is None or not rules.can_lead_meeting(user, meeting):
        return None
    return max(meeting.starts_at - INVITED_BEFORE, timezone.now())


def crumbs_of(meeting: Meeting) -> list[tuple[str, str]]:
    url = meeting.community.get_absolute_url()
    return [
        ("/communities/", _("Communities")),
        (url, meeting.community.name),
        (f"{url}meetings/", _("Meetings")),
    ]


def agenda_of(user: Any, meeting: Meeting) -> dict[str, Any]:
    """Lines of the agenda; proposals are seen by those who decide, and by their authors."""
    lines = AgendaItem.objects.filter(meeting=meeting).select_related("owner", "proposed_by", "paper")
    lines = list(lines.defer("owner__search_vector", "proposed_by__search_vector", "paper__text").in_order())
    for line in lines:
        line.meeting = meeting
        line.can_edit = rules.can_edit_item(user, line)  # type: ignore[attr-defined]
    agenda = [line for line in lines if line.state == "accepted"]
    total = sum(line.minutes or 0 for line in agenda)
    return {
        "agenda": agenda,
        "agenda_minutes": total,
        "is_agenda_too_long": total > meeting.minutes_long,
        "looks_back": any(line.is_review for line in agenda),
        "proposed": [line for line in lines if line.state == "proposed" and rules.can_see_item(user, line)],
    }


def answers_to(user: Any, meeting: Meeting) -> dict[str, Any]:
    """Who comes, who waits for a seat, and how many have not answered; for people of the network."""
    if not rules.can_see_answers(user, meeting) or meeting.invited_at is None:
        return {"sees_answers": False, "coming": [], "waiting": [], "counts": {}}
    rows = Invitee.objects.filter(meeting=meeting).select_related("person").defer("person__search_vector")
    counts = meeting.invitees.aggregate(
        coming=Count("pk", filter=Q(answer__in=Invitee.PRESENT, waiting_since__isnull=True)),
        online=Count("pk", filter=Q(answer=Coming.ONLINE, waiting_since__isnull=True)),
        no=Count("pk", filter=Q(answer=Coming.NO)),
        silent=Count("pk", filter=Q(answer=Coming.SILENT)),
    )
    return {
        "sees_answers": True,
        "coming": rows.present().by_name()[:MOST_NAMES],
        "waiting": rows.waiting()[:MOST_NAMES],
        "counts": counts,
    }


def options_of(meeting: Meeting) -> list[DateOption]:
    """Dates asked about, with how many they suit and what is special about them."""
    per = {
        code: Count("votes", filter=Q(votes__vote=vote))
        for code, vote in (("yes", Vote.YES), ("maybe", Vote.MAYBE), ("no", Vote.NO))
    }
    options = list(DateOption.objects.filter(meeting=meeting).annotate(**per).order_by("starts_at"))
    for option in options:
        option.hebrew_date = hebrew_date(timezone.localdate(option.starts_at))  # type: ignore[attr-defined]
        option.notes = notes_on(option.starts_at)  # type: ignore[attr-defined]
    return options


@login_required
@limited("answer", 120, 3600)
@require_POST
def answer_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether one comes."""
    meeting = meeting_of(request, pk)
    if not rules.can_answer_meeting(request.user, meeting):
        raise PermissionDenied
    form = AnswerForm(request.POST, meeting=meeting)
    if not form.is_valid():
        page = page_of_meeting(request, meeting, answer_form=form, form=form)
        return render(request, "communities/meeting.html", page)
    mine = seats.answer_meeting(by=request.user, meeting=meeting, **form.cleaned_data)
    messages.success(request, thanks_for(mine))
    return redirect(meeting)


def thanks_for(mine: Invitee) -> str:
    if mine.waiting_since:
        return _(
            "All seats are taken. You are on the waiting list, and we write to you when one becomes free."
        )
    return {
        Coming.NO.value: _("Noted: you are not coming. Thank you for saying so."),
        Coming.ONLINE.value: _("Noted: you join online."),
        Coming.SUBSTITUTE.value: _("Noted: you are sending a substitute."),
    }.get(mine.answer, _("Noted: you are coming. See you there."))


@limited("answer_mail", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def answer_from_mail(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Answer by the link in one's invitation, without signing in; opening it changes nothing (mail scanners do)."""
    meeting, person = addressee_of(pk, token)
    context = {"meeting": meeting, "person": person, "hebrew_date": "", "done": "", "form": None}
    if meeting.starts_at:
        context["hebrew_date"] = hebrew_date(timezone.localdate(meeting.starts_at))
    if not rules.can_answer_meeting(person, meeting):
        return render(request, "communities/answer.html", context, status=410)
    form = AnswerForm(request.POST or None, meeting=meeting, initial=chosen_in(request, meeting))
    if request.method == "POST" and form.is_valid():
        try:
            context["done"] = thanks_for(
                seats.answer_meeting(by=person, meeting=meeting, **form.cleaned_data)
            )
        except TooLate:
            return render(request, "communities/answer.html", context, status=410)
    return render(request, "communities/answer.html", {**context, "form": form})


def addressee_of(pk: int, token: str) -> tuple[Meeting, Any]:
    """Whom a link was sent to; 404 for forged ones, and for people who may no longer see the meeting."""
    try:
        key, reader = read_answer_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    meetings = Meeting.objects.select_related("community").defer("community__search_vector")
    meeting = get_object_or_404(meetings, pk=pk)
    person = get_user_model().objects.filter(pk=reader, is_active=True).first()
    if key != pk or person is None or not rules.is_member(person, meeting.community):
        raise Http404
    return meeting, person


def chosen_in(request: HttpRequest, meeting: Meeting) -> dict[str, str]:
    """The answer that was tapped in the letter."""
    tapped = request.GET.get("answer", "")
    return {"answer": tapped} if tapped in dict(answers_of(meeting)) else {}
