"""Meetings: seeing, planning, answering, proposing."""

from typing import Any

from communities.enums import MeetingState
from communities.models import Community, Meeting
from communities.rules.community import (
    can_moderate,
    can_read_community,
    is_admin,
    is_in_network,
    is_member,
)


def can_see_meeting(user: Any, meeting: Meeting) -> bool:
    """Twin of ``Meeting.objects.visible_to``."""
    if not can_read_community(user, meeting.community):
        return False
    return meeting.state != MeetingState.DRAFT or can_moderate(user, meeting.community)


def can_see_answers(user: Any, meeting: Meeting) -> bool:
    """Who comes is told to people of the network who may see the meeting."""
    return (is_in_network(user) or is_admin(user)) and can_see_meeting(user, meeting)


def can_join_meeting(user: Any, meeting: Meeting) -> bool:
    """Whether the address of the online room is shown: to members, and to admins."""
    return is_admin(user) or is_member(user, meeting.community)


def can_plan_meeting(user: Any, community: Community) -> bool:
    return can_moderate(user, community) and not community.archived_at


def can_lead_meeting(user: Any, meeting: Meeting) -> bool:
    """Change, invite, close, cancel: those who facilitate the community, and admins."""
    return can_plan_meeting(user, meeting.community)


def can_answer_meeting(user: Any, meeting: Meeting) -> bool:
    """Members say whether they come, until it is over."""
    return meeting.is_planned and not meeting.is_over and is_member(user, meeting.community)


def can_vote_date(user: Any, meeting: Meeting) -> bool:
    return meeting.state == MeetingState.POLL and is_member(user, meeting.community)


def can_propose_item(user: Any, meeting: Meeting) -> bool:
    """Members until the cut-off, facilitators until the meeting is closed."""
    if can_decide_agenda(user, meeting):
        return True
    is_open = meeting.takes_proposals() and not meeting.community.archived_at
    return is_open and is_member(user, meeting.community)


def can_decide_agenda(user: Any, meeting: Meeting) -> bool:
    is_open = meeting.state in {MeetingState.DRAFT, MeetingState.POLL, MeetingState.PLANNED}
    return is_open and can_lead_meeting(user, meeting)
