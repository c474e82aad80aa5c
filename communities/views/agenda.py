"""What members and facilitators do to the agenda, and the vote on dates."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from communities import rules
from communities.actions import agenda as deeds
from communities.actions import meeting as dates
from communities.forms import ItemForm, VoteForm
from communities.models import AgendaItem
from communities.views.meeting import meeting_of, page_of_meeting
from munistem.commons.guards.limits import limited


@login_required
@limited("propose", 60, 3600)
@require_POST
def propose_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose what to talk about; those who lead the meeting put it on the agenda at once."""
    meeting, user = meeting_of(request, pk), request.user
    if not rules.can_propose_item(user, meeting):
        raise PermissionDenied
    form = ItemForm(request.POST)
    if not form.is_valid():
        page = page_of_meeting(request, meeting, item_form=form, form=form)
        return render(request, "communities/meeting.html", page)
    data = form.cleaned_data
    item = deeds.propose_item(
        by=user,
        meeting=meeting,
        title=data["item_title"],
        minutes=data["item_minutes"],
        reading=data["item_reading"],
        owner=user,
    )
    said = _("The facilitators will see your proposal.") if item.state == "proposed" else _("On the agenda.")
    messages.success(request, said)
    return redirect(meeting)


@login_required
@require_POST
def decide_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Accept, decline or move a line (``deed=accept``, ``decline``, ``up``, ``down``)."""
    meeting = meeting_of(request, pk)
    if not rules.can_decide_agenda(request.user, meeting):
        raise PermissionDenied
    line = get_object_or_404(
        AgendaItem.objects.select_related("meeting__community"), meeting=meeting, pk=item
    )
    deed = request.POST.get("deed")
    if deed in {"accept", "decline"}:
        deeds.decide_item(by=request.user, item=line, is_accepted=deed == "accept")
    elif deed in {"up", "down"}:
        deeds.move_item(by=request.user, item=line, is_up=deed == "up")
    return redirect(f"{meeting.get_absolute_url()}#agenda")


@login_required
@require_POST
def vote_dates(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how each of the dates suits."""
    meeting, user = meeting_of(request, pk), request.user
    if not rules.can_vote_date(user, meeting):
        raise PermissionDenied
    form = VoteForm(request.POST, meeting=meeting, user=user)
    if not form.is_valid():
        page = page_of_meeting(request, meeting, vote_form=form, form=form)
        return render(request, "communities/meeting.html", page)
    dates.vote(by=user, meeting=meeting, votes=form.votes())
    messages.success(request, _("Thank you. We write to you when the date is fixed."))
    return redirect(meeting)
