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
