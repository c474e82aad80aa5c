from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ItemKind(TextChoices):
    GUIDE = "guide", pgettext_lazy("knowledge item", "Guide")
    CASE_STUDY = "case_study", pgettext_lazy("knowledge item", "Case study")
    TOOL = "tool", pgettext_lazy("knowledge item", "Tool")
    RESEARCH = "research", pgettext_lazy("knowledge item", "Research")
    VIDEO = "video", pgettext_lazy("knowledge item", "Video")
    LOCAL_MODEL = "local_model", pgettext_lazy("knowledge item", "Local model")
    CALL = "call", pgettext_lazy("knowledge item", "Call for proposals")
    MEETING = "meeting", pgettext_lazy("knowledge item", "Meeting material")


class RevisionState(TextChoices):
    DRAFT = "draft", pgettext_lazy("revision", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("revision", "Waiting for review")
    RETURNED = "returned", pgettext_lazy("revision", "Returned with remarks")
    PUBLISHED = "published", pgettext_lazy("revision", "Published")
    REPLACED = "replaced", pgettext_lazy("revision", "Replaced by a later one")


class Question(TextChoices):
    """What a reviewer asks of every revision."""

    CLEAR = "clear", _("Could a colleague in another municipality understand and do it?")
    TRUE = "true", _("Is it true, and does it say from where it knows?")
    DESCRIBED = "described", _("Is it described so that those who need it find it?")
    RIGHTS = "rights", _("May it be shared under this licence, pictures included?")
    PRIVATE = "private", _("Is it free of personal details and of faces of children?")
    ACCESSIBLE = "accessible", _("Can everyone read its files, with a screen reader too?")


class Verdict(TextChoices):
    """A reviewer's answer to one question."""

    YES = "yes", pgettext_lazy("review", "Yes")
    PARTLY = "partly", pgettext_lazy("review", "Partly")
    NO = "no", pgettext_lazy("review", "No")


class Answer(TextChoices):
    """Of who is asked to be named and quoted."""

    WAITING = "waiting", pgettext_lazy("consent", "Not answered yet")
    GIVEN = "given", pgettext_lazy("consent", "Agreed")
    DECLINED = "declined", pgettext_lazy("consent", "Left out")


class Licence(TextChoices):
    """Under which terms others may use an item."""

    CC_BY = "cc_by", _("CC BY 4.0 – use with credit")
    CC_BY_SA = "cc_by_sa", _("CC BY-SA 4.0 – use with credit, share alike")
    CC_BY_NC = "cc_by_nc", _("CC BY-NC 4.0 – not commercially")
    NETWORK = "network", _("For work within the network")
    RESERVED = "reserved", _("All rights reserved")


class Evidence(TextChoices):
    """On what it stands that something works."""

    EXPERIENCE = "experience", pgettext_lazy("evidence", "Our experience and what people told us")
    FIGURES = "figures", pgettext_lazy("evidence", "Figures we kept before and after")
    EVALUATION = "evaluation", pgettext_lazy("evidence", "An evaluation from outside")
    RESEARCH = "research", pgettext_lazy("evidence", "Research that compared with others")


class Audience(TextChoices):
    """Who is to use an item."""

    MANAGERS = "managers", pgettext_lazy("audience", "STEM and education managers of municipalities")
    LEADERS = "leaders", pgettext_lazy("audience", "Mayors and decision makers")
    PRINCIPALS = "principals", pgettext_lazy("audience", "Principals")
    EDUCATORS = "educators", pgettext_lazy("audience", "Teachers and instructors")
    FAMILIES = "families", pgettext_lazy("audience", "Parents and families")
    PARTNERS = "partners", pgettext_lazy("audience", "Organisations, companies and academia")


class Privacy(TextChoices):
    """Whether an item shows personal details or children's faces; asked before it is sent for review."""

    NONE = "none", pgettext_lazy("privacy", "No – no personal details and no faces of children")
    AGREED = (
        "agreed",
        pgettext_lazy("privacy", "Yes, and the people, or the children's parents, agreed in writing"),
    )


class When(TextChoices):
    """At which time its keepers are asked whether an item is still right."""

    SOON = "soon", pgettext_lazy("validity", "A month before its day")
    OVER = "over", pgettext_lazy("validity", "When its day is over")


class StillRight(TextChoices):
    """What they said."""

    YES = "yes", pgettext_lazy("validity", "Still right")


class Facet(TextChoices):
    """Sides from which the library is looked at; the value is the name in an address."""

    STAGE = "stage", _("Life stage")
    KIND = "kind", pgettext_lazy("facet", "Kind")
    SUBJECT = "subject", _("Subject")
    POPULATION = "population", pgettext_lazy("facet", "For whom")
    SETTING = "setting", _("Setting")
    LANGUAGE = "language", _("Language")
    DISTRICT = "district", _("District")
    AUTHORITY = "authority", _("Municipality")
    YEAR = "year", _("Year")
    AUDIENCE = "audience", _("Who is to use it")
    LICENCE = "licence", _("How others may use it")


class ExportState(TextChoices):
    """Of a whole community in one file."""

    WAITING = "waiting", pgettext_lazy("export", "Being made")
    READY = "ready", pgettext_lazy("export", "Ready")
    FAILED = "failed", pgettext_lazy("export", "It could not be made")
    OVER = "over", pgettext_lazy("export", "Deleted after a week")


class Benefit(TextChoices):
    """How an item was of use to somebody."""

    SAVED_TIME = "saved_time", pgettext_lazy("useful", "It saved me time")
    TRIED = "tried", pgettext_lazy("useful", "We tried it")
    PASSED_ON = "passed_on", pgettext_lazy("useful", "I brought it to others")
    LEARNT = "learnt", pgettext_lazy("useful", "I learnt something")


class FollowKind(TextChoices):
    """What of the library can be followed; what stands in a follow's value."""

    STAGE = "stage", pgettext_lazy("follow", "Life stage")
    SUBJECT = "subject", pgettext_lazy("follow", "Subject")
    POPULATION = "population", pgettext_lazy("follow", "For whom")
    TAG = "tag", pgettext_lazy("follow", "Tag")
    ORGANISATION = "organisation", pgettext_lazy("follow", "Organisation")
    COLLECTION = "collection", pgettext_lazy("follow", "Collection")
    SEARCH = "search", pgettext_lazy("follow", "Search")


class Shown(TextChoices):
    """To whom an adaptation and its report are shown, beside the two sides and the knowledge managers."""

    NOBODY = "nobody", pgettext_lazy("adaptation", "Only those who wrote the item")
    NETWORK = "network", pgettext_lazy("adaptation", "Members of the network")
    PUBLIC = "public", pgettext_lazy("adaptation", "Everyone")


class UseKind(TextChoices):
    """What is counted of an item."""

    VIEW = "view", pgettext_lazy("use of an item", "Views")
    DOWNLOAD = "download", pgettext_lazy("use of an item", "Downloads")
