"""What representatives do: answer a recommendation, take the answer back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from munistem.commons.guards.limits import limited
from policy import rules
from policy.actions import answer as deeds
from policy.enums import EndorsementState
from policy.forms import AnswerForm, ReasonForm
from policy.models import Endorsement, Recommendation
from policy.views.frame import crumbs_of, endorsement_of, recommendation_of, towns_of


@login_required
@limited("endorse", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def endorse_recommendation(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer for one's municipality; straight to the answer that waits, if there is one."""
    recommendation, towns = recommendation_of(request, slug), towns_of(request.user)
    if not towns:
        raise PermissionDenied
    form = AnswerForm(request.POST or None, request.FILES or None, towns=towns, chosen=towns[0])
    if request.method == "POST" and form.is_valid():
        return send(request, recommendation, form)
    waiting = Endorsement.objects.filter(recommendation=recommendation, organisation__in=towns).waiting()
    if request.method != "POST" and len(towns) == 1 and (found := waiting.first()):
        messages.info(request, _("Your answer waits for confirmation. To change it, take it back first."))
        return redirect(found)
    context = {
        "form": form,
        "recommendation": recommendation,
        "town": towns[0],
        "crumbs": crumbs_of(recommendation),
    }
    return render(request, "policy/endorse.html", context)


def send(request: HttpRequest, recommendation: Recommendation, form: AnswerForm) -> HttpResponse:
    try:
        made = deeds.endorse(by=request.user, recommendation=recommendation, **form.answer)
    except deeds.StillWaiting as refusal:
        messages.info(request, _("An answer of your municipality waits for confirmation already."))
        return redirect(refusal.endorsement)
    except deeds.NotInForce:
        messages.info(
            request, _("The network does not stand by this recommendation, so it asks for no answer.")
        )
        return redirect(recommendation)
    except deeds.NoMandate as refusal:
        raise PermissionDenied from refusal
    messages.success(
        request,
        _("Thank you. An admin of the network checks it; you will hear from us as soon as it stands."),
    )
    return redirect(made)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_endorsement(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an answer back, with a reason; asked once."""
    endorsement = endorsement_of(request, pk)
    if not rules.can_revoke(request.user, endorsement):
        raise PermissionDenied
    form = ReasonForm(request.POST or None, label=_("Why is it taken back?"))
    if request.method == "POST" and form.is_valid():
        try:
            deeds.revoke(by=request.user, endorsement=endorsement, reason=form.cleaned_data["reason"])
        except deeds.TooLate:
            messages.info(request, _("This answer is over already."))
        else:
            messages.success(request, _("The answer was taken back. You can give another one at any time."))
        return redirect(endorsement.recommendation)
    is_public = endorsement.state == EndorsementState.CONFIRMED
    crumbs = crumbs_of(endorsement.recommendation)
    context = {"form": form, "endorsement": endorsement, "is_public": is_public, "crumbs": crumbs}
    return render(request, "policy/revoke.html", context)
