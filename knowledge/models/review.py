"""What reviewers answered and remarked, one row for each decision."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Question, RevisionState, Verdict
from knowledge.models.item import Item
from knowledge.models.revision import Revision

#: So far back the usual time for an answer is measured.
MEASURED = timedelta(days=180)


class Median(models.Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) within group (order by %(expressions)s)"
    output_field = models.DurationField()


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Reviews are read by reviewers and by those who see all revisions of the item: authors and their managers."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff or user.is_knowledge_manager:
            return self
        return self.filter(revision__item__in=Item.objects.own(user).values("pk"))

    def latest_first(self):
        return self.order_by("-decided_at", "-pk")

    def usual_wait(self, now: datetime | None = None) -> timedelta | None:
        """The median time from sending to the answer in the last half-year; None while there were fewer than three."""
        since = (now or timezone.now()) - MEASURED
        waits = F("decided_at") - F("submitted_at")
        found = self.filter(decided_at__gte=since).aggregate(
            count=models.Count("pk"), usual=Median(Cast(waits, models.DurationField()))
        )
        return found["usual"] if found["count"] >= 3 else None


class Review(models.Model):
    """One decision on a revision, with the answers to the six questions and remarks on fields."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="reviews")
    version = models.PositiveIntegerField(help_text="of the revision that was read")
    decision = models.TextField(
        choices=[
            (RevisionState.PUBLISHED.value, RevisionState.PUBLISHED.label),
            (RevisionState.RETURNED.value, RevisionState.RETURNED.label),
        ]
    )
    answers = models.JSONField(default=dict, help_text="question → [verdict, comment]")
    remarks = models.JSONField(default=dict, help_text="field of the form → what is to be changed there")
    reason = models.TextField(blank=True)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(fields=["revision", "version"], name="one_review_per_version"),
            models.CheckConstraint(
                condition=Q(decision__in=[RevisionState.PUBLISHED, RevisionState.RETURNED]),
                name="review_decision_is_known",
            ),
            models.CheckConstraint(
                condition=Q(decision=RevisionState.PUBLISHED) | ~Q(reason=""), name="return_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["decided_at"], name="review_latest")]

    def __str__(self):
        return f"{self.revision_id}.{self.version} {self.decision}"

    @property
    def told(self) -> list[dict[str, Any]]:
        """The questions with what was answered."""
        return [
            {"question": Question(code).label, "verdict": Verdict(verdict), "comment": comment}
            for code, (verdict, comment) in self.answers.items()
            if code in Question.values and verdict in Verdict.values
        ]

    @property
    def pending(self) -> list[dict[str, Any]]:
        """Those that are not a plain yes."""
        return [row for row in self.told if row["verdict"] != Verdict.YES]
