"""Inviting many people by their addresses, looked at first; and the page that an invited person holds the key to."""

import contextlib
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from communities import rules
from communities.actions import invitation as deeds
from communities.actions.invitation import Found, TooMany
from communities.actions.membership import TooLate
from communities.enums import Finding, InvitationState
from communities.forms import InviteListForm
from communities.models import Community, CommunityInvitation
from communities.views.frame import community_of, frame_of
from members.views.application import hidden
from munistem.commons.guards.limits import limited
from munistem.commons.text.pages import page_of

A_PAGE = 30
#: In what order a looked-at list is shown: first what goes out, then what asks for a look.
ORDER = (
    *(Finding.NEWCOMER, Finding.PERSON, Finding.ASKED, Finding.WRONG, Finding.BOUNCED, Finding.CLOSED),
    *(Finding.REMOVED, Finding.DECLINED, Finding.INVITED, Finding.MEMBER, Finding.DOUBLE),
)
TONES = {Finding.WRONG: "clay", Finding.BOUNCED: "clay", Finding.CLOSED: "clay", Finding.REMOVED: "clay"}


# Inviting ------------------------------------------------------------------------------------------------


@login_required
@limited("invite-list", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_by_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Paste or upload, look at what each line means, then send; and the invitations that wait."""
    community = community_of(request, slug)
    if not rules.can_invite(request.user, community):
        raise PermissionDenied
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = InviteListForm(data, files, community=community)
    if request.method == "POST" and "change" not in request.POST and form.is_valid():
        if "confirm" in request.POST:
            return send(request, community, form)
        return show_report(request, community, form)
    context = {
        **frame_of(request, community, "people"),
        **sent_to(request, community),
        "form": form,
        "is_changing": "change" in request.POST,
    }
    return render(request, "communities/invite.html", context)


def show_report(request: HttpRequest, community: Community, form: InviteListForm) -> HttpResponse:
    """The dry run: nothing has been sent."""
    found = deeds.look_up(community, form.cleaned_data["lines"])
    going = sum(one.finding.is_invited_now for one in found)
    context = {
        **frame_of(request, community, "people"),
        "groups": grouped(found),
        "going": going,
        "staying": len(found) - going,
        "carried": {name: form.cleaned_data[name] for name in ("people", "text", "language")},
    }
    return render(request, "communities/invite_check.html", context)


def grouped(found: list[Found]) -> list[dict[str, Any]]:
    """What was found, in the order in which it matters."""
    groups = []
    for finding in ORDER:
        rows = [one for one in found if one.finding == finding]
        if rows:
            tone = "leaf" if finding.is_invited_now else TONES.get(finding, "")
            about = about_of(finding)
            groups.append(
                {"finding": finding, "about": about, "rows": rows, "count": len(rows), "tone": tone}
            )
    return groups


def about_of(finding: Finding) -> str:
    """What happens to people of whom this was found."""
    return {
        Finding.NEWCOMER: _(
            "They get a letter. Once their organisation is in the network, they are members."
        ),
        Finding.PERSON: _("They get a letter and a notice, in their own language, and join with one click."),
        Finding.ASKED: _("They have been waiting for your decision."),
        Finding.MEMBER: _("Nothing is sent to them."),
        Finding.INVITED: _("Nothing is sent again; a reminder goes out by itself after a week."),
        Finding.DECLINED: _("We do not ask them again."),
        Finding.REMOVED: _("Who was removed is not invited by a list. Talk to them first."),
        Finding.CLOSED: _("Nothing is sent. Please turn to the network's admins."),
        Finding.BOUNCED: _("Nothing is sent. Ask for another address."),
        Finding.DOUBLE: _("They get one letter."),
        Finding.WRONG: _("Nothing can be sent. Mend these lines in the list, or leave them out."),
    }[finding]


def send(request: HttpRequest, community: Community, form: InviteListForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        counts = deeds.invite_by_list(
            by=request.user,
            community=community,
            lines=data["lines"],
            text=data["text"],
            language=data["language"],
        )
    except TooMany:
        messages.error(
            request,
            _("At most %(most)d people new to the network can be invited in a day. Go on tomorrow; nothing was sent now.")
            % {"most": deeds.MOST_A_DAY},
        )  # fmt: skip
        return show_report(request, community, form)
    sent = sum(count for finding, count in counts.items() if finding.is_invited_now)
    said = ngettext("%(count)d person was invited.", "%(count)d people were invited.", sent)
    messages.success(request, said % {"count": sent})
    return redirect("invite_by_list", slug=community.slug)


def sent_to(request: HttpRequest, community: Community) -> dict[str, Any]:
    """Invitations of the community: those that wait, or (``state=all``) all, the latest to each address."""
    rows = CommunityInvitation.objects.visible_to(request.user).filter(community=community)
    rows = rows.latest_of_each().select_related("invited_by").defer("invited_by__search_vector")
    shows_all = request.GET.get("state") == "all"
    page = page_of(request, (rows if shows_all else rows.open()).latest_first(), A_PAGE)
    for row in page:
        row.community = community
    return {"page": page, "shows_all": shows_all, "total": rows.count(), "open_total": rows.open().count()}


@login_required
@require_POST
def take_back_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an invitation back before it is answered."""
    community = community_of(request, slug)
    rows = CommunityInvitation.objects.visible_to(request.user).filter(community=community)
    invitation = get_object_or_404(rows.select_related("community"), pk=pk)
    try:
        deeds.take_back(by=request.user, invitation=invitation)
    except TooLate:
        messages.info(request, _("The invitation was answered already."))
    else:
        messages.success(
            request, _("The invitation to %(email)s was taken back.") % {"email": invitation.email}
        )
    return redirect("invite_by_list", slug=community.slug)


# Answering -----------------------------------------------------------------------------------------------


@csrf_exempt  # the key in the address is what counts; mail programs send the one-click no of RFC 8058 without cookies
@hidden
@limited("answer-invitation", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def show_community_invitation(request: HttpRequest, key: UUID) -> HttpResponse:
    """What one is invited to, and yes or no, without signing in; opening it changes nothing (mail scanners do)."""
    rows = CommunityInvitation.objects.select_related("community", "invited_by", "person")
    invitation = get_object_or_404(
        rows.defer("community__search_vector", "invited_by__search_vector", "person__search_vector"), key=key
    )
    if request.method == "POST":
        answer(request.POST.get("answer", ""), invitation)
        if "List-Unsubscribe" not in request.POST:  # mail programs follow no redirect
            return redirect("show_community_invitation", key=key)
        invitation.refresh_from_db(fields=["state"])
    return render(request, "communities/invitation.html", page_of_invitation(request, invitation))


def page_of_invitation(request: HttpRequest, invitation: CommunityInvitation) -> dict[str, Any]:
    person = deeds.person_of(invitation)
    here = invitation.get_absolute_url()
    return {
        "invitation": invitation,
        "community": invitation.community,
        "state": state_of(request.user, invitation, person),
        "organisation": organisation_of(invitation) if person is None else None,
        "says_no": request.GET.get("answer") == "no",
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': here})}",
        "sign_up_url": f"{reverse('account_signup')}?{urlencode({'next': here, 'email': invitation.email})}",
    }


def answer(said: str, invitation: CommunityInvitation) -> None:
    """``yes`` accepts, everything else (the one click of a mail program too) says no; the page tells what became of it."""
    with contextlib.suppress(TooLate):
        if said == "yes":
            deeds.accept(invitation=invitation)
        else:
            deeds.decline(invitation=invitation)


def organisation_of(invitation: CommunityInvitation) -> Any:
    """The member organisation to whose people an address at this domain belongs."""
    domain = invitation.email.partition("@")[2]
    return deeds.organisations_by({domain}).get(domain)


def state_of(user: Any, invitation: CommunityInvitation, person: Any) -> str:
    """How the invitation stands for this reader, as a word for the template."""
    if invitation.state == InvitationState.ACCEPTED:
        is_in = person is not None and rules.is_member(person, invitation.community)
        return "accepted" if is_in else "withdrawn"
    if invitation.state == InvitationState.DECLINED:
        return "declined"
    if invitation.state == InvitationState.WITHDRAWN or invitation.community.archived_at:
        return "withdrawn"
    if invitation.is_expired:
        return "expired"
    if user.is_authenticated and not rules.is_meant_for(user, invitation):
        return "other"
    return "wanted" if invitation.wanted_at and person is None else "open"
