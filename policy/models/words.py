"""What a recommendation says, in the three languages of the network."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from munistem.commons.text.languages import pick

CODES = ("he", "ar", "en")
#: What a recommendation says, in the order of its page; each is a field of every language.
SAID = ("title", "summary", "rationale", "actions")


class Worded(models.Model):
    """Title, summary, reasons and steps in three languages."""

    title_he = models.TextField(_("Title in Hebrew"))
    title_ar = models.TextField(_("Title in Arabic"), blank=True)
    title_en = models.TextField(_("Title in English"), blank=True)
    summary_he = models.TextField(_("Summary in Hebrew"), blank=True)
    summary_ar = models.TextField(_("Summary in Arabic"), blank=True)
    summary_en = models.TextField(_("Summary in English"), blank=True)
    rationale_he = models.TextField(
        _("Reasons in Hebrew"), blank=True, help_text=_("paragraphs with an empty line between them")
    )
    rationale_ar = models.TextField(_("Reasons in Arabic"), blank=True)
    rationale_en = models.TextField(_("Reasons in English"), blank=True)
    actions_he = models.TextField(_("Steps in Hebrew"), blank=True, help_text=_("one action a line"))
    actions_ar = models.TextField(_("Steps in Arabic"), blank=True, help_text=_("one action a line"))
    actions_en = models.TextField(_("Steps in English"), blank=True, help_text=_("one action a line"))

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        return pick(self, "title")

    @property
    def summary(self) -> str:
        return pick(self, "summary")

    @property
    def rationale(self) -> str:
        return pick(self, "rationale")

    @property
    def actions(self) -> list[str]:
        """The concrete steps in the reader's language, in their order."""
        return lines(pick(self, "actions"))


def lines(text: str) -> list[str]:
    """Lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
