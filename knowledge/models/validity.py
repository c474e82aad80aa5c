"""Asking those who keep an item whether it is still right: a month before its day is over, and when it is."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import StillRight, When
from knowledge.models.item import Item


class ValidityQuestionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those who wrote the item, the managers of its organisation, reviewers."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff or user.is_knowledge_manager:
            return self
        return self.filter(item__in=Item.objects.own(user).values("pk"))

    def waiting(self):
        """Not answered, of an item that still stands and whose day is the one that was asked about."""
        return self.filter(
            answer="",
            item__withdrawn_at__isnull=True,
            item__published__isnull=False,
            day=F("item__valid_until"),
        )

    def waiting_for(self, user):
        return self.visible_to(user).waiting()


class ValidityQuestion(models.Model):
    """Asked once for each day until which an item holds, and once more when that day is over."""

    item = models.ForeignKey(
        Item, models.PROTECT, related_name="validity_questions", verbose_name=_("Knowledge item")
    )
    day = models.DateField(_("Valid until"))
    when = models.TextField(choices=When)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(choices=StillRight, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="validity_answers"
    )

    objects = ValidityQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question whether an item is still right")
        verbose_name_plural = _("questions whether items are still right")
        constraints = [
            models.UniqueConstraint(fields=["item", "day", "when"], name="asked_once_whether_still_right"),
            models.CheckConstraint(
                condition=Q(when__in=When.values, answer__in=["", *StillRight.values]),
                name="validity_codes_are_known",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="validity_answer_has_time_and_person",
            ),
        ]

    def __str__(self):
        return f"{self.item_id} {self.day} {self.when}"
