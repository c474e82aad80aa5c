import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from munistem.commons.files.models import FileState, StoredFile

KEPT = timedelta(days=14)


class IntakeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What someone begins is seen by that person alone."""
        return self.filter(person_id=user.pk) if user.is_authenticated else self.none()

    def over(self, now):
        """What nobody finished within a fortnight."""
        return self.filter(made_at__lt=now - KEPT)

    def latest_first(self):
        return self.order_by("-made_at", "-pk")

    def with_state(self):
        """Annotate ``is_waiting``: a file is still being read, or a link looked at for the first time."""
        files = IntakeFile.objects.filter(intake=OuterRef("pk"), file__state=FileState.WAITING)
        cards = self.model._meta.get_field("link_cards").related_model.objects  # type: ignore[union-attr]
        looked = cards.filter(intake=OuterRef("pk"), state="waiting", tries=0)
        return self.annotate(is_waiting=Q(Exists(files)) | Q(Exists(looked)))


class Intake(models.Model):
    """An item that begins with files or a link; what the form proposes is made of them. Gone once the item is there."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="intakes")
    link = models.URLField(max_length=2000, blank=True)
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    made_at = models.DateTimeField(default=timezone.now)

    objects = IntakeQuerySet.as_manager()

    def __str__(self):
        return str(self.key)

    def get_absolute_url(self):
        return reverse("continue_intake", args=[self.key])


class IntakeFile(models.Model):
    """A file with which an item begins."""

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="intake_files")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intake", "file"], name="one_file_once_per_intake")]

    def __str__(self):
        return self.file.name
