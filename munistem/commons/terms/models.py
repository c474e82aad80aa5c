from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from taggit.models import TagBase

from munistem.commons.text.languages import pick


class TermKind(models.TextChoices):
    SUBJECT = "subject", _("Subject")
    POPULATION = "population", _("Population")
    FREE = "free", _("Free tag")


class TermQuerySet(models.QuerySet):
    def subjects(self):
        return self.curated().filter(kind=TermKind.SUBJECT)

    def populations(self):
        return self.curated().filter(kind=TermKind.POPULATION)

    def curated(self):
        return self.filter(is_curated=True)

    def in_order(self):
        return self.order_by("kind", "position", "name")


class Term(TagBase):
    """A word of the shared vocabulary (curated, in three languages) or a free tag awaiting curation."""

    kind = models.TextField(_("Kind"), choices=TermKind, default=TermKind.FREE)
    name_he = models.TextField(_("Name in Hebrew"), blank=True)
    name_ar = models.TextField(_("Name in Arabic"), blank=True)
    name_en = models.TextField(_("Name in English"), blank=True)
    synonyms = ArrayField(models.TextField(), default=list, blank=True, verbose_name=_("Synonyms"))
    position = models.PositiveIntegerField(_("Place in the list"), default=0)
    is_curated = models.BooleanField(_("A word of the vocabulary"), default=False)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("word of the vocabulary")
        verbose_name_plural = _("words of the vocabulary")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_curated=False)
                | ~(models.Q(name_he="") | models.Q(name_ar="") | models.Q(name_en="")),
                name="curated_term_has_three_names",
            )
        ]

    def __str__(self):
        return pick(self, "name") or self.name

    @property
    def label(self) -> str:
        """The term in the reader's language."""
        return str(self)
