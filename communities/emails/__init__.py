"""What the room tells people: the words of its notices and mails, and who is told."""

from communities.emails import (
    community,
    consultation,
    contact,
    greeting,
    held,
    invitation,
    life,
    meeting,
    minutes,
)
from communities.emails.community import (
    community_places,
    topic_places,
)
from communities.emails.consultation import headings_of_case
from communities.emails.contact import prepared_note
from communities.emails.greeting import prepared_text, salutation
from communities.emails.introduction import mail_introductions, prepared_introduction
from communities.emails.invitation import mail_invitations
from communities.emails.telling import (
    outcome_of_topic,
    reach_of_topic,
    tell_of_reply,
    tell_of_topic,
    whereabouts,
)
from munistem.commons.notices.kinds import register, register_places

KINDS = (
    *community.KINDS,
    *consultation.KINDS,
    *contact.KINDS,
    *greeting.KINDS,
    *held.KINDS,
    *invitation.KINDS,
    *life.KINDS,
    *meeting.KINDS,
    *minutes.KINDS,
)


def declare() -> None:
    register(*KINDS)
    register_places("communities.community", community_places)
    register_places("communities.topic", topic_places)
    register_places("communities.meeting", meeting.meeting_places)


__all__ = [
    "KINDS",
    "declare",
    "headings_of_case",
    "mail_introductions",
    "mail_invitations",
    "outcome_of_topic",
    "prepared_introduction",
    "prepared_note",
    "prepared_text",
    "reach_of_topic",
    "salutation",
    "tell_of_reply",
    "tell_of_topic",
    "whereabouts",
]
