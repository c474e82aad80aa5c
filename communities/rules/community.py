"""Communities and who takes part in them."""

from typing import Any

from communities.enums import Access, MembershipState
from communities.models import Community, CommunityInvitation, Membership

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


def can_see_invitation(user: Any, invitation: CommunityInvitation) -> bool:
    """Twin of ``CommunityInvitation.objects.visible_to``; who is invited needs no right but the key in the letter."""
    return can_moderate(user, invitation.community)


def is_meant_for(user: Any, invitation: CommunityInvitation) -> bool:
    """Whether an invitation was sent to this person: known then, or by the address."""
    if not user.is_authenticated:
        return False
    if invitation.person_id:
        return invitation.person_id == user.pk
    return user.email.lower() == invitation.email


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


def can_see_facilitation(user: Any, community: Community) -> bool:
    """How the community does and what waits in it: for those who lead it, and for admins."""
    return can_moderate(user, community)


def can_greet(user: Any, membership: Membership) -> bool:
    """Say hello to another member in the name of the community."""
    if membership.person_id == user.pk or not membership.is_active or membership.community.archived_at:
        return False
    return can_moderate(user, membership.community)
