from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class Access(TextChoices):
    """Who may read and join a community; the label is one word, ``said`` the whole sentence."""

    OPEN = "open", pgettext_lazy("community", "Open")
    REQUEST = "request", pgettext_lazy("community", "By request")
    CLOSED = "closed", pgettext_lazy("community", "Closed")

    @property
    def said(self):
        return {
            Access.OPEN: pgettext_lazy("community", "Everyone may read, every network member may join."),
            Access.REQUEST: pgettext_lazy("community", "Members read and write; the facilitators admit."),
            Access.CLOSED: pgettext_lazy("community", "By invitation only, and not shown to others."),
        }[self]


class Moderation(TextChoices):
    """Whether what members write waits for a facilitator before others read it."""

    AFTER = "after", pgettext_lazy("moderation", "At once")
    NEWCOMERS = "newcomers", pgettext_lazy("moderation", "Newcomers wait")
    EVERYBODY = "everybody", pgettext_lazy("moderation", "Everybody waits")

    @property
    def said(self):
        return {
            Moderation.AFTER: pgettext_lazy(
                "moderation", "What members write appears at once; facilitators look at what readers report."
            ),
            Moderation.NEWCOMERS: pgettext_lazy(
                "moderation",
                "What a member writes is read by a facilitator first, until a first text appeared.",
            ),
            Moderation.EVERYBODY: pgettext_lazy(
                "moderation", "Every text and every change of one is read by a facilitator first."
            ),
        }[self]


class HeldState(TextChoices):
    """Of a text that a facilitator reads before others do."""

    WAITING = "waiting", pgettext_lazy("held text", "Waits for a facilitator")
    RETURNED = "returned", pgettext_lazy("held text", "Came back with a reason")
    RELEASED = "released", pgettext_lazy("held text", "Appeared")
    WITHDRAWN = "withdrawn", pgettext_lazy("held text", "Taken back")


class ProposalState(TextChoices):
    """Of a community that somebody would like to open."""

    WAITING = "waiting", pgettext_lazy("proposed community", "Waits for an answer")
    APPROVED = "approved", pgettext_lazy("proposed community", "Opened")
    DECLINED = "declined", pgettext_lazy("proposed community", "Not opened")
    WITHDRAWN = "withdrawn", pgettext_lazy("proposed community", "Taken back")


class MembershipState(TextChoices):
    INVITED = "invited", pgettext_lazy("membership", "Invited")
    ASKED = "asked", pgettext_lazy("membership", "Asked to join")
    ACTIVE = "active", pgettext_lazy("membership", "Member")
    DECLINED = "declined", pgettext_lazy("membership", "Not admitted")
    LEFT = "left", pgettext_lazy("membership", "Left")
    REMOVED = "removed", pgettext_lazy("membership", "Removed")


class TopicKind(TextChoices):
    QUESTION = "question", pgettext_lazy("topic", "Question")
    CASE = "case", pgettext_lazy("topic", "Case from the field")
    ANNOUNCEMENT = "announcement", pgettext_lazy("topic", "Announcement")
    HELP = "help", pgettext_lazy("topic", "Help wanted")
    CONSULTATION = "consultation", pgettext_lazy("topic", "Peer consultation")


class Stage(TextChoices):
    """What a peer consultation waits for; its case is told when it begins."""

    QUESTIONS = "questions", pgettext_lazy("consultation", "Clarifying questions")
    ADVICE = "advice", pgettext_lazy("consultation", "Advice from colleagues")
    TAKING = "taking", pgettext_lazy("consultation", "To take and try")
    OUTCOME = "outcome", pgettext_lazy("consultation", "What came of it")
    DONE = "done", pgettext_lazy("consultation", "Finished")


class Part(TextChoices):
    """Under which heading of a consultation a post stands."""

    QUESTION = "question", pgettext_lazy("consultation", "Clarifying questions")
    ADVICE = "advice", pgettext_lazy("consultation", "Advice from colleagues")
    TAKEAWAY = "takeaway", pgettext_lazy("consultation", "To take and try")
    OUTCOME = "outcome", pgettext_lazy("consultation", "What came of it")


class MeetingKind(TextChoices):
    """What a meeting is for; each comes with an agenda to begin from."""

    LEARNING = "learning", pgettext_lazy("meeting", "Learning together")
    WORK = "work", pgettext_lazy("meeting", "Working meeting")
    VISIT = "visit", pgettext_lazy("meeting", "Visit to a municipality")
    GUEST = "guest", pgettext_lazy("meeting", "Talk by a guest")
    OTHER = "other", pgettext_lazy("meeting", "Meeting")


