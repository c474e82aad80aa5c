"""How the network reviews: whether nobody decides on what they wrote themselves."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReviewSettingsQuerySet(models.QuerySet):
    def one_is_enough(self):
        """The row, when reviewers may decide on what they wrote themselves."""
        return self.filter(needs_two_persons=False)


class ReviewSettings(models.Model):
    """How the network reviews; no row says what one that was never changed says."""

    key = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    needs_two_persons = models.BooleanField(
        default=True, help_text="nobody but admins decides on what they wrote themselves"
    )
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ReviewSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = _("way of reviewing")
        verbose_name_plural = _("ways of reviewing")
        constraints = [models.CheckConstraint(condition=Q(key=1), name="one_way_of_reviewing")]

    def __str__(self):
        return str(self.needs_two_persons)


def needs_two_persons() -> bool:
    """Whether what somebody wrote is decided on by somebody else."""
    return not ReviewSettings.objects.one_is_enough().exists()
