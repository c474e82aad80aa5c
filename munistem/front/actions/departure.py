"""Leaving the network: every room takes its leave of the person in one transaction."""

from typing import Any

from django.db import transaction

from communities.actions.departure import leave_all
from knowledge.actions.departure import forget_begun
from knowledge.actions.offer import forget_voices
from knowledge.actions.use import forget_marks
from members.actions.person import close_account
from munistem.commons.files.resumable.actions import discard_all


@transaction.atomic
def leave_network(*, by: Any) -> None:
    """Close one's own account for good; what one wrote stays. Raises LastAdmin."""
    leave_all(by=by, person=by)
    close_account(by=by, person=by)
    forget_voices(by=by, person=by)
    forget_marks(by=by, person=by)
    forget_begun(by=by, person=by)
    discard_all(person=by)
