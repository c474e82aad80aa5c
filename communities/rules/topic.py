"""Topics and posts."""

from typing import Any

from communities.enums import TopicKind
from communities.models import Community, Post, Topic
from communities.rules.community import (
    can_moderate,
    can_read_community,
    is_facilitator,
    is_in_network,
    is_member,
)

#: Kinds of topics that ask for something, so that an answer can be accepted.
ASKING = {TopicKind.QUESTION, TopicKind.HELP}


def can_see_topic(user: Any, topic: Topic) -> bool:
    """Twin of ``Topic.objects.visible_to``."""
    if not can_read_community(user, topic.community):
        return False
    if topic.hidden_at is None:
        return True
    if not user.is_authenticated:
        return False
    return topic.author_id == user.pk or can_moderate(user, topic.community)


def can_see_post(user: Any, post: Post) -> bool:
    """Twin of ``Post.objects.visible_to``."""
    if not can_see_topic(user, post.topic):
        return False
    if post.hidden_at is None:
        return True
    if not user.is_authenticated:
        return False
    return post.author_id == user.pk or can_moderate(user, post.topic.community)


def can_see_history(user: Any, post: Post) -> bool:
    """What a post said before is for the network: one may have corrected a slip."""
    return is_in_network(user) and can_see_post(user, post)


def can_post_topic(user: Any, community: Community) -> bool:
    return is_member(user, community) and not community.archived_at


def can_announce(user: Any, community: Community) -> bool:
    return is_facilitator(user, community) and not community.archived_at


def can_reply(user: Any, topic: Topic) -> bool:
    return is_writable(topic) and is_member(user, topic.community)


def is_writable(topic: Topic) -> bool:
    return topic.locked_at is None and topic.hidden_at is None and topic.community.archived_at is None


def can_edit_post(user: Any, post: Post) -> bool:
    """Authors always, with history; facilitators and admins too."""
    topic = post.topic
    if post.hidden_at or topic.hidden_at or topic.community.archived_at:
        return False
    if can_moderate(user, topic.community):
        return True
    return post.author_id == user.pk and topic.locked_at is None and is_member(user, topic.community)


def can_accept_answer(user: Any, topic: Topic) -> bool:
    """Who asked says what helped; facilitators may too."""
    if topic.kind not in ASKING or topic.hidden_at or topic.community.archived_at:
        return False
    if can_moderate(user, topic.community):
        return True
    return topic.author_id == user.pk and is_member(user, topic.community)


def can_accept_post(user: Any, post: Post) -> bool:
    return not post.is_opening and post.hidden_at is None and can_accept_answer(user, post.topic)


def can_mark_helpful(user: Any, post: Post) -> bool:
    """People of the network, for what others wrote."""
    if post.hidden_at or post.topic.hidden_at or not is_in_network(user) or post.author_id == user.pk:
        return False
    return can_see_post(user, post)


def can_report_post(user: Any, post: Post) -> bool:
    if not user.is_authenticated or post.author_id == user.pk or post.hidden_at or post.topic.hidden_at:
        return False
    return can_see_post(user, post)


def can_moderate_topic(user: Any, topic: Topic) -> bool:
    """Pin, lock, hide, and take each back."""
    return can_moderate(user, topic.community)


def can_hide_post(user: Any, post: Post) -> bool:
    return (
        post.hidden_at is None and post.topic.hidden_at is None and can_moderate(user, post.topic.community)
    )


def can_unhide_post(user: Any, post: Post) -> bool:
    is_hidden = bool(post.topic.hidden_at if post.is_opening else post.hidden_at)
    return is_hidden and can_moderate(user, post.topic.community)


def can_pin_topic(user: Any, topic: Topic) -> bool:
    return topic.hidden_at is None and can_moderate_topic(user, topic)


def can_lock_topic(user: Any, topic: Topic) -> bool:
    return topic.hidden_at is None and can_moderate_topic(user, topic)
