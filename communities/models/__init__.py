from communities.models.agenda import AgendaItem
from communities.models.community import Community, CommunityTerm, Membership
from communities.models.consultation import Consultation, Contribution, PeerRequest
from communities.models.facilitation import Greeting, GreetingText, Note, Nudge
from communities.models.held import HeldFile, HeldPost
from communities.models.introduction import Introduction
from communities.models.invitation import CommunityInvitation
from communities.models.meeting import (
    CalendarFeed,
    DateOption,
    DateVote,
    Invitee,
    Meeting,
    Series,
)
from communities.models.minutes import Minutes, MinutesFile, Paragraph, Remark
from communities.models.outcome import Decision, Task
from communities.models.proposal import CommunityProposal
from communities.models.topic import Attachment, Edit, Helpful, Mention, Post, Topic, TopicRead

__all__ = [
    "AgendaItem",
    "Attachment",
    "CalendarFeed",
    "Community",
    "CommunityInvitation",
    "CommunityProposal",
    "CommunityTerm",
    "Consultation",
    "Contribution",
    "DateOption",
    "DateVote",
    "Decision",
    "Edit",
    "Greeting",
    "GreetingText",
    "HeldFile",
    "HeldPost",
    "Helpful",
    "Introduction",
    "Invitee",
    "Meeting",
    "Membership",
    "Mention",
    "Minutes",
    "MinutesFile",
    "Note",
    "Nudge",
    "Paragraph",
    "PeerRequest",
    "Post",
    "Remark",
    "Series",
    "Task",
    "Topic",
    "TopicRead",
]
