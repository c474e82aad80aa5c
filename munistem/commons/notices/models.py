from django.conf import settings
from django.db import models
from django.db.models import F, Value, Window
from django.db.models.functions import Cast, Coalesce, NullIf, RowNumber
from django.utils.translation import gettext_lazy as _

from munistem.commons.ready import NOBODY, Reader, ready


class Rhythm(models.TextChoices):
    """How a person wants to hear of something beside the bell."""

    AT_ONCE = "at_once", _("By mail, at once")
    DAILY = "daily", _("In a daily mail")
    WEEKLY = "weekly", _("In a weekly mail")
    BELL = "bell", _("Only in the portal")
    CONCERNING = "concerning", _("Only what concerns me")
    NOTHING = "nothing", _("Nothing")


#: Between which a person chooses for a family of events, and for a community.
OF_FAMILY = (Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY, Rhythm.BELL)
OF_SCOPE = (Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY, Rhythm.CONCERNING, Rhythm.NOTHING)


class Event(models.Model):
    """Something happened that concerns people: the one table behind bell, mail and digest."""

    kind = models.TextField(help_text="code of a registered notices.Kind")
    subject = models.TextField(help_text="room.model:key of the thing it is about")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="caused_events"
    )
    scope = models.TextField(blank=True, help_text="key of the community in which it happened")
    thread = models.TextField(blank=True, help_text="key of the topic or meeting that it is part of")
    bundle = models.TextField(blank=True, help_text="what is told as one has the same")
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

    def with_bundle(self):
        """Annotate ``told_as``: notices of one reader with the same are told as one."""
        alone = Cast("event_id", models.TextField())
        bundle = NullIf("event__bundle", Value("", output_field=models.TextField()))
        return self.annotate(told_as=Coalesce(bundle, alone))

    def bundled(self):
        """Of what is told as one only the latest, with ``how_many`` it stands for."""
        alike = [F("reader_id"), F("told_as"), F("read_at")]  # read together, they have one time
        place = Window(RowNumber(), partition_by=alike, order_by=F("pk").desc())
        size = Window(models.Count("pk"), partition_by=alike)
        return self.with_bundle().annotate(place=place, how_many=size).filter(place=1)

    def counts_by_reader(self):
        """How many bundles there are for each reader who has any."""
        counted = self.with_bundle().order_by().values("reader_id")
        return counted.annotate(count=models.Count("told_as", distinct=True)).values_list("count", flat=True)


class Notice(models.Model):
    """One event as it reaches one reader, with the reason it does."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="notices")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    reason = models.TextField(help_text="code: mentioned, author, member, decision …")
    rhythm = models.TextField(choices=Rhythm, default=Rhythm.BELL)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    letter = models.TextField(blank=True, help_text="key of the letter, when it told several in one")

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


@ready
def _unread_counts(_reader: Reader, person: int):
    return Notice.objects.filter(reader=person).unread().counts_by_reader()


def count_unread(user) -> int:
    """How much is new at a person's bell; 0 for a visitor."""
    return next(iter(_unread_counts(NOBODY, user.pk)), 0) if user.is_authenticated else 0


class Choice(models.Model):
    """How one person wants to hear of things; the narrower choice wins, without any the family's default holds.

    Of a family everywhere (scope ""), of a community (its key; family ""), or of a topic (its key; family ""), which can
    be followed (``concerning``) or muted (``nothing``). Neither scope nor family: no mail but the essential.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_choices")
    scope = models.TextField(blank=True, help_text="key of a community or a topic")
    family = models.TextField(blank=True, help_text="code of a notices.Family")
    rhythm = models.TextField(choices=Rhythm)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "scope", "family"], name="one_choice_per_person_scope_and_family"
            )
        ]
        indexes = [models.Index(fields=["scope"], name="choices_by_scope")]

    def __str__(self):
        return f"{self.person_id} {self.scope or self.family} {self.rhythm}"
