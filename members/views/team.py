"""The team of an organisation, its invitations, and the page to which an invitation leads."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import rules
from members.actions import team as deeds
from members.forms.team import InviteForm
from members.models import Invitation, Organisation, Representative, TeamRequest
from members.views.application import hidden
from munistem.commons.guards.fresh import fresh_for_staff
from munistem.commons.guards.limits import limited

MOST_PAST, MOST_WAITING = 50, 100


def organisation_of(request: HttpRequest, slug: str) -> Organisation:
    """The organisation of an address; 404 for what one may not know of, 403 for who is not in its team."""
    known = Organisation.objects.visible_to(request.user).defer("search_vector", "search_title")
    organisation = get_object_or_404(known, slug=slug)
    if not rules.can_see_team(request.user, organisation):
        raise PermissionDenied
    return organisation


@login_required
@limited("invite", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def show_team(request: HttpRequest, slug: str) -> HttpResponse:
    """Who acts for the organisation; managers invite and decide here."""
    organisation = organisation_of(request, slug)
    manages = rules.can_manage_team(request.user, organisation)
    start = {"language": get_language()}
    form = InviteForm(request.POST or None, initial=start, organisation=organisation) if manages else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            return invite(request, organisation, form.cleaned_data)
    context = {**team_of(request.user, organisation, manages=manages), "form": form}
    return render(request, "members/team.html", context)


def invite(request: HttpRequest, organisation: Organisation, said: dict[str, Any]) -> HttpResponse:
    try:
        deeds.invite(by=request.user, organisation=organisation, **said)
    except deeds.InTeamAlready:
        messages.info(request, _("This person is in your team already."))
    else:
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": said["email"]})
    return redirect("show_team", slug=organisation.slug)


def team_of(user: Any, organisation: Organisation, *, manages: bool) -> dict[str, Any]:
    """Rows of the team page, each with what the reader may do to it."""
    rows = organisation.team
    for row in rows:
        row.organisation = organisation
        row.is_me = row.person_id == user.pk
        row.can_end = rules.can_end_mandate(user, row)
        row.can_promote = rules.can_make_manager(user, row)
    past = Representative.objects.filter(organisation=organisation, until_on__isnull=False)
    past = past.select_related("person").defer("person__search_vector").order_by("-until_on", "-pk")
    waiting = TeamRequest.objects.visible_to(user).waiting().filter(organisation=organisation)
    invitations = Invitation.objects.visible_to(user).waiting().filter(organisation=organisation)
    invitations = invitations.select_related("invited_by").defer("invited_by__search_vector")
    return {
        "organisation": organisation,
        "rows": rows,
        "manages": manages,
        "past": list(past[:MOST_PAST]),
        "asked": list(waiting.order_by("created_at", "pk")[:MOST_WAITING]) if manages else [],
        "invitations": list(invitations.order_by("invited_at", "pk")[:MOST_WAITING]) if manages else [],
        "crumbs": [
            ("/organisations/", _("Organisations")),
            (organisation.get_absolute_url(), organisation.name),
        ],
    }


# Mandates ------------------------------------------------------------------------------------------------


def mandate_of(request: HttpRequest, slug: str, pk: int) -> Representative:
    """A mandate of this organisation."""
    organisation = organisation_of(request, slug)
    rows = Representative.objects.visible_to(request.user).select_related("person")
    row = get_object_or_404(rows.filter(organisation=organisation), pk=pk)
    row.organisation = organisation
    return row


@login_required
@fresh_for_staff
@require_POST
def make_manager(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let a colleague manage the team too."""
    row = mandate_of(request, slug, pk)
    if not rules.can_manage_team(request.user, row.organisation):
        raise PermissionDenied
    deeds.make_manager(by=request.user, mandate=row)
    messages.success(request, _("%(name)s manages the team too now.") % {"name": row.person.name})
    return redirect("show_team", slug=slug)


