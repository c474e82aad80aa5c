"""What the room tells people: the words of its notices and mails, and who is told."""

from communities.emails.community import KINDS, tell_of_topic
from munistem.commons.notices.kinds import register


def declare() -> None:
    register(*KINDS)


__all__ = ["KINDS", "declare", "tell_of_topic"]
