from communities.models.community import Community, CommunityTerm, Membership
from communities.models.meeting import (
    AgendaItem,
    CalendarFeed,
    DateOption,
    DateVote,
    Invitee,
    Meeting,
    Series,
)
from communities.models.topic import Attachment, Edit, Helpful, Mention, Post, Topic, TopicRead

__all__ = [
    "AgendaItem",
    "Attachment",
    "CalendarFeed",
    "Community",
    "CommunityTerm",
    "DateOption",
    "DateVote",
    "Edit",
    "Helpful",
    "Invitee",
    "Meeting",
    "Membership",
    "Mention",
    "Post",
    "Series",
    "Topic",
    "TopicRead",
]
