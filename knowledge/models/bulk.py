"""Many items at once: a table and an archive of files, read, mended row by row, and taken in."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from knowledge.enums import Privacy
from knowledge.models.item import Item
from members.models import Organisation
from munistem.commons.enums import Language, Visibility
from munistem.commons.tables.states import BulkState


def table_path(instance: "BulkImport", filename: str) -> str:
    return f"imports/{instance.key.hex}.table"


def archive_path(instance: "BulkImport", filename: str) -> str:
    return f"imports/{instance.key.hex}.zip"


class BulkImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who began it, and admins."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(made_by=user)

    def over(self, now):
        """What nobody needs the files of any more."""
        return self.filter(expires_at__lte=now).exclude(state=BulkState.FILLING).exclude(table="")

    def latest_first(self):
        return self.order_by("-made_at", "-pk")


class BulkImport(models.Model):
    """One table on its way into the library; its files go after a month, what came of its rows stays."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bulk_imports")
    made_at = models.DateTimeField(default=timezone.now)
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    state = models.TextField(choices=BulkState, default=BulkState.WAITING)
    why = models.TextField(blank=True, help_text="code of what kept the table from being read")
    table = models.FileField(upload_to=table_path, blank=True)
    table_name = models.TextField()
    archive = models.FileField(upload_to=archive_path, blank=True)
    archive_name = models.TextField(blank=True)
    entries = models.JSONField(
        default=dict, help_text="of the archive: name as compared → [name in it, bytes]"
    )
    prints = models.JSONField(
        default=dict, help_text="of the archive: name in it → sha256, and marks of what it says"
    )
    unknown_heads = models.JSONField(default=list, help_text="columns that were not understood")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="bulk_imports"
    )
    language = models.TextField(choices=Language, help_text="where a row says none")
    visibility = models.TextField(choices=Visibility, help_text="where a row says none")
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bulk_imports",
        help_text="where a row says none",
    )
    submits = models.BooleanField(default=False, help_text="sent for review instead of kept as drafts")
    privacy = models.TextField(choices=Privacy, blank=True, help_text="of all its items")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="when its files are deleted")

    objects = BulkImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk import")
        verbose_name_plural = _("bulk imports")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BulkState.values), name="bulk_state_is_known"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[BulkState.WAITING, BulkState.READ, BulkState.FAILED], confirmed_at__isnull=True
                )
                | Q(state__in=[BulkState.FILLING, BulkState.DONE], confirmed_at__isnull=False),
                name="bulk_import_is_confirmed_before_it_fills",
            ),
        ]

    def __str__(self):
        return self.table_name

    def get_absolute_url(self):
        return reverse("show_import", args=[self.key])


_WAITING = Q(item__isnull=True, is_left_out=False, known__isnull=True)
#: How a row can stand; ``doubtful`` are some of the ready ones.
STANDINGS: dict[str, Q] = {
    "wrong": _WAITING & Q(error_count__gt=0),
    "doubtful": _WAITING & Q(error_count=0, warning_count__gt=0),
    "ready": _WAITING & Q(error_count=0),
    "taken": Q(item__isnull=False),
    "known": Q(item__isnull=True, is_left_out=False, known__isnull=False),
    "left_out": Q(item__isnull=True, is_left_out=True),
}


class BulkRowQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by("number")

    def standing(self, standing: str):
        """Rows of one of STANDINGS."""
        return self.filter(STANDINGS[standing])

    def taken(self):
        """What became an item."""
        return self.standing("taken")

    def ready(self):
        """What can be taken in as it is."""
        return self.standing("ready")

    def counts(self) -> dict[str, int]:
        """How many rows stand so, and ``total``; one query."""
        told = {standing: Count("pk", filter=where) for standing, where in STANDINGS.items()}
        return self.aggregate(total=Count("pk"), **told)


class BulkRow(models.Model):
    """One line of the table: what it says, what is wrong with it, and the item that it became."""

    bulk = models.ForeignKey(BulkImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="of the line in the table")
    told = models.JSONField(default=dict, help_text="column → words as typed")
    problems = models.JSONField(default=list, help_text="see commons.tables.rows.Problem")
    error_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    is_left_out = models.BooleanField(default=False)
    identifier = models.TextField(help_text="the table's own, else one that follows from the row's words")
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bulk_rows",
        help_text="as its import's",
    )
    item = models.OneToOneField(Item, models.PROTECT, null=True, blank=True, related_name="bulk_row")
    known = models.ForeignKey(
        Item,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="later_rows",
        help_text="that it became before",
    )

    objects = BulkRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bulk", "number"], name="one_row_per_line"),
            models.UniqueConstraint(
                Coalesce("organisation", 0),
                "identifier",
                condition=Q(item__isnull=False),
                name="one_item_per_identifier",
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.told.get('title', '')}"
