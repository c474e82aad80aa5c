"""Who acts for an organisation: invitations, and mandates that widen and end. Each deed locks the organisation."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from members import rules
from members.actions.mandate import give_mandate
from members.actions.participation import participation_changed
from members.actions.role import end_roles_of
from members.emails import team as emails
from members.emails import team_request as request_emails
from members.enums import TeamRequestState
from members.models import Invitation, Organisation, Representative, TeamRequest, User
from munistem.commons import audit
from munistem.commons.guards.limits import count_hit

INVITATION_HOLDS = timedelta(days=14)
#: A second click within this many seconds sends no second letter.
AT_ONCE = 60


class TooLate(PermissionDenied):
    """Things have changed meanwhile, so that the deed is no longer possible."""


class LastManager(TooLate):
    """Someone has to stay and manage the team."""


class InTeamAlready(TooLate):
    """The person acts for the organisation already."""


def lock(organisation: Organisation) -> Organisation:
    rows = Organisation.objects.select_for_update(of=("self",), no_key=True).defer("search_vector")
    return rows.get(pk=organisation.pk)


def lock_invitation(invitation: Invitation) -> Invitation:
    """The invitation anew, its organisation locked."""
    organisation = lock(invitation.organisation)
    row = (
        Invitation.objects.select_for_update(of=("self",)).select_related("invited_by").get(pk=invitation.pk)
    )
    row.organisation = organisation
    return row


def lock_mandate(mandate: Representative) -> Representative:
    """The mandate anew, its organisation locked."""
    organisation = lock(mandate.organisation)
    row = Representative.objects.select_related("person").get(pk=mandate.pk)
    row.organisation = organisation
    return row


@transaction.atomic
def invite(
    *,
    by: Any,
    organisation: Organisation,
    email: str,
    name: str = "",
    role: str = "",
    is_manager: bool = False,
    language: str = "he",
) -> Invitation:
    """Ask a colleague into the team by a letter; an invitation that waits is renewed, not doubled.

    Raises InTeamAlready; TooLate when the organisation left or the person may not invite any more.
    """
    row = lock(organisation)
    if not rules.can_manage_team(by, row):
        raise TooLate
    if any(mandate.person.email.lower() == email.lower() for mandate in row.team):
        raise InTeamAlready
    said = {"name": name, "role": role, "is_manager": is_manager, "language": language}
    term = timezone.now() + INVITATION_HOLDS
    invitation = Invitation.objects.waiting().filter(organisation=row, email__iexact=email).first()
    if invitation is None:
        invitation = Invitation(organisation=row, email=email.lower(), invited_by=by, expires_at=term, **said)
    for field, value in said.items():
        setattr(invitation, field, value)
    invitation.organisation, invitation.expires_at = row, term
    invitation.save()
    audit.record("invite_to_team", invitation, by=by, is_manager=is_manager)
    send_once(invitation)
    return invitation


def send_once(invitation: Invitation) -> None:
    if count_hit(f"invitation:{invitation.pk}", AT_ONCE) == 1:
        emails.send_invitation(invitation)


@transaction.atomic
def resend_invitation(*, by: Any, invitation: Invitation) -> Invitation:
    """Send the letter again, with a new term. Raises TooLate."""
    row = lock_invitation(invitation)
    if not rules.can_resend_invitation(by, row):
        raise TooLate
    row.expires_at = timezone.now() + INVITATION_HOLDS
    row.save(update_fields=["expires_at"])
    audit.record("resend_invitation", row, by=by)
    send_once(row)
    return row


@transaction.atomic
def revoke_invitation(*, by: Any, invitation: Invitation) -> Invitation:
    """Take an invitation back; harmless the second time. Raises TooLate when it was accepted."""
    row = lock_invitation(invitation)
    if row.revoked_at is not None:
        return row
    if not rules.can_revoke_invitation(by, row):
        raise TooLate
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    audit.record("revoke_invitation", row, by=by)
    return row


@transaction.atomic
def accept_invitation(*, by: Any, invitation: Invitation) -> Representative:
    """Act for the organisation from now on; harmless the second time. Raises TooLate."""
    row = lock_invitation(invitation)
    held = next((mandate for mandate in row.organisation.team if mandate.person_id == by.pk), None)
    if row.accepted_at is not None and held and rules.is_meant_for(by, row):
        return held
    if not rules.can_accept_invitation(by, row):
        raise TooLate
    person = User.objects.get(pk=by.pk)
    mandate = give_mandate(
        by=by, organisation=row.organisation, person=person, role=row.role, is_manager=row.is_manager
    )
    row.accepted_at = timezone.now()
    row.save(update_fields=["accepted_at"])
    audit.record("accept_invitation", row, by=by)
    settle_requests(row)
    emails.tell_of("team_accepted", mandate, [row.invited_by], by=by, reason="sender")
    return mandate


def forget_invitations(kept: timedelta) -> int:
    """Delete invitations that were answered, taken back or over so long ago; returns how many."""
    before = timezone.now() - kept
    ended = Q(accepted_at__lt=before) | Q(revoked_at__lt=before)
    unanswered = Q(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__lt=before)
    return Invitation.objects.filter(ended | unanswered).delete()[0]


def settle_requests(invitation: Invitation) -> None:
    """Who had asked to join as well need not be decided on any more."""
    asked = TeamRequest.objects.waiting().filter(
        organisation=invitation.organisation, email__iexact=invitation.email
    )
    for request in asked.select_for_update():
        request.state, request.decided_at = TeamRequestState.ACCEPTED, timezone.now()
        request.decided_by = invitation.invited_by
        request.save(update_fields=["state", "decided_at", "decided_by"])
        request_emails.settle(request)


@transaction.atomic
def make_manager(*, by: Any, mandate: Representative) -> Representative:
    """Let a colleague manage the team too; harmless the second time. Raises TooLate."""
    row = lock_mandate(mandate)
    if row.is_manager and row.until_on is None:
        return row
    if not rules.can_make_manager(by, row):
        raise TooLate
    row.is_manager = True
    row.save(update_fields=["is_manager"])
    audit.record("make_manager", row, by=by)
    emails.tell_of("made_manager", row, [row.person], by=by)
    return row


@transaction.atomic
def end_mandate(*, by: Any, mandate: Representative) -> Representative:
    """The person no longer acts for the organisation; what they wrote stays, their communities are counted anew.

    Harmless the second time. Raises LastManager, TooLate.
    """
    row = lock_mandate(mandate)
    if row.until_on is not None:
        return row
    if not rules.can_end_mandate(by, row):
        raise LastManager if row.is_manager and not rules.has_other_manager(row) else TooLate
    row.until_on, row.ended_by = max(timezone.localdate(), row.from_on), by
    row.save(update_fields=["until_on", "ended_by"])
    audit.record("end_mandate", row, by=by)
    if row.organisation.authority_id:
        end_roles_of(row.person, by=by, organisation=row.organisation)
    participation_changed(row.person)
    emails.tell_of("mandate_ended", row, [row.person], by=by)
    managers = [colleague.person for colleague in rules.colleagues(row) if colleague.is_manager]
    if row.person_id == by.pk:
        emails.tell_of("left_team", row, managers, by=by)
    return row