class MeetingForm(TextChoices):
    """Where one takes part."""

    IN_PERSON = "in_person", pgettext_lazy("meeting", "In person")
    ONLINE = "online", pgettext_lazy("meeting", "Online")
    BOTH = "both", pgettext_lazy("meeting", "In person and online")


class MeetingState(TextChoices):
    """A planned meeting whose end is past has been held; closing it is a deed, being over is not."""

    DRAFT = "draft", pgettext_lazy("meeting", "Draft")
    POLL = "poll", pgettext_lazy("meeting", "Looking for a date")
    PLANNED = "planned", pgettext_lazy("meeting", "Planned")
    CLOSED = "closed", pgettext_lazy("meeting", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")


class Recurrence(TextChoices):
    """How often the meetings of a series come."""

    WEEKLY = "weekly", pgettext_lazy("series", "Every week")
    FORTNIGHTLY = "fortnightly", pgettext_lazy("series", "Every two weeks")
    MONTHLY = "monthly", pgettext_lazy("series", "Every month")
    BIMONTHLY = "bimonthly", pgettext_lazy("series", "Every two months")


class Coming(TextChoices):
    """What an invited person answered; silent until then."""

    SILENT = "silent", pgettext_lazy("answer", "No answer yet")
    COMING = "coming", pgettext_lazy("answer", "Coming")
    ONLINE = "online", pgettext_lazy("answer", "Joining online")
    SUBSTITUTE = "substitute", pgettext_lazy("answer", "Sending a substitute")
    NO = "no", pgettext_lazy("answer", "Not coming")


class ItemState(TextChoices):
    """Of a line of the agenda."""

    PROPOSED = "proposed", pgettext_lazy("agenda item", "Proposed")
    ACCEPTED = "accepted", pgettext_lazy("agenda item", "On the agenda")
    DECLINED = "declined", pgettext_lazy("agenda item", "Not this time")


class Vote(TextChoices):
    """How a proposed date suits."""

    YES = "yes", pgettext_lazy("date", "Yes")
    MAYBE = "maybe", pgettext_lazy("date", "If need be")
    NO = "no", pgettext_lazy("date", "No")


class MinutesState(TextChoices):
    """Sent, those who were there may remark; silence approves."""

    DRAFT = "draft", pgettext_lazy("minutes", "Draft")
    SENT = "sent", pgettext_lazy("minutes", "Open for remarks")
    APPROVED = "approved", pgettext_lazy("minutes", "Approved")


class ParagraphKind(TextChoices):
    """What a part of the minutes shows; only text is written in it."""

    PEOPLE = "people", pgettext_lazy("minutes", "Who was there")
    TEXT = "text", pgettext_lazy("minutes", "What was said")
    DECISIONS = "decisions", pgettext_lazy("minutes", "Decisions")
    TASKS = "tasks", pgettext_lazy("minutes", "Tasks")


class InvitationState(TextChoices):
    """Of an invitation to a community, whether its address is known in the network or not."""

    OPEN = "open", pgettext_lazy("invitation", "Waits for an answer")
    ACCEPTED = "accepted", pgettext_lazy("invitation", "Accepted")
    DECLINED = "declined", pgettext_lazy("invitation", "Said no")
    WITHDRAWN = "withdrawn", pgettext_lazy("invitation", "Taken back")
    EXPIRED = "expired", pgettext_lazy("invitation", "Expired")


class Finding(TextChoices):
    """What a line of a list of people to invite means, looked at before anything is sent."""

    NEWCOMER = "newcomer", pgettext_lazy("list of invitations", "New to the network")
    PERSON = "person", pgettext_lazy("list of invitations", "In the network already")
    ASKED = "asked", pgettext_lazy("list of invitations", "Asked to join: is admitted")
    MEMBER = "member", pgettext_lazy("list of invitations", "A member already")
    INVITED = "invited", pgettext_lazy("list of invitations", "Invited already")
    DECLINED = "declined", pgettext_lazy("list of invitations", "Said no to an invitation")
    REMOVED = "removed", pgettext_lazy("list of invitations", "Was removed from the community")
    CLOSED = "closed", pgettext_lazy("list of invitations", "This account was closed")
    BOUNCED = "bounced", pgettext_lazy("list of invitations", "Mail to this address comes back")
    DOUBLE = "double", pgettext_lazy("list of invitations", "Stands in the list twice")
    WRONG = "wrong", pgettext_lazy("list of invitations", "No mail address found")

    @property
    def is_invited_now(self) -> bool:
        return self in {Finding.NEWCOMER, Finding.PERSON, Finding.ASKED}
