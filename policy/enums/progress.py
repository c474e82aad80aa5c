from django.db.models import TextChoices
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Progress(TextChoices):
    """Where the work on a recommendation stands."""

    NOT_STARTED = "not_started", pgettext_lazy("progress", "Not started yet")
    UNDER_WAY = "under_way", pgettext_lazy("progress", "Under way")
    STUCK = "stuck", pgettext_lazy("progress", "Stuck")
    DONE = "done", pgettext_lazy("progress", "Done")
    STOPPED = "stopped", pgettext_lazy("progress", "Stopped")

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return {
            Progress.NOT_STARTED: "plain",
            Progress.UNDER_WAY: "teal",
            Progress.DONE: "leaf",
            Progress.STUCK: "clay",
            Progress.STOPPED: "plain",
        }[self]

    @property
    def sign(self) -> str:
        """The drawing beside its word."""
        return {
            Progress.NOT_STARTED: "hourglass",
            Progress.UNDER_WAY: "sprout",
            Progress.DONE: "circle-check",
            Progress.STUCK: "hand-helping",
            Progress.STOPPED: "circle-minus",
        }[self]


#: What is over is not asked about any more.
OVER = (Progress.DONE, Progress.STOPPED)


class ReportField(TextChoices):
    """What a report says; each may be for everyone or for the network only."""

    STATUS = "status", pgettext_lazy("report", "Where it stands, and with it the whole report")
    BODY = "body", pgettext_lazy("report", "What was done")
    MILESTONES = "milestones", pgettext_lazy("report", "Milestones")
    EVIDENCE = "evidence", pgettext_lazy("report", "The file")
    LINK = "link", pgettext_lazy("report", "The address on the web")
    PROGRAMME = "programme", pgettext_lazy("report", "The programme")
    INDICATOR = "indicator", pgettext_lazy("report", "The indicator")


class Cause(TextChoices):
    """Why a municipality is asked whether its endorsement still stands."""

    ELECTION = "election", _("After the municipal elections")
    TWO_YEARS = "two_years", _("Two years have passed")


def word_of(code: str) -> str:
    """The word for where an endorsement stands in tables: of a report, or that there is none."""
    words = {"not_reported": gettext("Not reported"), "untold": gettext("No public report yet")}
    return words.get(code) or str(Progress(code).label)
