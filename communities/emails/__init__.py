"""What the room tells people: the words of its notices and mails, and who is told."""

from communities.emails import community, meeting, minutes
from communities.emails.community import community_places, tell_of_topic, topic_places, whereabouts
from munistem.commons.notices.kinds import register, register_places

KINDS = (*community.KINDS, *meeting.KINDS, *minutes.KINDS)


def declare() -> None:
    register(*KINDS)
    register_places("communities.community", community_places)
    register_places("communities.topic", topic_places)
    register_places("communities.meeting", meeting.meeting_places)


__all__ = ["KINDS", "declare", "tell_of_topic", "whereabouts"]
