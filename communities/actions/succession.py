"""Handing facilitation over to a successor."""

from typing import Any

from django.db import transaction

from communities import rules
from communities.actions.membership import TooLate, end_facilitation, lock_membership, make_facilitator
from communities.models import Membership


@transaction.atomic
def hand_over(*, by: Any, membership: Membership) -> Membership:
    """Make a member the facilitator in one's own place, in one deed; who hands over stays a member.

    Harmless the second time. Raises TooLate when the successor is no member any more, or one does not facilitate.
    """
    row = lock_membership(membership)
    if row.is_facilitator and not rules.is_facilitator(by, row.community):
        return row
    if not row.is_active or not rules.is_facilitator(by, row.community):
        raise TooLate
    successor = make_facilitator(by=by, membership=row)
    end_facilitation(by=by, membership=Membership.objects.get(community=row.community, person=by))
    return successor
