from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from policy.enums.picture import Gap as Gap
from policy.enums.picture import PlanState as PlanState
from policy.enums.progress import OVER as OVER
from policy.enums.progress import Cause as Cause
from policy.enums.progress import Progress as Progress
from policy.enums.progress import ReportField as ReportField
from policy.enums.progress import word_of as word_of
from policy.enums.table import Dimension as Dimension
from policy.enums.table import Gender as Gender
from policy.enums.table import Outcome as Outcome
from policy.enums.table import SeatAnswer as SeatAnswer
from policy.enums.table import SeatRole as SeatRole
from policy.enums.version import Indicator as Indicator
from policy.enums.version import VersionState as VersionState


class Stance(TextChoices):
    """What a municipality answers to a recommendation; the label is a word or two, ``said`` the whole sentence."""

    ENDORSES = "endorses", pgettext_lazy("stance", "Endorses")
    ALREADY_DOING = "already_doing", pgettext_lazy("stance", "Already doing")
    CONSIDERING = "considering", pgettext_lazy("stance", "Considering")
    NOT_RELEVANT = "not_relevant", pgettext_lazy("stance", "Not relevant")

    @property
    def said(self):
        return {
            Stance.ENDORSES: _("We endorse it: it was decided, and we report on what becomes of it."),
            Stance.ALREADY_DOING: _("We already do this, without a decision of our own on it."),
            Stance.CONSIDERING: _("We are considering it."),
            Stance.NOT_RELEVANT: _("It does not suit us."),
        }[self]

    @property
    def sign(self) -> str:
        """The drawing beside its word."""
        return {
            Stance.ENDORSES: "stamp",
            Stance.ALREADY_DOING: "circle-check",
            Stance.CONSIDERING: "clock",
            Stance.NOT_RELEVANT: "circle-minus",
        }[self]


class Mandate(TextChoices):
    """On whose authority a municipality endorses."""

    MAYOR = "mayor", _("Mayor's declaration")
    COUNCIL = "council", _("Council decision")
    WORK_PLAN = "work_plan", _("Department work plan")


class EndorsementState(TextChoices):
    WAITING = "waiting", pgettext_lazy("endorsement", "Waiting for confirmation")
    CONFIRMED = "confirmed", pgettext_lazy("endorsement", "Confirmed")
    RETURNED = "returned", pgettext_lazy("endorsement", "Returned with a reason")
    REPLACED = "replaced", pgettext_lazy("endorsement", "Replaced by a later answer")
    REVOKED = "revoked", pgettext_lazy("endorsement", "Revoked")


class ProgrammeStatus(TextChoices):
    """Where a programme stands; one that ended or was stopped names its last school year."""

    PLANNED = "planned", pgettext_lazy("programme", "Planned")
    RUNNING = "running", pgettext_lazy("programme", "Running")
    ENDED = "ended", pgettext_lazy("programme", "Ended")
    STOPPED = "stopped", pgettext_lazy("programme", "Stopped")

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return {
            ProgrammeStatus.PLANNED: "teal",
            ProgrammeStatus.RUNNING: "leaf",
            ProgrammeStatus.ENDED: "plain",
            ProgrammeStatus.STOPPED: "clay",
        }[self]


class Quality(TextChoices):
    """How a figure is known; one that is unknown has no value, never zero."""

    MEASURED = "measured", pgettext_lazy("figure", "Counted")
    ESTIMATED = "estimated", pgettext_lazy("figure", "Estimated")
    UNKNOWN = "unknown", pgettext_lazy("figure", "Not known")
