"""Who may do what in communities: pure questions about a person (visitors included) and one thing.

``can_see_…`` and ``can_read_…`` are the twins of ``visible_to`` and ``readable_by``.
"""

from typing import Any

from communities.enums import Access, MembershipState, TopicKind
from communities.models import Community, Membership, Post, Topic

#: Kinds of topics that ask for something, so that an answer can be accepted.
ASKING = {TopicKind.QUESTION, TopicKind.HELP}
#: States from which one may come (again) of one's own will.
OUTSIDE = {MembershipState.LEFT, MembershipState.DECLINED}


def is_in_network(user: Any) -> bool:
    return user.is_authenticated and user.is_in_network


def is_admin(user: Any) -> bool:
    return user.is_authenticated and user.is_staff


def standing(user: Any, community: Community) -> Membership | None:
    """The membership that counts: none for people who do not (or no longer) take part in the network."""
    return community.standing_of(user) if is_in_network(user) else None


def is_member(user: Any, community: Community) -> bool:
    found = standing(user, community)
    return found is not None and found.is_active


def is_facilitator(user: Any, community: Community) -> bool:
    found = standing(user, community)
    return found is not None and found.is_active and found.is_facilitator


def is_invited(user: Any, community: Community) -> bool:
    found = standing(user, community)
    return found is not None and found.state == MembershipState.INVITED


def can_moderate(user: Any, community: Community) -> bool:
    """Facilitators in their community, network admins in all."""
    return is_admin(user) or is_facilitator(user, community)


# Communities and membership ------------------------------------------------------------------------------


def can_see_community(user: Any, community: Community) -> bool:
    """Twin of ``Community.objects.visible_to``."""
    if community.access != Access.CLOSED or is_admin(user):
        return True
    return is_member(user, community) or is_invited(user, community)


def can_read_community(user: Any, community: Community) -> bool:
    """Twin of ``Community.objects.readable_by``: whether its topics may be opened."""
    return community.access == Access.OPEN or is_admin(user) or is_member(user, community)


def can_see_people(user: Any, community: Community) -> bool:
    """Who takes part is told to people of the network who may read what they say."""
    return is_in_network(user) and can_read_community(user, community)


def can_see_membership(user: Any, membership: Membership) -> bool:
    """Twin of ``Membership.objects.visible_to``."""
    if not user.is_authenticated:
        return False
    community = membership.community
    if membership.person_id == user.pk or can_moderate(user, community):
        return True
    return membership.is_active and can_see_people(user, community)


def can_find_people(user: Any, community: Community) -> bool:
    """Whether names of members are offered while one writes."""
    return is_member(user, community)


def can_join(user: Any, community: Community) -> bool:
    """Walk into an open community."""
    if community.access != Access.OPEN or community.archived_at or not is_in_network(user):
        return False
    found = standing(user, community)
    return found is None or found.state in OUTSIDE or found.state == MembershipState.ASKED


def can_ask(user: Any, community: Community) -> bool:
    """Ask the facilitators of a community by request."""
    if community.access != Access.REQUEST or community.archived_at or not is_in_network(user):
        return False
    found = standing(user, community)
    return found is None or found.state in OUTSIDE or found.state == MembershipState.REMOVED


def can_answer_invitation(user: Any, community: Community) -> bool:
    return is_invited(user, community) and not community.archived_at


def can_withdraw_request(user: Any, community: Community) -> bool:
    found = standing(user, community)
    return found is not None and found.state == MembershipState.ASKED


def can_leave(user: Any, community: Community) -> bool:
    """Members may, except the only facilitator: someone has to stay."""
    if not is_member(user, community):
        return False
    return not is_facilitator(user, community) or has_other_facilitator(user, community)


def has_other_facilitator(user: Any, community: Community) -> bool:
    others = Membership.objects.facilitators().of_present_people().filter(community=community)
    return others.exclude(person_id=user.pk).exists()


def can_invite(user: Any, community: Community) -> bool:
    return can_moderate(user, community) and not community.archived_at


def can_edit_community(user: Any, community: Community) -> bool:
    return can_moderate(user, community)


def can_decide_request(user: Any, membership: Membership) -> bool:
    return membership.state == MembershipState.ASKED and can_moderate(user, membership.community)


def can_withdraw_invitation(user: Any, membership: Membership) -> bool:
    return membership.state == MembershipState.INVITED and can_moderate(user, membership.community)


def can_make_facilitator(user: Any, membership: Membership) -> bool:
    is_ready = membership.is_active and not membership.is_facilitator and membership.person.is_active
    return is_ready and can_moderate(user, membership.community)


def can_end_facilitation(user: Any, membership: Membership) -> bool:
    """Facilitators lay it down themselves; admins may end it; one has to stay."""
    if not (membership.is_active and membership.is_facilitator):
        return False
    if not is_admin(user) and membership.person_id != user.pk:
        return False
    return has_other_facilitator(membership.person, membership.community)


def can_remove_member(user: Any, membership: Membership) -> bool:
    """Facilitators remove members; a facilitator is removed by admins only."""
    if not membership.is_active or membership.person_id == user.pk:
        return False
    if membership.is_facilitator:
        return is_admin(user) and has_other_facilitator(membership.person, membership.community)
    return can_moderate(user, membership.community)


# Topics and posts ----------------------------------------------------------------------------------------


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
