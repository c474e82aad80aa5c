"""Three people in the same role who were introduced to each other."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from communities.models.community import Community
from munistem.commons.enums import Language


class IntroductionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """For those who lead the community, and admins; the three have their letter."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(community__in=Community.objects.facilitated_by(user))

    def waiting_for_mail(self):
        return self.filter(mailed_at__isnull=True, dropped_at__isnull=True)


class Introduction(models.Model):
    """One letter to three people, who stand in the order of their keys, so that no triple is introduced twice."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="introductions")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    third = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    language = models.TextField(choices=Language)
    text = models.TextField()
    introduced_at = models.DateTimeField(default=timezone.now)
    introduced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="introductions_made"
    )
    mailed_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(
        null=True, blank=True, help_text="when one of them was gone before the letter could go out"
    )

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second", "third"], name="no_triple_is_introduced_twice"
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")) & Q(second__lt=F("third")),
                name="introduced_three_are_in_order",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="introduction_says_something"),
        ]
        indexes = [
            models.Index(
                fields=["introduced_at"],
                condition=Q(mailed_at__isnull=True, dropped_at__isnull=True),
                name="introductions_to_be_mailed",
            )
        ]

    def __str__(self):
        return f"{self.first_id} {self.second_id} {self.third_id}"

    @property
    def people(self) -> tuple:
        return (self.first, self.second, self.third)
