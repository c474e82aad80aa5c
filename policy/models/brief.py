"""The annual brief of a municipality once it is signed off: what it says and how it looks, kept as it was."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import LocalAuthority
from munistem.commons.days.school import school_year_name
from munistem.commons.enums import Language
from policy.models.figures import FIRST_YEAR, LAST_YEAR


class BriefSignOffQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A signed brief holds what everyone is told: it is public."""
        return self

    def of(self, authority):
        return self.filter(authority=authority)

    def of_year(self, year: int):
        return self.filter(year=year)

    def latest_first(self):
        return self.order_by("-year", "-edition")


class BriefSignOff(models.Model):
    """An edition of the annual brief, signed off by a manager of the municipality; the database refuses every change of it.

    year: the calendar year in which the school year begins; fingerprint: of what it says, so that the same is signed once.
    """

    authority = models.ForeignKey(
        LocalAuthority, models.PROTECT, related_name="brief_sign_offs", verbose_name=_("Local authority")
    )
    year = models.PositiveSmallIntegerField(_("School year"))
    edition = models.PositiveSmallIntegerField(_("Edition"))
    asks = models.TextField(_("What is asked"), blank=True, help_text=_("one a line"))
    fingerprint = models.TextField(editable=False)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="signed_briefs",
        verbose_name=_("Signed off by"),
    )
    signed_at = models.DateTimeField(_("Signed off on"), default=timezone.now)

    objects = BriefSignOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("signed brief")
        verbose_name_plural = _("signed briefs")
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "year", "edition"], name="one_signed_brief_per_edition"
            ),
            models.CheckConstraint(
                condition=Q(edition__gte=1, year__gte=FIRST_YEAR, year__lte=LAST_YEAR) & ~Q(fingerprint=""),
                name="signed_brief_has_year_and_edition",
            ),
        ]

    def __str__(self):
        return f"{self.authority} {school_year_name(self.year)} ({self.edition})"

    def get_absolute_url(self):
        return reverse("serve_signed_brief", args=[self.authority_id, self.pk])


class BriefCopyQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Copies are seen with what was signed."""
        return self.filter(sign_off__in=BriefSignOff.objects.visible_to(user).values("pk"))


class BriefCopy(models.Model):
    """A signed brief in one language: its words as they were set, and the PDF."""

    sign_off = models.ForeignKey(BriefSignOff, models.PROTECT, related_name="copies")
    language = models.TextField(choices=Language)
    told = models.JSONField()
    paper = models.BinaryField()

    objects = BriefCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("copy of a signed brief")
        verbose_name_plural = _("copies of signed briefs")
        constraints = [
            models.UniqueConstraint(
                fields=["sign_off", "language"], name="one_copy_of_signed_brief_per_language"
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="brief_copy_language_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.sign_off} {self.get_language_display()}"
