"""Peer consultations: telling a case, moving it on, asking colleagues personally, and their “not now”."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from communities import rules
from communities.actions import consultation as deeds
from communities.actions.membership import TooLate
from communities.actions.post import StaleEdit
from communities.emails.consultation import read_request_token, said_reasons
from communities.enums import Stage
from communities.forms import AskPeersForm, CaseForm, EditCaseForm, version
from communities.models import Consultation, HeldPost, PeerRequest, Post
from communities.models.peers import suggest_peers
from communities.views.consulting import steps_of
from communities.views.frame import community_of, frame_of, visibility_of, who_reads
from communities.views.held import said_held
from communities.views.post import parse_seen
from communities.views.topic import topic_of
from munistem.commons.guards.limits import limited

MOST_SUGGESTED = 8


def consultation_of(request: HttpRequest, pk: int) -> Consultation:
    """The consultation of a topic's address; 404 for what one may not know of, and for other topics."""
    topic = topic_of(request, pk)
    found = get_object_or_404(Consultation, topic=topic)
    found.topic = topic
    return found


@login_required
@limited("post", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def open_consultation(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell of a case and ask colleagues for advice."""
    community, user = community_of(request, slug), request.user
    if not rules.can_consult(user, community):
        raise PermissionDenied
    form = CaseForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        found = deeds.open_consultation(by=user, community=community, **form.cleaned_data)
        if isinstance(found, HeldPost):
            messages.success(request, said_held())
            return redirect(found)
        messages.success(request, _("Your case was told. Now you can ask a few colleagues personally."))
        return redirect("ask_peers", pk=found.topic_id)
    frame = {**frame_of(request, community, "new"), "who_reads": who_reads(community)}
    return render(
        request, "communities/open_consultation.html", {**frame, "form": form, "steps": steps_of(None)}
    )


@login_required
@limited("edit", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the case otherwise; a stale form is answered with 409 and keeps the text."""
    consultation, status = consultation_of(request, pk), 200
    if not rules.can_edit_case(request.user, consultation):
        raise PermissionDenied
    opening = Post.objects.get(topic=pk, number=1)
    form = EditCaseForm(request.POST or None, consultation=consultation, opening=opening)
    if request.method == "POST" and form.is_valid():
        try:
            return change_case(request, consultation, form)
        except StaleEdit:
            status, written = 409, request.POST.copy()
            written["seen"] = version(opening)
            form = EditCaseForm(written, consultation=consultation, opening=opening)
    context = {**about(consultation), "form": form, "is_stale": status == 409}
    return render(request, "communities/edit_case.html", context, status=status)


def change_case(request: HttpRequest, consultation: Consultation, form: EditCaseForm) -> HttpResponse:
    data = {**form.cleaned_data, "seen": parse_seen(form.cleaned_data["seen"])}
    changed = deeds.edit_case(by=request.user, consultation=consultation, **data)
    if isinstance(changed, HeldPost):
        messages.success(request, said_held())
        return redirect(changed)
    messages.success(request, _("The case was changed; what it said before is kept in its history."))
    return redirect(consultation)


def about(consultation: Consultation) -> dict[str, Any]:
    """Context that every page of a consultation has."""
    topic, community = consultation.topic, consultation.topic.community
    return {
        "consultation": consultation,
        "topic": topic,
        "community": community,
        "crumbs": [
            ("/communities/", _("Communities")),
            (community.get_absolute_url(), community.name),
            (topic.get_absolute_url(), topic.title),
        ],
        "who_reads": who_reads(community),
        "visibility": visibility_of(community),
    }


@login_required
@require_POST
def move_consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on to the next stage (``to=``); pressed twice it goes on once."""
    consultation, to = consultation_of(request, pk), request.POST.get("to", "")
    if not rules.leads_consultation(request.user, consultation.topic):
        raise PermissionDenied
    said = {
        Stage.ADVICE.value: _("Now colleagues advise you."),
        Stage.TAKING.value: _("Now tell what you take along and what you will try."),
    }
    if to in said:
        deeds.move(by=request.user, consultation=consultation, to=to)
        messages.success(request, said[to])
    return redirect(consultation)


@login_required
@limited("ask_peers", 30, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_peers(request: HttpRequest, pk: int) -> HttpResponse:
    """Colleagues who could advise, each with the reasons why; who is chosen is asked by a letter of their own."""
    consultation, user = consultation_of(request, pk), request.user
    if not rules.can_ask_peers(user, consultation):
        raise PermissionDenied
    peers = suggest_peers(consultation, MOST_SUGGESTED)
    left = max(deeds.MOST_ASKED - consultation.requests.count(), 0)
    form = AskPeersForm(request.POST or None, peers=peers, most=left)
    if request.method == "POST" and form.is_valid():
        try:
            made, resting = deeds.ask_peers(by=user, consultation=consultation, **form.cleaned_data)
        except TooLate:
            raise PermissionDenied from None
        tell_asked(request, len(made), len(resting))
        return redirect(consultation)
    chosen = {str(value) for value in form["people"].value() or ()}
    rows = [
        {"peer": peer, "reasons": said_reasons(peer.reasons), "is_chosen": str(peer.pk) in chosen}
        for peer in peers
    ]
    context = {**about(consultation), "form": form, "rows": rows, "left": left}
    return render(request, "communities/ask_peers.html", context)


def tell_asked(request: HttpRequest, made: int, resting: int) -> None:
    if made:
        told = ngettext("One colleague was asked.", "%(count)d colleagues were asked.", made)
        messages.success(request, told % {"count": made})
    if resting:
        told = ngettext(
            "One was asked by others meanwhile, and is left in peace for a month.",
            "%(count)d were asked by others meanwhile, and are left in peace for a month.",
            resting,
        )
        messages.info(request, told % {"count": resting})


@limited("put_off", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def put_off_request(request: HttpRequest, token: str) -> HttpResponse:
    """Say “not now” by the link in the letter, without signing in; opening it changes nothing (mail scanners do)."""
    asked = request_of(token)
    context = {"asked": asked, "topic": asked.consultation.topic, "is_done": asked.put_off_at is not None}
    if not rules.can_put_off(asked.person, asked):
        return render(request, "communities/put_off.html", {**context, "is_over": True}, status=410)
    if request.method == "POST":
        deeds.put_off(by=asked.person, request=asked)
        context["is_done"] = True
    return render(request, "communities/put_off.html", {**context, "is_over": False})


def request_of(token: str) -> PeerRequest:
    """Which request a link is about; 404 for forged ones, and for people who may no longer see the consultation."""
    try:
        key, reader = read_request_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    rows = PeerRequest.objects.select_related("consultation__topic__community", "asked_by")
    rows = rows.defer("consultation__topic__search_vector", "consultation__topic__community__search_vector")
    asked = get_object_or_404(rows, pk=key, person=reader)
    person = get_user_model().objects.filter(pk=reader, is_active=True).first()
    if person is None or not rules.is_member(person, asked.consultation.topic.community):
        raise Http404
    if not rules.can_see_consultation(person, asked.consultation):
        raise Http404
    asked.person = person
    return asked
