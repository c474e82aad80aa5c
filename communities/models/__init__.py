from communities.models.community import Community, CommunityTerm, Membership
from communities.models.facilitation import Greeting, GreetingText
from communities.models.meeting import (
    AgendaItem,
    CalendarFeed,
    DateOption,
    DateVote,
    Invitee,
    Meeting,
    Series,
)
from communities.models.minutes import Decision, Minutes, MinutesFile, Paragraph, Remark, Task
from communities.models.topic import Attachment, Edit, Helpful, Mention, Post, Topic, TopicRead

__all__ = [
    "AgendaItem",
    "Attachment",
    "CalendarFeed",
    "Community",
    "CommunityTerm",
    "DateOption",
    "DateVote",
    "Decision",
    "Edit",
    "Greeting",
    "GreetingText",
    "Helpful",
    "Invitee",
    "Meeting",
    "Membership",
    "Mention",
    "Minutes",
    "MinutesFile",
    "Paragraph",
    "Post",
    "Remark",
    "Series",
    "Task",
    "Topic",
    "TopicRead",
]
