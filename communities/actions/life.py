"""How a community begins and ends: proposed, approved or declined; closed down, taken up again."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.actions.membership import TooLate, create_community, lock, tell_person
from communities.actions.topic import one_at_a_time
from communities.enums import MeetingState, ProposalState
from communities.models import Community, CommunityProposal, Meeting
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import mark_read, tell


class NobodyLeads(TooLate):
    """None of the first facilitators takes part in the network any more."""


class MeetingsAhead(TooLate):
    """Meetings are planned; they are called off first, so that everybody invited hears of it."""


@transaction.atomic
def propose_community(
    *,
    by: Any,
    name: str,
    purpose: str,
    audience: str,
    access: str,
    language: str,
    nonce: UUID,
    subjects: Iterable[Any] = (),
    facilitators: Iterable[Any] = (),
) -> CommunityProposal:
    """Propose a community to the network's admins. A form sent twice makes one proposal."""
    one_at_a_time(nonce)
    if known := CommunityProposal.objects.filter(nonce=nonce, proposed_by=by).first():
        return known
    proposal = CommunityProposal.objects.create(
        name=name,
        purpose=purpose,
        audience=audience,
        access=access,
        language=language,
        nonce=nonce,
        proposed_by=by,
    )
    proposal.subjects.set(list(subjects))
    proposal.facilitators.set(list(facilitators))
    audit.record("propose_community", proposal, by=by)
    admins = get_user_model().objects.filter(is_active=True, is_staff=True).only("pk", "is_active")
    tell("community_proposed", proposal, admins, by=by, reason="decider", title=name)
    return proposal


def lock_proposal(proposal: CommunityProposal) -> CommunityProposal:
    rows = CommunityProposal.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("proposed_by", "community").get(pk=proposal.pk)


@transaction.atomic
def withdraw_proposal(*, by: Any, proposal: CommunityProposal) -> CommunityProposal:
    """Take one's proposal back. Twice is once; raises TooLate when it was decided on."""
    row = lock_proposal(proposal)
    if row.state == ProposalState.WITHDRAWN:
        return row
    if not rules.can_withdraw_proposal(by, row):
        raise TooLate
    _decide(row, ProposalState.WITHDRAWN, by=by)
    audit.record("withdraw_proposal", row, by=by)
    return row


@transaction.atomic
def approve_proposal(
    *, by: Any, proposal: CommunityProposal, name: str, purpose: str, access: str
) -> Community:
    """Open the proposed community with its first facilitators. Twice is once; raises TooLate, NobodyLeads."""
    row = lock_proposal(proposal)
    if row.community:
        return row.community
    if not rules.can_decide_proposal(by, row):
        raise TooLate
    leaders = [person for person in row.facilitators.all() if person.is_in_network]
    if not leaders:
        raise NobodyLeads
    row.community = community = create_community(
        by=by,
        name=name,
        purpose=purpose,
        access=access,
        language=row.language,
        terms=row.subjects.all(),
        facilitators=leaders,
    )
    _decide(row, ProposalState.APPROVED, by=by)
    audit.record("approve_proposal", row, by=by, community=community.pk)
    known = {"title": community.name, "slug": community.slug}
    tell("community_approved", row, {row.proposed_by: "sender"}, by=by, **known)
    for membership in community.memberships.facilitators().exclude(person=row.proposed_by):
        tell_person("made_facilitator", membership, by=by)
    return community


@transaction.atomic
def decline_proposal(*, by: Any, proposal: CommunityProposal, reason: str) -> CommunityProposal:
    """Say no, and why. Raises TooLate when it was decided on or taken back."""
    row = lock_proposal(proposal)
    if not rules.can_decide_proposal(by, row):
        raise TooLate
    row.reason = reason
    _decide(row, ProposalState.DECLINED, by=by)
    audit.record("decline_proposal", row, by=by, reason=reason)
    tell("community_declined", row, {row.proposed_by: "sender"}, by=by, title=row.name, why=reason)
    return row


def _decide(row: CommunityProposal, state: str, *, by: Any) -> None:
    row.state, row.decided_at, row.decided_by = state, timezone.now(), by
    row.save(update_fields=["state", "decided_at", "decided_by", "reason", "community"])
    mark_read(by=by, things=[row])


@transaction.atomic
def archive_community(*, by: Any, community: Community, reason: str = "") -> Community:
    """Close a community down: it can be read and found, no longer joined or written in; its members are told.

    Twice is once. Raises TooLate for who does not lead it (any more), MeetingsAhead while meetings are planned.
    """
    row = lock(community)
    if row.archived_at is not None:
        return row
    if not rules.can_archive(by, row):
        raise TooLate
    meetings = Meeting.objects.filter(community=row)
    if meetings.upcoming().exists() or meetings.filter(state=MeetingState.POLL).exists():
        raise MeetingsAhead
    row.archived_at, row.archived_by, row.archive_reason = timezone.now(), by, reason
    row.save(update_fields=["archived_at", "archived_by", "archive_reason"])
    audit.record("archive_community", row, by=by, reason=reason)
    _tell_members("community_archived", row, by=by, why=reason)
    return row


@transaction.atomic
def reopen_community(*, by: Any, community: Community) -> Community:
    """Take an archived community up again; its members are told. Twice is once.

    Raises TooLate for who does not lead it (any more).
    """
    row = lock(community)
    if row.archived_at is not None:
        if not rules.can_reopen(by, row):
            raise TooLate
        row.archived_at, row.archived_by, row.archive_reason = None, None, ""
        row.save(update_fields=["archived_at", "archived_by", "archive_reason"])
        audit.record("reopen_community", row, by=by)
        _tell_members("community_reopened", row, by=by)
    return row


def _tell_members(kind: str, row: Community, *, by: Any, **data: Any) -> None:
    members = row.memberships.present()
    people = get_user_model().objects.filter(pk__in=members.values("person")).only("pk", "is_active")
    known = {"community": row.name, "slug": row.slug, **data}
    tell(kind, row, people, by=by, reason="member", scope=key(row), **known)
