from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Gap(TextChoices):
    """What is missing in a cell of the overall picture, by the rule of ``docs/overall-picture.md``."""

    EMPTY = "empty", _("No programme")
    GIRLS = "girls", _("Few girls")
    REACH = "reach", _("Reaches few")
    UNKNOWN = "unknown", _("Not known")

    @property
    def sign(self) -> str:
        """The drawing beside its word."""
        return {
            Gap.EMPTY: "circle-dashed",
            Gap.GIRLS: "triangle-alert",
            Gap.REACH: "users-round",
            Gap.UNKNOWN: "circle-question-mark",
        }[self]


class PlanState(TextChoices):
    """Where a thing of the work plan stands; what was dropped says why."""

    OPEN = "open", pgettext_lazy("plan", "Open")
    DONE = "done", pgettext_lazy("plan", "Done")
    DROPPED = "dropped", pgettext_lazy("plan", "Dropped")

    @property
    def tone(self) -> str:
        return {PlanState.OPEN: "teal", PlanState.DONE: "leaf", PlanState.DROPPED: "plain"}[self]
