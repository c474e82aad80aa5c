from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Rhythm(models.TextChoices):
    """How a person wants to hear of something beside the bell."""

    AT_ONCE = "at_once", _("By mail, at once")
    DAILY = "daily", _("In a daily mail")
    WEEKLY = "weekly", _("In a weekly mail")
    BELL = "bell", _("Only in the portal")


class Event(models.Model):
    """Something happened that concerns people: the one table behind bell, mail and digest."""

    kind = models.TextField(help_text="code of a registered notices.Kind")
    subject = models.TextField(help_text="room.model:key of the thing it is about")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="caused_events"
    )
    data = models.JSONField(default=dict, blank=True)
    happened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="event_by_subject")]

    def __str__(self):
        return f"{self.kind} {self.subject}"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(reader_id=user.pk) if user.is_authenticated else self.none()

    def unread(self):
        return self.filter(read_at__isnull=True)

    def waiting_for_mail(self, rhythm):
        return self.filter(rhythm=rhythm, mailed_at__isnull=True, read_at__isnull=True)

    def latest_first(self):
        return self.order_by("-event__happened_at", "-pk")


class Notice(models.Model):
    """One event as it reaches one reader, with the reason it does."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="notices")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    reason = models.TextField(help_text="code: mentioned, author, member, decision …")
    rhythm = models.TextField(choices=Rhythm, default=Rhythm.BELL)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "reader"], name="one_notice_per_event_and_reader")
        ]
        indexes = [
            models.Index(
                fields=["reader"], condition=models.Q(read_at__isnull=True), name="unread_notices_of_reader"
            ),
            models.Index(
                fields=["rhythm"], condition=models.Q(mailed_at__isnull=True), name="notices_to_be_mailed"
            ),
        ]

    def __str__(self):
        return f"{self.event} → {self.reader_id}"


class Choice(models.Model):
    """How one person wants to hear of one family of events; without a row the family's default holds."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_choices")
    family = models.TextField(help_text="code of a notices.Family")
    rhythm = models.TextField(choices=Rhythm)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "family"], name="one_choice_per_person_and_family")
        ]

    def __str__(self):
        return f"{self.person_id} {self.family} {self.rhythm}"
