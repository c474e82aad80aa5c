from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Gender(TextChoices):
    """As people say of themselves; what nobody said stays unknown."""

    WOMAN = "woman", pgettext_lazy("gender", "Woman")
    MAN = "man", pgettext_lazy("gender", "Man")
    OTHER = "other", pgettext_lazy("gender", "Says it differently")


class SeatRole(TextChoices):
    """From where someone at a roundtable speaks."""

    MUNICIPAL = "municipal", pgettext_lazy("seat", "Municipal management")
    EDUCATOR = "educator", pgettext_lazy("seat", "Teaching and running schools")
    NON_FORMAL = "non_formal", pgettext_lazy("seat", "Informal education")
    RESEARCH = "research", pgettext_lazy("seat", "Research and academia")
    INDUSTRY = "industry", pgettext_lazy("seat", "Industry")
    FUNDER = "funder", pgettext_lazy("seat", "Philanthropy")
    RESIDENT = "resident", pgettext_lazy("seat", "Residents, parents and students")


class SeatAnswer(TextChoices):
    """What an invited person said."""

    NONE = "", pgettext_lazy("seat", "No answer yet")
    YES = "yes", pgettext_lazy("seat", "Comes")
    NO = "no", pgettext_lazy("seat", "Cannot come")


class Dimension(TextChoices):
    """In what a roundtable should be mixed."""

    GENDER = "gender", _("Gender")
    SECTOR = "sector", _("Sector")
    DISTRICT = "district", _("District")
    LANGUAGE = "language", _("Language")
    ROLE = "role", _("Role")


class Outcome(TextChoices):
    """What became of a comment."""

    TAKEN = "taken", pgettext_lazy("comment", "Taken up")
    PARTLY = "partly", pgettext_lazy("comment", "Taken up in part")
    NOT_TAKEN = "not_taken", pgettext_lazy("comment", "Not taken up")
    NOTED = "noted", pgettext_lazy("comment", "Thank you, noted")

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return {Outcome.TAKEN: "leaf", Outcome.PARTLY: "teal", Outcome.NOT_TAKEN: "plain"}.get(self, "plain")
