"""How a community begins and ends: proposing one, closing one down, taking it up again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import life as deeds
from communities.actions.membership import TooLate
from communities.forms import ProposalForm, ReasonForm
from communities.models import CommunityProposal
from communities.views.frame import community_of, frame_of
from munistem.commons.guards.limits import limited
from munistem.commons.notices.actions import mark_read


@login_required
@limited("propose", 10, 86_400)
@require_http_methods(["GET", "HEAD", "POST"])
def propose_community(request: HttpRequest) -> HttpResponse:
    """What it is for, who for, and who will facilitate it."""
    if not rules.can_propose_community(request.user):
        raise PermissionDenied
    form = ProposalForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        proposal = deeds.propose_community(by=request.user, **form.cleaned_data)
        messages.success(request, _("Thank you. The network's admins read it, and you will hear from us."))
        return redirect(proposal)
    context = {"form": form, "crumbs": [("/communities/", _("Communities"))]}
    return render(request, "communities/propose_community.html", context)


def proposal_of(request: HttpRequest, pk: int) -> CommunityProposal:
    rows = CommunityProposal.objects.visible_to(request.user)
    rows = rows.select_related("community", "proposed_by", "decided_by")
    return get_object_or_404(rows.defer("community__search_vector"), pk=pk)


@login_required
@require_safe
def show_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One's proposal and what became of it."""
    proposal = proposal_of(request, pk)
    mark_read(by=request.user, things=[proposal])
    context = {
        "proposal": proposal,
        "subjects": [term.label for term in proposal.subjects.all()],
        "facilitators": proposal.facilitators.by_name(),  # type: ignore[attr-defined]
        "can_withdraw": rules.can_withdraw_proposal(request.user, proposal),
        "can_decide": rules.can_decide_proposal(request.user, proposal),
        "crumbs": [("/communities/", _("Communities"))],
    }
    return render(request, "communities/proposal.html", context)


@login_required
@require_POST
def withdraw_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's proposal back."""
    proposal = proposal_of(request, pk)
    if proposal.proposed_by_id != request.user.pk:
        raise PermissionDenied
    try:
        deeds.withdraw_proposal(by=request.user, proposal=proposal)
        messages.success(request, _("Your proposal was taken back."))
    except TooLate:
        messages.info(request, _("It was decided on already."))
    return redirect(proposal)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def archive_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Close a community down, with a word to its members."""
    community = community_of(request, slug)
    if not rules.can_moderate(request.user, community):
        raise PermissionDenied
    if community.archived_at:
        return redirect(community)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].help_text = _("Every member reads it.")
    if request.method == "POST" and form.is_valid():
        try:
            deeds.archive_community(by=request.user, community=community, **form.cleaned_data)
        except deeds.MeetingsAhead:
            said = _("Meetings are planned. Call them off first, so that everybody invited hears of it.")
            form.add_error(None, said)
        except TooLate as over:
            raise PermissionDenied from over
        else:
            messages.success(request, _("The community was closed down, and its members are told."))
            return redirect(community)
    context = {**frame_of(request, community, "edit"), "form": form}
    return render(request, "communities/archive_community.html", context)


@login_required
@require_POST
def reopen_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Take an archived community up again."""
    community = community_of(request, slug)
    if not rules.can_moderate(request.user, community):
        raise PermissionDenied
    try:
        deeds.reopen_community(by=request.user, community=community)
    except TooLate as over:
        raise PermissionDenied from over
    messages.success(request, _("The community was taken up again, and its members are told."))
    return redirect(community)
