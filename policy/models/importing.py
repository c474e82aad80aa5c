"""A table of programmes on its way in: read, mended row by row, and taken in; it may be sent again at any time."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import LocalAuthority
from munistem.commons.enums import Language
from munistem.commons.tables.states import BulkState
from policy.models.programme import Programme, authorities_kept_by


def table_path(instance: "ProgrammeImport", filename: str) -> str:
    return f"imports/{instance.key.hex}.programmes"


class ProgrammeImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who keeps the programmes of the municipality."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(authority__in=authorities_kept_by(user))

    def over(self, now):
        """Those of which nobody needs the table any more."""
        return self.filter(expires_at__lte=now).exclude(state=BulkState.FILLING)

    def latest_first(self):
        return self.order_by("-made_at", "-pk")


class ProgrammeImport(models.Model):
    """One table of a municipality's programmes; it goes after a month, what came of it stays."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    authority = models.ForeignKey(LocalAuthority, models.PROTECT, related_name="programme_imports")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="programme_imports")
    made_at = models.DateTimeField(default=timezone.now)
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    state = models.TextField(choices=BulkState, default=BulkState.WAITING)
    why = models.TextField(blank=True, help_text="code of what kept the table from being read")
    table = models.FileField(upload_to=table_path)
    table_name = models.TextField()
    unknown_heads = models.JSONField(default=list, help_text="columns that were not understood")
    year = models.PositiveSmallIntegerField(help_text="of figures, where a row says none")
    language = models.TextField(choices=Language, help_text="where a row says none")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="when it is deleted")

    objects = ProgrammeImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("table of programmes")
        verbose_name_plural = _("tables of programmes")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BulkState.values), name="programme_import_state_is_known"
            ),
        ]

    def __str__(self):
        return self.table_name

    def get_absolute_url(self):
        return reverse("show_programme_import", args=[self.authority_id, self.key])


_WAITING = Q(is_taken=False, is_left_out=False)
#: How a row can stand.
STANDINGS: dict[str, Q] = {
    "wrong": _WAITING & Q(error_count__gt=0),
    "new": _WAITING & Q(error_count=0, does="new"),
    "change": _WAITING & Q(error_count=0, does="change"),
    "same": _WAITING & Q(error_count=0, does="same"),
    "taken": Q(is_taken=True),
    "left_out": Q(is_taken=False, is_left_out=True),
}


class ProgrammeRowQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by("number")

    def standing(self, standing: str):
        """Rows of one of STANDINGS."""
        return self.filter(STANDINGS[standing])

    def ready(self):
        """What can be taken in as it is."""
        return self.filter(_WAITING, error_count=0)

    def counts(self) -> dict[str, int]:
        """How many rows stand so, ``ready`` and ``total``; one query."""
        told = {standing: Count("pk", filter=where) for standing, where in STANDINGS.items()}
        ready = Count("pk", filter=_WAITING & Q(error_count=0))
        return self.aggregate(total=Count("pk"), ready=ready, **told)


class ProgrammeRow(models.Model):
    """One line of the table: what it says, what is wrong with it, what it would do or has done."""

    carried = models.ForeignKey(ProgrammeImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="of the line in the table")
    told = models.JSONField(default=dict, help_text="column → words as typed")
    problems = models.JSONField(default=list, help_text="as of the library's imports")
    error_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    identifier = models.TextField(help_text="the table's own, else one that follows from the name")
    does = models.TextField(default="", blank=True, help_text="new, change or same")
    changes = models.JSONField(default=list, help_text="columns that would be different")
    programme = models.ForeignKey(
        Programme,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="import_rows",
        help_text="of which it tells",
    )
    is_left_out = models.BooleanField(default=False)
    is_taken = models.BooleanField(default=False)

    objects = ProgrammeRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["carried", "number"], name="one_programme_row_per_line")
        ]

    def __str__(self):
        return f"{self.number}. {self.told.get('name', '')}"
