import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    PDF = "pdf", _("PDF")
    WORD = "word", _("Word document")
    SHEET = "sheet", _("Spreadsheet")
    SLIDES = "slides", _("Presentation")
    IMAGE = "image", _("Picture")
    AUDIO = "audio", _("Audio")
    VIDEO = "video", _("Video")
    TEXT = "text", _("Text")
    ARCHIVE = "archive", _("ZIP archive")


class FileState(models.TextChoices):
    WAITING = "waiting", _("Being prepared")
    READY = "ready", _("Ready")
    FAILED = "failed", _("No preview")


def random_path(instance: "StoredFile", filename: str) -> str:
    """A place on disk that says nothing of the name people gave the file."""
    return f"{instance.key.hex[:2]}/{instance.key.hex}"


def preview_path(instance: "StoredFile", filename: str) -> str:
    return f"{instance.key.hex[:2]}/{instance.key.hex}.preview"


class StoredFile(models.Model):
    """The bytes someone uploaded; who may read them is decided by the thing they hang on."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.TextField(help_text="as the person called it, made harmless")
    kind = models.TextField(choices=FileKind)
    content_type = models.TextField()
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    blob = models.FileField(upload_to=random_path)
    preview = models.FileField(upload_to=preview_path, blank=True, help_text="WebP of the first page")
    pages = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField(blank=True, help_text="what can be read in it, extracted by the worker")
    state = models.TextField(choices=FileState, default=FileState.WAITING)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="stored_files"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.name
