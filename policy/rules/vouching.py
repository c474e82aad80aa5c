"""Who vouches for an endorsement again, and who answers for a municipality's share in a joint one."""

from typing import Any

from knowledge.rules import acts_for
from policy.models import Endorsement, EndorsementShare
from policy.rules import can_see_endorsement, is_admin, represents

__all__ = ["can_answer_share", "can_reconfirm", "can_see_share"]


def can_see_share(user: Any, share: EndorsementShare) -> bool:
    """Twin of ``EndorsementShare.objects.visible_to``."""
    if is_admin(user):
        return True
    if not can_see_endorsement(user, share.endorsement):
        return False
    if share.confirmed_at and share.organisation.left_on is None:
        return True
    ends = (share.organisation_id, share.endorsement.organisation_id)
    return user.is_authenticated and user.is_active and any(acts_for(user, end) for end in ends)


def can_answer_share(user: Any, share: EndorsementShare) -> bool:
    """Confirm or decline: representatives of the municipality, while the joint endorsement is in force."""
    endorsement = share.endorsement
    is_in_force = Endorsement.objects.endorsing().filter(pk=endorsement.pk).exists()
    return is_in_force and represents(user, share.organisation_id)


def can_reconfirm(user: Any, endorsement: Endorsement) -> bool:
    """Say that an endorsement in force still stands: the organisation's representatives."""
    is_in_force = Endorsement.objects.endorsing().filter(pk=endorsement.pk).exists()
    return is_in_force and represents(user, endorsement.organisation_id)
