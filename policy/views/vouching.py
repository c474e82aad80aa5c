"""“It still stands”, and a municipality's share in the endorsement of its cluster: one page, one button."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from members.models import User
from munistem.commons.guards.limits import limited
from policy import rules
from policy.actions import vouch
from policy.actions.answer import TooLate
from policy.emails.vouching import read_token, token_for
from policy.models import Endorsement, EndorsementShare, Reconfirmation
from policy.rules.vouching import can_answer_share, can_reconfirm
from policy.views.frame import UNREAD, endorsement_of


@login_required
@require_POST
def reconfirm_endorsement(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that an endorsement still stands; ``from=list`` leads back to all that is asked."""
    endorsement = endorsement_of(request, pk)
    if not rules.represents(request.user, endorsement.organisation_id):
        raise PermissionDenied
    try:
        vouch.reconfirm(by=request.user, endorsement=endorsement)
        messages.success(request, _("Thank you: it stands."))
    except TooLate:
        messages.info(request, _("Nothing is asked about this answer."))
    return redirect("list_due") if request.POST.get("from") == "list" else redirect(endorsement)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer_share(request: HttpRequest, pk: int) -> HttpResponse:
    """A municipality confirms or declines its share in a joint endorsement."""
    rows = EndorsementShare.objects.visible_to(request.user).select_related(*ENDS)
    share = get_object_or_404(rows, pk=pk)
    if not can_answer_share(request.user, share):
        raise PermissionDenied
    if request.method == "POST":
        said = carry_out(request.user, share, request.POST.get("answer", ""))
        messages.success(request, said)
        return redirect(share.endorsement)
    return render(request, "policy/vouch.html", context_of(share, share.endorsement))


ENDS = (
    "organisation",
    "endorsement__organisation",
    "endorsement__recommendation__roundtable",
    "endorsement__version",
)


@limited("vouch", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def vouch_from_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same from a letter, without signing in: opening it changes nothing, the button does (decision 0009)."""
    person, share, endorsement = asked_by(token)
    if not (can_answer_share(person, share) if share else can_reconfirm(person, endorsement)):
        return render(request, "policy/vouch.html", context_of(share, endorsement, over=True), status=410)
    said = ""
    if request.method == "POST":
        thing: Any = share or endorsement
        said = carry_out(person, thing, request.POST.get("answer", ""))
    others = [] if share else others_asked(person, endorsement)
    return render(
        request, "policy/vouch.html", context_of(share, endorsement, said=said) | {"others": others}
    )


def others_asked(person: Any, endorsement: Endorsement) -> list[tuple[str, str]]:
    """What else the person is asked of this kind, by title, each with its page that needs no sign-in either."""
    rows = Reconfirmation.objects.waiting_for(endorsement.organisation).exclude(endorsement=endorsement)
    found = rows.select_related("endorsement__recommendation")
    return [
        (
            row.endorsement.recommendation.title,
            reverse("vouch_from_mail", args=[token_for("stands", row.endorsement_id, person.pk)]),
        )
        for row in found.defer(*(f"endorsement__{column}" for column in UNREAD if "recomm" in column))
    ]


def context_of(share: Any, endorsement: Any, said: str = "", *, over: bool = False) -> dict[str, Any]:
    return {"share": share, "endorsement": endorsement, "said": said, "is_over": over, "others": []}


def asked_by(token: str) -> tuple[Any, EndorsementShare | None, Endorsement]:
    """Who answers to what; 404 for what was not signed by us or may not be known of any more."""
    try:
        kind, thing, person = read_token(token)
    except signing.BadSignature as error:
        raise Http404 from error
    user = get_object_or_404(User.objects.filter(is_active=True).defer("search_vector"), pk=person)
    if kind == "share":
        share = get_object_or_404(EndorsementShare.objects.visible_to(user).select_related(*ENDS), pk=thing)
        return user, share, share.endorsement
    rows = Endorsement.objects.visible_to(user).select_related(
        "organisation", "recommendation__roundtable", "version"
    )
    return user, None, get_object_or_404(rows, pk=thing)


def carry_out(person: Any, thing: Any, answer: str) -> str:
    """Do what was answered; the words that thank for it."""
    try:
        if isinstance(thing, Endorsement):
            vouch.reconfirm(by=person, endorsement=thing)
            return _("Thank you: it stands.")
        vouch.answer_share(by=person, share=thing, is_confirmed=answer == "yes")
    except TooLate:
        return _("Nothing is asked about this answer.")
    if answer == "yes":
        return _("Thank you: your municipality takes part, and is counted once.")
    return _("Noted: your municipality does not take part.")
