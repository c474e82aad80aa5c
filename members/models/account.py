"""What belongs to an account alone: where it is signed in, its archive, its leaving, the warnings before it is closed."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.enums import ArchiveState, Browser, System


class OwnQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own only, whoever asks."""
        return self.filter(person_id=user.pk) if user.is_authenticated else self.none()


class Device(models.Model):
    """A browser in which a person signed in; recognised by a cookie of its own, of which only the fingerprint is kept."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    mark = models.TextField(help_text="SHA-256 of the cookie")
    session_key = models.TextField(blank=True, help_text="of the session in it; empty once that was ended")
    browser = models.TextField(choices=Browser, blank=True, help_text="as it calls itself")
    system = models.TextField(choices=System, blank=True, help_text="as it says")
    first_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "mark"], name="one_device_per_person_and_mark")
        ]

    def __str__(self):
        return f"{self.person_id} {self.browser} {self.system}"


def archive_path(instance: "Archive", filename: str) -> str:
    return f"archives/{instance.key.hex}.zip"


class ArchiveQuerySet(OwnQuerySet):
    def ready(self, now: datetime | None = None):
        return self.filter(state=ArchiveState.READY, expires_at__gt=now or timezone.now())

    def latest_first(self):
        return self.order_by("-asked_at", "-pk")


class Archive(models.Model):
    """All that the portal keeps about one person in one file; the file goes after a week, the row stays a while."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="archives")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.TextField(choices=ArchiveState, default=ArchiveState.WAITING)
    blob = models.FileField(upload_to=archive_path, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    built_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ArchiveState.values), name="archive_state_is_known"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state=ArchiveState.WAITING), name="one_archive_in_the_making"
            ),
            models.CheckConstraint(
                condition=~Q(state=ArchiveState.READY)
                | (Q(built_at__isnull=False, expires_at__isnull=False) & ~Q(blob="")),
                name="ready_archive_has_file_and_end",
            ),
        ]

    def __str__(self):
        return f"{self.person_id} {self.asked_at:%F}"

    @property
    def file_name(self) -> str:
        return f"munistem-{timezone.localtime(self.built_at or self.asked_at):%Y-%m-%d}.zip"


class DepartureQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; admins see all, because those who stay ask them."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(person_id=user.pk)

    def open(self):
        """Those who may still come back."""
        return self.filter(returned_at__isnull=True, ended_at__isnull=True)

    def returnable(self, now: datetime):
        """Those who may come back by themselves: there is time, and no admin has closed the account besides."""
        return self.open().filter(due_at__gt=now, barred_at__isnull=True)

    def due(self, now: datetime):
        return self.open().filter(due_at__lte=now)


class Departure(models.Model):
    """A person leaves: signed out at once, forgotten on the day when it is due, unless they come back before."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="departures", verbose_name=_("Person")
    )
    signature = models.TextField(
        _("Stands under their texts"),
        blank=True,
        help_text=_("Role and organisation; empty: a former member."),
    )
    asked_at = models.DateTimeField(_("Asked on"), default=timezone.now)
    due_at = models.DateTimeField(_("Forgotten on"))
    returned_at = models.DateTimeField(_("Came back on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("Done on"), null=True, blank=True)
    barred_at = models.DateTimeField(null=True, blank=True, help_text="an admin closed the account meanwhile")

    objects = DepartureQuerySet.as_manager()

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(returned_at__isnull=True, ended_at__isnull=True),
                name="one_open_departure_per_person",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(ended_at__isnull=True),
                name="departure_ends_one_way",
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.due_at:%F}"


class ClosingWarning(models.Model):
    """A letter to somebody who has not been here for long: so many days before the account is closed."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="closing_warnings")
    closes_on = models.DateField()
    days = models.PositiveSmallIntegerField(help_text="before that day")
    sent_at = models.DateTimeField(default=timezone.now)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "closes_on", "days"], name="one_warning_per_person_and_step"
            )
        ]

    def __str__(self):
        return f"{self.person_id} {self.closes_on} -{self.days}"
