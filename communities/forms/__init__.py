"""What people fill in; limits that serve readers, and messages that say what to do."""

from communities.forms.agenda import EditItemForm, ItemForm, VoteForm
from communities.forms.community import (
    ApprovalForm,
    AskForm,
    CallOffForm,
    CommunityForm,
    GreetingForm,
    HandOverForm,
    IntroductionForm,
    InviteForm,
    NoteForm,
    ProposalForm,
    ReasonForm,
)
from communities.forms.consultation import AskPeersForm, CaseForm, ContributionForm, EditCaseForm
from communities.forms.dates import DayForm, notes_on, warnings_for
from communities.forms.invitation import InviteListForm
from communities.forms.meeting import (
    AnswerForm,
    EditMeetingForm,
    EndSeriesForm,
    PlanForm,
    suggested_agenda,
)
from communities.forms.topic import (
    EditForm,
    MendForm,
    NonceField,
    ReplyForm,
    ReportForm,
    TopicForm,
    moment_of,
    version,
)

__all__ = [
    "AnswerForm",
    "ApprovalForm",
    "AskForm",
    "AskPeersForm",
    "CallOffForm",
    "CaseForm",
    "CommunityForm",
    "ContributionForm",
    "DayForm",
    "EditCaseForm",
    "EditForm",
    "EditItemForm",
    "EditMeetingForm",
    "EndSeriesForm",
    "GreetingForm",
    "HandOverForm",
    "IntroductionForm",
    "InviteForm",
    "InviteListForm",
    "ItemForm",
    "MendForm",
    "NonceField",
    "NoteForm",
    "PlanForm",
    "ProposalForm",
    "ReasonForm",
    "ReplyForm",
    "ReportForm",
    "TopicForm",
    "VoteForm",
    "moment_of",
    "notes_on",
    "suggested_agenda",
    "version",
    "warnings_for",
]
