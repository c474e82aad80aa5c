"""Municipalities that are silent, and what was said when somebody called."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from members.enums import OrganisationType
from members.models import Organisation
from policy.models.endorsement import SILENT_AFTER, Endorsement
from policy.models.progress import ProgressReport
from policy.models.vouching import EndorsementShare, Reconfirmation


def sees_silent(user) -> bool:
    """Whether the person is an admin, or facilitates a community that lives."""
    if not (user.is_authenticated and user.is_active):
        return False
    return user.is_staff or Community.objects.facilitated_by(user).current().exists()


class CallNoteQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Admins and facilitators."""
        return self if sees_silent(user) else self.none()

    def latest_first(self):
        return self.order_by("-called_on", "-pk")


class CallNote(models.Model):
    """What came of a call to a municipality; for admins and facilitators only."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="call_notes", verbose_name=_("Organisation")
    )
    text = models.TextField(_("What was said"))
    called_on = models.DateField(_("Called on"), default=timezone.localdate)
    nonce = models.UUIDField(null=True, blank=True, unique=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="call_notes")
    written_at = models.DateTimeField(default=timezone.now)

    objects = CallNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("call note")
        verbose_name_plural = _("call notes")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="call_note_says_something")]

    def __str__(self):
        return f"{self.organisation} {self.called_on}"


def silent_towns() -> models.QuerySet:
    """Member municipalities of which the network does not hear, annotated with why and the last contact.

    ``not_reported``: an endorsement nobody reported on for two periods; ``not_reconfirmed``: one nobody vouched for when
    asked; ``no_answer``: no recommendation is answered, not even with its cluster. ``last_report``, ``last_answer``, ``last_call``: when.
    """
    answers = Endorsement.objects.filter(organisation=OuterRef("pk"))
    overdue = Reconfirmation.objects.overdue().filter(
        endorsement__in=Endorsement.objects.endorsing().values("pk")
    )
    reports = ProgressReport.objects.filter(endorsement__organisation=OuterRef("pk"))
    shares = EndorsementShare.objects.filter(organisation=OuterRef("pk"))
    calls = CallNote.objects.filter(organisation=OuterRef("pk"))
    rows = Organisation.objects.members().filter(type=OrganisationType.MUNICIPALITY)
    rows = rows.annotate(
        not_reported=Exists(answers.endorsing().filter(missed_periods__gte=SILENT_AFTER)),
        not_reconfirmed=Exists(overdue.filter(endorsement__organisation=OuterRef("pk"))),
        no_answer=~Exists(answers.standing()) & ~Exists(shares.in_force()),
        last_report=latest(reports, "endorsement__organisation", "reported_at"),
        last_answer=latest(answers, "organisation", "submitted_at"),
        last_call=latest(calls, "organisation", "called_on"),
    )
    return rows.filter(Q(not_reported=True) | Q(not_reconfirmed=True) | Q(no_answer=True))


def latest(rows: models.QuerySet, by: str, field: str) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(told=Max(field)).values("told"))
