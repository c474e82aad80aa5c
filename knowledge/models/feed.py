from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class LibraryFeed(models.Model):
    """A person's secret address from which feed readers read the library; a new token makes the old address void."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="library_feed")
    token = models.TextField(unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(token=""), name="library_feed_has_token")]

    def __str__(self):
        return f"library of {self.person_id}"
