"""Who may see, draft and sign the annual brief of a municipality; ``can_see_…`` are the twins of ``visible_to``."""

from typing import Any

from members.models import LocalAuthority, RoleHolding
from policy.models import BriefCopy, BriefSignOff
from policy.rules.programme import acts_for_authority, can_keep_programmes


def can_see_brief(user: Any, signed: BriefSignOff) -> bool:
    """Twin of ``BriefSignOff.objects.visible_to``: what was signed off is public."""
    return True


def can_see_brief_copy(user: Any, copy: BriefCopy) -> bool:
    """Twin of ``BriefCopy.objects.visible_to``."""
    return can_see_brief(user, copy.sign_off)


def can_draft_brief(user: Any, authority: LocalAuthority) -> bool:
    """See the brief before it is signed: who keeps the municipality's figures."""
    return can_keep_programmes(user, authority)


def can_sign_brief(user: Any, authority: LocalAuthority) -> bool:
    """Sign it off: who acts for the municipality as a manager, or holds its STEM role; nobody else speaks for it."""
    if not acts_for_authority(user, authority.pk):
        return False
    mine = (row for row in user.mandates if row.organisation.authority_id == authority.pk)
    return any(row.is_manager for row in mine) or RoleHolding.objects.of(authority).held_by(user).exists()