@login_required
@fresh_for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def end_mandate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asked once: the person no longer acts for the organisation."""
    row = mandate_of(request, slug, pk)
    is_own = row.person_id == request.user.pk
    if not is_own and not rules.can_manage_team(request.user, row.organisation):
        raise PermissionDenied
    if request.method == "POST":
        return end(request, row)
    context = {
        "row": row,
        "is_own": is_own,
        "can_end": rules.can_end_mandate(request.user, row),
        "team_url": reverse("show_team", args=[slug]),
        "crumbs": [
            (row.organisation.get_absolute_url(), row.organisation.name),
            (reverse("show_team", args=[slug]), _("Team")),
        ],
    }
    return render(request, "members/end_mandate.html", context)


def end(request: HttpRequest, row: Representative) -> HttpResponse:
    try:
        deeds.end_mandate(by=request.user, mandate=row)
    except deeds.LastManager:
        messages.error(
            request,
            _("Nobody else manages the team. Make a colleague a manager first, then this is possible."),
        )
        return redirect("show_team", slug=row.organisation.slug)
    if row.person_id == request.user.pk:
        messages.success(request, _("You no longer act for this organisation. What you wrote stays."))
        return redirect("home")
    messages.success(request, _("%(name)s no longer acts for your organisation.") % {"name": row.person.name})
    return redirect("show_team", slug=row.organisation.slug)


# Invitations ---------------------------------------------------------------------------------------------


def sent_invitation(request: HttpRequest, key: UUID) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related("organisation")
    return get_object_or_404(rows.defer("organisation__search_vector"), key=key)


@login_required
@limited("invite", 60, 3600)
@require_POST
def resend_invitation(request: HttpRequest, key: UUID) -> HttpResponse:
    """Send the letter again."""
    invitation = sent_invitation(request, key)
    try:
        deeds.resend_invitation(by=request.user, invitation=invitation)
    except deeds.TooLate:
        messages.info(request, _("This invitation was accepted or taken back already."))
    else:
        messages.success(
            request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
        )
    return redirect("show_team", slug=invitation.organisation.slug)


@login_required
@require_POST
def revoke_invitation(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = sent_invitation(request, key)
    try:
        deeds.revoke_invitation(by=request.user, invitation=invitation)
    except deeds.TooLate:
        messages.info(request, _("This invitation was accepted already."))
    else:
        messages.success(request, _("The invitation was taken back."))
    return redirect("show_team", slug=invitation.organisation.slug)


def invitation_of(key: UUID) -> Invitation:
    rows = Invitation.objects.select_related("organisation", "invited_by")
    return get_object_or_404(rows.defer("organisation__search_vector", "invited_by__search_vector"), key=key)


@hidden
@require_safe
def show_invitation(request: HttpRequest, key: UUID) -> HttpResponse:
    """What one is invited to, and the way in: for who is known, and for who is not yet."""
    invitation = invitation_of(key)
    here = invitation.get_absolute_url()
    context = {
        "invitation": invitation,
        "organisation": invitation.organisation,
        "state": state_of(request.user, invitation),
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': here})}",
        "sign_up_url": f"{reverse('account_signup')}?{urlencode({'next': here, 'email': invitation.email})}",
    }
    return render(request, "members/invitation.html", context)


def state_of(user: Any, invitation: Invitation) -> str:
    """How the invitation stands for this reader, as a word for the template."""
    if invitation.accepted_at:
        return "mine" if rules.acts_for(user, invitation.organisation) else "accepted"
    if invitation.revoked_at or invitation.organisation.left_on:
        return "revoked"
    if invitation.is_expired:
        return "expired"
    if not user.is_authenticated:
        return "unknown"
    return "open" if rules.is_meant_for(user, invitation) else "other"


@hidden
@login_required
@limited("accept-invitation", 60, 3600)
@require_POST
def accept_team_invitation(request: HttpRequest, key: UUID) -> HttpResponse:
    """Act for the organisation; refused ones read on the page why."""
    invitation = invitation_of(key)
    try:
        deeds.accept_invitation(by=request.user, invitation=invitation)
    except deeds.TooLate:
        return redirect("show_invitation", key=key)
    messages.success(
        request, _("Welcome. You act for %(name)s now.") % {"name": invitation.organisation.name}
    )
    return redirect("home" if request.user.role_title else "edit_profile")
