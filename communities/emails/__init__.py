"""What the room tells people: the words of its notices and mails, and who is told."""

from communities.emails import community, meeting
from communities.emails.community import tell_of_topic
from munistem.commons.notices.kinds import register

KINDS = (*community.KINDS, *meeting.KINDS)


def declare() -> None:
    register(*KINDS)


__all__ = ["KINDS", "declare", "tell_of_topic"]
