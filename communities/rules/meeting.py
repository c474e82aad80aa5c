"""Meetings: seeing, planning, answering, proposing."""

from typing import Any

from communities.enums import ItemState, MeetingState
from communities.models import AgendaItem, Community, Meeting, Series
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


def can_see_series(user: Any, series: Series) -> bool:
    """Twin of ``Series.objects.visible_to``."""
    return can_read_community(user, series.community)


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


def can_see_item(user: Any, item: AgendaItem) -> bool:
    """Lines of the agenda: whoever sees the meeting; proposals: those who decide, and their authors."""
    if not can_see_meeting(user, item.meeting):
        return False
    is_own = user.is_authenticated and item.proposed_by_id == user.pk
    return item.state == ItemState.ACCEPTED or is_own or can_decide_agenda(user, item.meeting)


def can_edit_item(user: Any, item: AgendaItem) -> bool:
    """Those who decide on the agenda; what is to be read also its owner, and its author while it is proposed."""
    meeting = item.meeting
    if can_decide_agenda(user, meeting):
        return True
    is_open = meeting.is_planned or meeting.state == MeetingState.POLL
    if not is_open or meeting.is_over or not is_member(user, meeting.community):
        return False
    if item.state == ItemState.PROPOSED:
        return item.proposed_by_id == user.pk and can_propose_item(user, meeting)
    return item.state == ItemState.ACCEPTED and item.owner_id == user.pk
