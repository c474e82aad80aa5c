from django.contrib.postgres.fields import ArrayField
from django.db import models


class Hit(models.Model):
    """The times at which one key was used lately; shared by all workers, counted atomically."""

    key = models.TextField(primary_key=True)
    times = ArrayField(models.DateTimeField(), default=list)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.key
