from communities.models.community import Community, CommunityTerm, Membership
from communities.models.topic import Attachment, Edit, Helpful, Mention, Post, Topic, TopicRead

__all__ = [
    "Attachment",
    "Community",
    "CommunityTerm",
    "Edit",
    "Helpful",
    "Membership",
    "Mention",
    "Post",
    "Topic",
    "TopicRead",
]
