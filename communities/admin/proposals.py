"""Proposed communities, as the network's admins read and answer them: one page each."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from communities import rules
from communities.actions import life as deeds
from communities.actions.membership import TooLate
from communities.admin.communities import ReadOnlyAdmin
from communities.forms import ApprovalForm, ReasonForm
from communities.models import CommunityProposal


@admin.register(CommunityProposal)
class CommunityProposalAdmin(ReadOnlyAdmin):
    list_display = ("name", "proposed_by", "state", "proposed_at", "decided_at")
    list_filter = ("state", "access")
    list_select_related = ("proposed_by",)
    search_fields = ("name", "purpose", "proposed_by__name")
    ordering = ("-proposed_at", "-pk")
    actions = None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        proposal = self.get_object(request, object_id)
        if proposal is None:
            raise Http404
        if not rules.is_admin(request.user):
            raise PermissionDenied
        if request.method == "POST":
            return self.decide(request, proposal)
        return self.show(request, proposal)

    def decide(self, request: HttpRequest, proposal: CommunityProposal) -> HttpResponse:
        """Approve or decline; the proposer is told."""
        is_approval = request.POST.get("deed") == "approve"
        form = ApprovalForm(request.POST, proposal=proposal) if is_approval else ReasonForm(request.POST)
        if not form.is_valid():
            return self.show(request, proposal, form)
        try:
            if is_approval:
                deeds.approve_proposal(by=request.user, proposal=proposal, **form.cleaned_data)
                messages.success(request, _("The community is open, and its facilitators were told."))
            else:
                deeds.decline_proposal(by=request.user, proposal=proposal, **form.cleaned_data)
                messages.success(request, _("Declined. The person who proposed it was told why."))
        except deeds.NobodyLeads:
            messages.error(request, _("None of the facilitators takes part in the network any more."))
        except TooLate:
            messages.warning(request, _("This is not possible any more: things have changed meanwhile."))
        url = reverse("admin:communities_communityproposal_change", args=[proposal.pk])
        return HttpResponseRedirect(url)

    def show(self, request: HttpRequest, proposal: CommunityProposal, bound: Any = None) -> HttpResponse:
        is_approval = isinstance(bound, ApprovalForm)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": proposal.name,
            "proposal": proposal,
            "subjects": [term.label for term in proposal.subjects.all()],
            "facilitators": proposal.facilitators.by_name(),  # type: ignore[attr-defined]
            "can_decide": rules.can_decide_proposal(request.user, proposal),
            "approval": bound if is_approval else ApprovalForm(proposal=proposal),
            "refusal": ReasonForm() if is_approval or bound is None else bound,
            "refuses": bound is not None and not is_approval,
        }
        return TemplateResponse(request, "admin/communities/communityproposal/change_form.html", context)
