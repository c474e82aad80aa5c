"""How a community begins and ends."""

from typing import Any

from communities.models import Community, CommunityProposal
from communities.rules.community import can_moderate, is_admin, is_in_network


def can_propose_community(user: Any) -> bool:
    return is_in_network(user)


def can_see_proposal(user: Any, proposal: CommunityProposal) -> bool:
    """Twin of ``CommunityProposal.objects.visible_to``."""
    return is_admin(user) or (user.is_authenticated and proposal.proposed_by_id == user.pk)


def can_withdraw_proposal(user: Any, proposal: CommunityProposal) -> bool:
    return user.is_authenticated and proposal.is_waiting and proposal.proposed_by_id == user.pk


def can_decide_proposal(user: Any, proposal: CommunityProposal) -> bool:
    return proposal.is_waiting and is_admin(user)


def can_archive(user: Any, community: Community) -> bool:
    return can_moderate(user, community) and community.archived_at is None


def can_reopen(user: Any, community: Community) -> bool:
    return can_moderate(user, community) and community.archived_at is not None
