from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
