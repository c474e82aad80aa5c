"""Texts that a facilitator reads before others do."""

from typing import Any

from communities.enums import HeldState, Moderation
from communities.models import Community, HeldPost, Post
from communities.rules.community import can_moderate, can_read_community, is_member
from communities.rules.topic import can_see_topic


def is_held(user: Any, community: Community) -> bool:
    """Whether what this member writes here waits for a facilitator; what those say who lead it never does."""
    if community.moderation == Moderation.AFTER or can_moderate(user, community):
        return False
    return community.moderation == Moderation.EVERYBODY or is_new_here(user, community)


def is_new_here(user: Any, community: Community) -> bool:
    """Whether nothing of this person has appeared in the community yet."""
    shown = Post.objects.shown().filter(topic__community=community, topic__hidden_at__isnull=True)
    return not shown.filter(author_id=user.pk).exists()


def can_see_held(user: Any, held: HeldPost) -> bool:
    """Twin of ``HeldPost.objects.visible_to``."""
    if not user.is_authenticated:
        return False
    if can_moderate(user, held.community):
        return True
    if held.author_id != user.pk or not can_read_community(user, held.community):
        return False
    return held.topic is None or can_see_topic(user, held.topic)


def can_decide_held(user: Any, held: HeldPost) -> bool:
    """Release it, or send it back."""
    is_waiting = held.state == HeldState.WAITING and not held.community.archived_at
    return is_waiting and can_moderate(user, held.community)


def can_mend_held(user: Any, held: HeldPost) -> bool:
    """Authors change what waits, and what came back."""
    if not held.is_open or held.author_id != user.pk or held.community.archived_at:
        return False
    return is_member(user, held.community) and can_see_held(user, held)


def can_withdraw_held(user: Any, held: HeldPost) -> bool:
    return held.is_open and held.author_id == user.pk
