"""What members and facilitators do to the agenda, and the vote on dates."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import agenda as deeds
from communities.actions import meeting as dates
from communities.forms import EditItemForm, ItemForm, VoteForm
from communities.models import AgendaItem
from communities.views.meeting import crumbs_of, meeting_of, page_of_meeting
from munistem.commons.files.views import serve
from munistem.commons.guards.limits import limited


@login_required
@limited("propose", 60, 3600)
@require_POST
def propose_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose what to talk about; those who lead the meeting put it on the agenda at once."""
    meeting, user = meeting_of(request, pk), request.user
    if not rules.can_propose_item(user, meeting):
        raise PermissionDenied
    decides = rules.can_decide_agenda(user, meeting)
    form = ItemForm(request.POST, request.FILES, meeting=meeting, decides=decides)
    if not form.is_valid():
        page = page_of_meeting(request, meeting, item_form=form, form=form)
        return render(request, "communities/meeting.html", page)
    item = deeds.propose_item(by=user, meeting=meeting, **form.fields_of_item())
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
@limited("propose", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_agenda_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Say who brings a line, how long it takes and what is to be read before."""
    line = item_of(request, pk, item)
    if not rules.can_edit_item(request.user, line):
        raise PermissionDenied
    decides = rules.can_decide_agenda(request.user, line.meeting)
    form = EditItemForm(request.POST or None, request.FILES or None, item=line, decides=decides)
    if request.method == "POST" and form.is_valid():
        deeds.edit_item(by=request.user, item=line, **form.fields_of_item())
        messages.success(request, _("The agenda was changed."))
        return redirect(f"{line.meeting.get_absolute_url()}#agenda")
    here = (line.meeting.get_absolute_url(), line.meeting.title)
    context = {
        "item": line,
        "meeting": line.meeting,
        "form": form,
        "crumbs": [*crumbs_of(line.meeting), here],
    }
    return render(request, "communities/edit_agenda_item.html", context)


def item_of(request: HttpRequest, pk: int, item: int) -> AgendaItem:
    """A line of an agenda; 404 for what one may not know of."""
    meeting = meeting_of(request, pk)
    found = AgendaItem.objects.select_related("paper", "owner").defer("paper__text", "owner__search_vector")
    line = get_object_or_404(found, meeting=meeting, pk=item)
    line.meeting = meeting
    if not rules.can_see_item(request.user, line):
        raise Http404
    return line


@require_safe
def serve_agenda_paper(request: HttpRequest, pk: int, item: int) -> HttpResponseBase:
    """What is to be read before a line of the agenda, for whoever sees the line."""
    line = item_of(request, pk, item)
    if line.paper is None:
        raise Http404
    return serve(request, line.paper)


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
