from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationType(TextChoices):
    MUNICIPALITY = "municipality", _("Municipality")
    CLUSTER = "cluster", _("Regional cluster")
    GOVERNMENT = "government", _("Government")
    NGO = "ngo", _("Third sector")
    FOUNDATION = "foundation", _("Foundation")
    COMPANY = "company", _("Company")
    ACADEMIA = "academia", _("Academia")


class AuthorityStatus(TextChoices):
    """Municipal status as the Central Bureau of Statistics has it."""

    CITY = "city", _("City")
    LOCAL_COUNCIL = "local_council", _("Local council")
    INDUSTRIAL_COUNCIL = "industrial_council", _("Industrial council")
    REGIONAL_COUNCIL = "regional_council", _("Regional council")


class PopulationGroup(TextChoices):
    """Majority of the residents, as in the register; not a statement on each resident."""

    JEWISH = "jewish", pgettext_lazy("population group", "Jewish")
    ARAB = "arab", pgettext_lazy("population group", "Arab")
    DRUZE = "druze", pgettext_lazy("population group", "Druze")
    BEDOUIN = "bedouin", pgettext_lazy("population group", "Bedouin")
    CIRCASSIAN = "circassian", pgettext_lazy("population group", "Circassian")
    MIXED = "mixed", pgettext_lazy("population group", "Mixed")


class District(TextChoices):
    NORTH = "north", _("Northern District")
    HAIFA = "haifa", _("Haifa District")
    CENTRE = "centre", _("Central District")
    TEL_AVIV = "tel_aviv", _("Tel Aviv District")
    JERUSALEM = "jerusalem", _("Jerusalem District")
    SOUTH = "south", _("Southern District")
    JUDEA_SAMARIA = "judea_samaria", _("Judea and Samaria Area")


class ApplicationState(TextChoices):
    DRAFT = "draft", pgettext_lazy("application", "Draft")
    RECEIVED = "received", pgettext_lazy("application", "Received")
    IN_REVIEW = "in_review", pgettext_lazy("application", "In review")
    QUESTION = "question", pgettext_lazy("application", "A question for you")
    APPROVED = "approved", pgettext_lazy("application", "Approved")
    DECLINED = "declined", pgettext_lazy("application", "Declined")
    MERGED = "merged", pgettext_lazy("application", "Joined to another application")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")


class TeamRequestState(TextChoices):
    UNVERIFIED = "unverified", pgettext_lazy("team request", "Address not yet confirmed")
    WAITING = "waiting", pgettext_lazy("team request", "Waiting for a manager")
    ACCEPTED = "accepted", pgettext_lazy("team request", "Accepted")
    DECLINED = "declined", pgettext_lazy("team request", "Declined")
