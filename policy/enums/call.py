from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class CallWish(TextChoices):
    """What a person said of a call for proposals."""

    FOLLOW = "follow", pgettext_lazy("call", "Remind me before it closes")
    NOT_FOR_US = "not_for_us", pgettext_lazy("call", "Not for us")


class Fit(TextChoices):
    """How a call fits a municipality."""

    FITS = "fits", pgettext_lazy("call", "Fits you")
    UNSURE = "unsure", pgettext_lazy("call", "May fit you")
    OPEN = "open", pgettext_lazy("call", "Open to all")
    NOT = "not", pgettext_lazy("call", "Does not fit you")

    @property
    def tone(self) -> str:
        return {Fit.FITS: "leaf", Fit.UNSURE: "sun", Fit.OPEN: "teal", Fit.NOT: "plain"}[self]

    @property
    def sign(self) -> str:
        """The drawing beside its word."""
        return {
            Fit.FITS: "circle-check",
            Fit.UNSURE: "circle-question-mark",
            Fit.OPEN: "circle",
            Fit.NOT: "circle-minus",
        }[self]
