"""What the search knows of the collection as a whole; all of it is counted from what every visitor may read.

So neither order nor spelling nor suggestions can tell anybody of a row that is not for them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Edition(models.Model):
    """What the analyser knows of the collection from a certain night on; each row says which edition has read it."""

    number = models.PositiveIntegerField(_("Number"), primary_key=True)
    rules = models.TextField(help_text="fingerprint of the analyser's code and word list")
    counts = models.BinaryField(help_text="how often which word is written, see ``reading.Counts``")
    word_count = models.PositiveBigIntegerField(_("Words read"), default=0)
    synonyms = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("Made"), auto_now_add=True)
    is_settled = models.BooleanField(_("Every text is read by it"), default=False)

    class Meta:
        verbose_name = _("edition of the search index")
        verbose_name_plural = _("editions of the search index")

    def __str__(self):
        return str(self.number)


class Collection(models.Model):
    """How many public rows a kind has and how long they are."""

    kind = models.TextField(primary_key=True, help_text="room.model; empty: all of them")
    rows = models.PositiveIntegerField(default=0)
    mean_length = models.FloatField(default=0)

    def __str__(self):
        return self.kind


class TermCount(models.Model):
    """In how many public rows of a kind a term stands; those that stand in one are left out."""

    kind = models.TextField()
    term = models.TextField()
    rows = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "kind"], name="term_counted_once_a_kind")]

    def __str__(self):
        return self.term


class Word(models.Model):
    """A word of the public texts: as it is indexed, as it is mostly written, and in how many rows."""

    word = models.TextField(primary_key=True)
    spelling = models.TextField()
    rows = models.PositiveIntegerField()

    def __str__(self):
        return self.spelling


class TitleCheck(models.Model):
    """A nightly look at whether every public row is found by its title among the first three."""

    started_at = models.DateTimeField(_("Started"), auto_now_add=True)
    ended_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("Rows looked for"), default=0)
    missed = models.JSONField(default=list, help_text="list of {kind, key, title, url}")

    class Meta:
        verbose_name = _("check of the search")
        verbose_name_plural = _("checks of the search")

    def __str__(self):
        return f"{self.started_at:%Y-%m-%d}"
