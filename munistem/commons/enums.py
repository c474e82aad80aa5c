"""Words of the field that every room shares."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Language(TextChoices):
    """The languages of the portal, each called by its own name."""

    HE = "he", "עברית"
    AR = "ar", "العربية"
    EN = "en", "English"


class LifeStage(TextChoices):
    """The continuum from early childhood to employment, in its order."""

    EARLY_CHILDHOOD = "early_childhood", _("Early childhood")
    PRIMARY = "primary", _("Primary school")
    LOWER_SECONDARY = "lower_secondary", _("Lower secondary school")
    UPPER_SECONDARY = "upper_secondary", _("Upper secondary school")
    SERVICE = "service", _("Military and national service")
    HIGHER_EDUCATION = "higher_education", _("Higher education")
    EMPLOYMENT = "employment", _("Employment")


class Setting(TextChoices):
    """Where learning happens."""

    FORMAL = "formal", _("Formal education")
    INFORMAL = "informal", _("Informal education")
    FAMILY = "family", _("Family and community")
    INDUSTRY = "industry", _("Industry")


class Visibility(TextChoices):
    """Who may read a thing that someone publishes."""

    PUBLIC = "public", pgettext_lazy("visibility", "Everyone")
    NETWORK = "network", pgettext_lazy("visibility", "Members of the network")
    COMMUNITY = "community", pgettext_lazy("visibility", "Members of one community")
