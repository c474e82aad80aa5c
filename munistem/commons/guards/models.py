from django.db import models


class Hit(models.Model):
    """How often one key was used in one window of time; shared by all workers, counted atomically."""

    key = models.TextField(primary_key=True)
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
