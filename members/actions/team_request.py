"""A colleague asks to join the team of a member organisation; its manager decides, once."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone

from members import rules
from members.actions.application import DRAFT_KEPT, HOUR, LINK_HOLDS, MOST_MAILS, BadLink, TooLate
from members.actions.mandate import give_mandate, person_of
from members.emails import team_request as emails
from members.enums import TeamRequestState
from members.models import Organisation, TeamRequest
from munistem.commons import audit
from munistem.commons.guards.limits import count_hit

CONFIRMATION = "members.team_request.confirm"


def lock(request: TeamRequest) -> TeamRequest:
    rows = TeamRequest.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("organisation").get(pk=request.pk)


@transaction.atomic
def ask_for_team(
    *, organisation: Organisation, name: str, email: str, role: str, note: str, language: str
) -> TeamRequest:
    """Keep a request and mail its address a link: only who opens it is passed on to the managers."""
    known = TeamRequest.objects.filter(
        organisation=organisation, email__iexact=email, state=TeamRequestState.UNVERIFIED
    )
    fields = {"name": name, "email": email, "role": role, "note": note, "language": language}
    request = known.select_for_update().first()
    if request is None:
        request = TeamRequest.objects.create(organisation=organisation, **fields)
    else:
        known.filter(pk=request.pk).update(**fields)
        request.refresh_from_db()
    if count_hit(f"confirm-team:{email.lower()}", HOUR, MOST_MAILS) <= MOST_MAILS:
        emails.send_confirmation_request(request, signing.dumps([request.pk, email], salt=CONFIRMATION))
    return request


def request_of(token: str) -> TeamRequest:
    """The request of a mailed link; raises BadLink."""
    try:
        pk, email = signing.loads(token, salt=CONFIRMATION, max_age=LINK_HOLDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
    request = TeamRequest.objects.select_related("organisation").filter(pk=pk, email=email).first()
    if request is None or (request.organisation.left_on and request.state == TeamRequestState.UNVERIFIED):
        raise BadLink
    return request


@transaction.atomic
def confirm(*, token: str) -> TeamRequest:
    """The address is confirmed; the managers are told. Harmless the second time; raises BadLink."""
    request = request_of(token)
    Organisation.objects.select_for_update(no_key=True).only("pk").get(pk=request.organisation_id)
    row = lock(request)
    if row.state != TeamRequestState.UNVERIFIED:
        return row
    waiting = TeamRequest.objects.waiting().filter(organisation=row.organisation, email__iexact=row.email)
    if earlier := waiting.select_related("organisation").first():
        return earlier
    row.state = TeamRequestState.WAITING
    row.save(update_fields=["state"])
    audit.record("receive_team_request", row, email=row.email)
    emails.tell_managers(row)
    return row


@transaction.atomic
def accept(*, by: Any, request: TeamRequest) -> TeamRequest:
    """Let the person act for the organisation, and tell them; once. Raises TooLate, AccountClosed."""
    row = decided(by, request, TeamRequestState.ACCEPTED)
    person = person_of(by=by, email=row.email, name=row.name, language=row.language, role=row.role)
    give_mandate(by=by, organisation=row.organisation, person=person, role=row.role)
    audit.record("accept_team_request", row, by=by, person=person.pk)
    emails.send_accepted(row)
    return row


@transaction.atomic
def decline(*, by: Any, request: TeamRequest) -> TeamRequest:
    """Say no, and tell the person; once. Raises TooLate."""
    row = decided(by, request, TeamRequestState.DECLINED)
    audit.record("decline_team_request", row, by=by)
    emails.send_declined(row)
    return row


def decided(by: Any, request: TeamRequest, state: str) -> TeamRequest:
    """The request with the decision written down. Raises TooLate for who may not decide (any more)."""
    row = lock(request)
    if not rules.can_decide_team_request(by, row) or row.organisation.left_on:
        raise TooLate
    row.state, row.decided_at, row.decided_by = state, timezone.now(), by
    row.save(update_fields=["state", "decided_at", "decided_by"])
    emails.settle(row)
    return row


@transaction.atomic
def forget_unconfirmed() -> int:
    """Delete requests whose address was not confirmed within a month; answers how many."""
    old = TeamRequest.objects.filter(
        state=TeamRequestState.UNVERIFIED, created_at__lt=timezone.now() - DRAFT_KEPT
    )
    return old.delete()[0]


def forget_requests(kept: timedelta) -> int:
    """Delete requests that were decided so long ago; answers how many."""
    return TeamRequest.objects.filter(decided_at__lt=timezone.now() - kept).delete()[0]
