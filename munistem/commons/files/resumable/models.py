import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from munistem.commons.files.resumable.keeping import keeping

KEPT = timedelta(days=2)
KEPT_WHEN_USED = timedelta(hours=1)


class UploadQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What is on its way is seen by who sends it, and by nobody else."""
        return self.filter(person_id=user.pk) if user.is_authenticated else self.none()

    def unused(self):
        return self.filter(used_at__isnull=True)

    def whole(self):
        """All bytes are here, and they are what the name says."""
        return self.exclude(kind="")

    def over(self, now):
        """What nobody went on with for two days, or what was used a while ago."""
        return self.filter(Q(touched_at__lt=now - KEPT) | Q(used_at__lt=now - KEPT_WHEN_USED))

    def longest_untouched_first(self):
        return self.order_by("touched_at", "pk")


class Upload(models.Model):
    """A file on its way in, on disk as far as it has come; it becomes a stored file when a form that names it is sent."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    place = models.TextField(blank=True, help_text="page and field for which it was chosen")
    name = models.TextField(help_text="as the person called it, made harmless")
    mark = models.TextField(blank=True, help_text="of the sender's program: the same file has the same mark")
    size = models.PositiveBigIntegerField(help_text="bytes announced")
    received = models.PositiveBigIntegerField(default=0, help_text="bytes safely on disk")
    kind = models.TextField(blank=True, help_text="what was recognised; empty until the file is whole")
    sha256 = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(received__lte=F("size"), size__gt=0), name="upload_holds_no_more_than_announced"
            ),
            models.CheckConstraint(
                condition=Q(kind="", sha256="") | (Q(received=F("size")) & ~Q(kind="") & ~Q(sha256="")),
                name="recognised_upload_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "place"], name="uploads_of_person"),
            models.Index(fields=["touched_at"], name="uploads_untouched"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_whole(self) -> bool:
        return bool(self.kind)

    @property
    def is_here(self) -> bool:
        """Whether the bytes that came of it are where they belong: apart from stored files, under a name that says nothing."""
        return keeping().has(self.key, self.received)
