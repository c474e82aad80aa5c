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


class FigureSource(TextChoices):
    """Where a figure of the register is from."""

    CBS = "cbs", _("Central Bureau of Statistics (CBS), local authorities 2024")
    EDUCATION = "education", _("Ministry of Education, results of matriculation examinations, January 2025")


class Measure(TextChoices):
    """What is told of a local authority by a public source; shares are in per cent, the rest are numbers of pupils."""

    MATRICULATION = "matriculation", _("Entitled to a matriculation certificate")
    UNIVERSITY = "university", _("Meet the universities' threshold")
    HIGHER_EDUCATION = "higher_education", _("Began higher education within eight years")
    PUPILS = "pupils", _("Pupils in its schools")
    HIGH_SCHOOL = "high_school", _("Pupils in its high schools")
    MATH = "math", _("Mathematics, 5 units")
    PHYSICS = "physics", _("Physics, 5 units")
    COMPUTERS = "computer_science", _("Computer science, 5 units")
    SOFTWARE = "software_systems_design", _("Software systems, 5 units")
    ELECTRONICS = "electronics_computers", _("Electronics and computers, 5 units")
    CHEMISTRY = "chemistry", _("Chemistry, 5 units")
    BIOLOGY = "biology", _("Biology, 5 units")
    ENGLISH = "english", _("English, 5 units")

    @property
    def is_share(self) -> bool:
        return self in (Measure.MATRICULATION, Measure.UNIVERSITY, Measure.HIGHER_EDUCATION)

    @property
    def is_subject(self) -> bool:
        return not self.is_share and self not in (Measure.PUPILS, Measure.HIGH_SCHOOL)

    @property
    def source(self) -> FigureSource:
        return FigureSource.EDUCATION if self.is_subject else FigureSource.CBS

    @property
    def whole(self):
        """Of whom it tells."""
        if self.is_subject:
            return _("examinees in its schools")
        return {
            Measure.MATRICULATION: _("of the residents in grade 12"),
            Measure.UNIVERSITY: _("of the residents in grade 12"),
            Measure.HIGHER_EDUCATION: _("of the residents who were in grade 12 in 2017"),
            Measure.PUPILS: _("in all grades"),
            Measure.HIGH_SCHOOL: _("in the high school grades"),
        }[self]


class ArchiveState(TextChoices):
    """Of all that the portal keeps about one person, in one file."""

    WAITING = "waiting", pgettext_lazy("archive of one's own", "Being made")
    READY = "ready", pgettext_lazy("archive of one's own", "Ready")
    FAILED = "failed", pgettext_lazy("archive of one's own", "It could not be made")
    OVER = "over", pgettext_lazy("archive of one's own", "Deleted after a week")


class Browser(TextChoices):
    """What a browser calls itself."""

    EDGE = "edge", "Edge"
    OPERA = "opera", "Opera"
    SAMSUNG = "samsung", "Samsung Internet"
    FIREFOX = "firefox", "Firefox"
    CHROME = "chrome", "Chrome"
    SAFARI = "safari", "Safari"
    OTHER = "", _("A browser")


class System(TextChoices):
    """What a browser runs on, as it says."""

    IPHONE = "iphone", "iPhone"
    IPAD = "ipad", "iPad"
    ANDROID = "android", "Android"
    WINDOWS = "windows", "Windows"
    MAC = "mac", "Mac"
    CHROMEOS = "chromeos", "ChromeOS"
    LINUX = "linux", "Linux"
    OTHER = "", _("an unknown device")
