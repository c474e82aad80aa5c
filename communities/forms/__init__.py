"""What people fill in; limits that serve readers, and messages that say what to do."""

from communities.forms.community import AskForm, CommunityForm, InviteForm, ReasonForm
from communities.forms.topic import EditForm, NonceField, ReplyForm, ReportForm, TopicForm, version

__all__ = [
    "AskForm",
    "CommunityForm",
    "EditForm",
    "InviteForm",
    "NonceField",
    "ReasonForm",
    "ReplyForm",
    "ReportForm",
    "TopicForm",
    "version",
]
