"""What facilitators do for the people of their community: write to them, ask after tasks, introduce, hand over."""

from typing import Any

from communities.models import Community, Introduction, Membership, Task
from communities.rules.community import (
    can_greet,
    can_moderate,
    is_facilitator,
)


def can_write_note(user: Any, membership: Membership) -> bool:
    """A few personal words to another member."""
    return can_greet(user, membership)


def can_nudge(user: Any, task: Task) -> bool:
    """Ask the owner of a task how it goes; oneself one need not ask."""
    is_open = task.done_at is None and task.dropped_at is None and task.community.archived_at is None
    return is_open and task.owner_id != user.pk and can_moderate(user, task.community)


def can_introduce(user: Any, community: Community) -> bool:
    """Introduce members to each other."""
    return can_moderate(user, community) and community.archived_at is None


def can_see_introduction(user: Any, introduction: Introduction) -> bool:
    """Twin of ``Introduction.objects.visible_to``."""
    return can_moderate(user, introduction.community)


def can_hand_over(user: Any, community: Community) -> bool:
    """Who facilitates makes another member facilitator and becomes a plain member, in one deed."""
    return is_facilitator(user, community)
