import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
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


#: Kinds whose pages are shown as pictures: of a PDF as they are, of the others drawn from their words.
DRAWN = [FileKind.PDF, FileKind.WORD, FileKind.SHEET, FileKind.SLIDES]


class Hint(models.TextChoices):
    """What keeps some people from reading a file."""

    NO_TEXT = "no_text", _("Its pages are pictures: no program can read or search its words.")
    NO_TAGS = "no_tags", _("It has no headings and no order of reading for screen readers.")
    NO_LANGUAGE = "no_language", _("It does not say in which language it is.")
    NO_TITLE = "no_title", _("It has no title within.")
    NO_HEADINGS = "no_headings", _("It has no headings, so that one cannot jump from part to part.")
    NO_ALT = "no_alt", _("Some of its pictures say nothing to those who do not see them.")


class FileState(models.TextChoices):
    WAITING = "waiting", _("Being prepared")
    READY = "ready", _("Ready")
    FAILED = "failed", _("No preview")


class ScanState(models.TextChoices):
    """What a virus scanner said of a file; the portal has one when CLAMD_SOCKET names it."""

    NOT_SCANNED = "not_scanned", _("not scanned for viruses")
    WAITING = "waiting", _("being checked for viruses")
    CLEAN = "clean", _("checked for viruses")
    FOUND = "found", _("withheld: a virus was found")


def random_path(instance: "StoredFile", filename: str) -> str:
    """A place on disk that says nothing of the name people gave the file."""
    return f"{instance.key.hex[:2]}/{instance.key.hex}"


def preview_path(instance: "StoredFile", filename: str) -> str:
    return f"{instance.key.hex[:2]}/{instance.key.hex}.preview"


def page_path(instance: "FilePage", filename: str) -> str:
    return f"{instance.file.key.hex[:2]}/{instance.file.key.hex}.{instance.number:04d}"


class StoredFileQuerySet(models.QuerySet):
    def to_be_drawn(self):
        """Files that were read and whose pages are not all drawn yet."""
        return self.filter(kind__in=DRAWN, state=FileState.READY, drawn_at__isnull=True)

    def to_be_scanned(self):
        """Files of which no scanner has said anything yet."""
        return self.filter(scanned_at__isnull=True)


#: Stands between the texts of pages, slides or sheets.
PAGE_END = "\f"


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
    text = models.TextField(
        blank=True, help_text="what can be read in it, extracted by the worker; a form feed ends each page"
    )
    state = models.TextField(choices=FileState, default=FileState.WAITING)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="stored_files"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    hints = ArrayField(
        models.TextField(choices=Hint),
        default=list,
        blank=True,
        help_text="what keeps some people from reading it, as the worker saw",
    )
    drawn_at = models.DateTimeField(
        null=True, blank=True, help_text="when the last of its pages was drawn, as far as they are drawn"
    )
    scan = models.TextField(
        choices=ScanState, default=ScanState.NOT_SCANNED, db_default=ScanState.NOT_SCANNED.value
    )
    scanned_at = models.DateTimeField(null=True, blank=True, help_text="when a scanner answered")
    found = models.TextField(blank=True, db_default="", help_text="what the scanner found in it")

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = (
            _("withheld file"),
            _("withheld files"),
        )  # only such are in the admin
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                condition=Q(kind__in=DRAWN, state=FileState.READY, drawn_at__isnull=True),
                name="file_to_be_drawn_yet",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(scan__in=["clean", "found"]) | Q(scanned_at__isnull=False),
                name="scanned_file_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(scan="found") ^ Q(found=""), name="found_names_what_was_found"
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def told_hints(self) -> list[Hint]:
        """What keeps some people from reading it."""
        return [Hint(code) for code in self.hints if code in Hint.values]

    @property
    def page_texts(self) -> list[str]:
        """What can be read on each page, slide or sheet, in their order; empty when nothing can."""
        return self.text.split(PAGE_END) if self.text else []


class FilePage(models.Model):
    """A page of a file as a picture; what can be read on it stands in the file's text."""

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="drawn_pages")
    number = models.PositiveIntegerField(help_text="from 1")
    picture = models.FileField(
        upload_to=page_path, blank=True, help_text="WebP; empty when the page could not be drawn"
    )
    width = models.PositiveIntegerField(default=0, help_text="pixels")
    height = models.PositiveIntegerField(default=0, help_text="pixels")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="one_picture_per_page"),
            models.CheckConstraint(
                condition=Q(picture="") | Q(width__gt=0, height__gt=0), name="drawn_page_has_measures"
            ),
        ]

    def __str__(self):
        return f"{self.file_id}, {self.number}"
