"""Who may see, draft and sign the annual brief of a municipality; ``can_see_…`` are the twins of ``visible_to``."""

from typing import Any

from members.models import LocalAuthority
from policy.models import BriefCopy, BriefSignOff
from policy.rules.programme import can_keep_programmes


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
    """Sign it off: a manager of the municipality while it is a member; nobody else speaks for it."""
    return (
        user.is_authenticated
        and user.is_active
        and any(row.is_manager and row.organisation.authority_id == authority.pk for row in user.mandates)
    )
