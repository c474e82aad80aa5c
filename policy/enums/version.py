from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class VersionState(TextChoices):
    """What a version of a recommendation is to the network."""

    DRAFT = "draft", pgettext_lazy("version", "Draft")
    CONSULTATION = "consultation", pgettext_lazy("version", "Open to the network")
    ADOPTED = "adopted", pgettext_lazy("version", "Adopted by the network")
    SUPERSEDED = "superseded", pgettext_lazy("version", "Superseded")
    WITHDRAWN = "withdrawn", pgettext_lazy("version", "Withdrawn")

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return {
            VersionState.DRAFT: "plain",
            VersionState.CONSULTATION: "sun",
            VersionState.ADOPTED: "leaf",
            VersionState.SUPERSEDED: "plain",
            VersionState.WITHDRAWN: "clay",
        }[self]

    @property
    def sign(self) -> str:
        """The drawing beside its word."""
        return {
            VersionState.DRAFT: "pencil",
            VersionState.CONSULTATION: "messages-square",
            VersionState.ADOPTED: "stamp",
            VersionState.SUPERSEDED: "history",
            VersionState.WITHDRAWN: "circle-minus",
        }[self]


class Indicator(TextChoices):
    """What a recommendation should move: figures that the overall picture of a municipality shows."""

    EMPTY_CELLS = "empty_cells", pgettext_lazy("indicator", "Life stages and settings without a programme")
    PARTICIPANTS = "participants", pgettext_lazy("indicator", "Participants in programmes")
    GIRLS_SHARE = "girls_share", pgettext_lazy("indicator", "Share of girls among participants")
    COVERAGE = "coverage", pgettext_lazy("indicator", "Share of pupils reached")
    UNKNOWN = "unknown", pgettext_lazy("indicator", "Figures that are not known")
    MATRICULATION = "matriculation", pgettext_lazy("indicator", "Eligibility for matriculation")
    FIVE_UNITS_MATH = "five_units_math", pgettext_lazy("indicator", "Five units in mathematics")
    FIVE_UNITS_SCIENCE = (
        "five_units_science",
        pgettext_lazy("indicator", "Five units in science and technology"),
    )
