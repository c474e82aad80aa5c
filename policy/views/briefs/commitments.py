"""What a municipality committed itself to: its answer to each recommendation, how the work goes, and what comes next."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from knowledge.views.out import said_day
from policy.enums import OVER, EndorsementState, Indicator, Mandate, Progress, ReportField, Stance
from policy.models import (
    Endorsement,
    EndorsementShare,
    Milestone,
    ProgressReport,
    Recommendation,
    Reconfirmation,
)
from policy.models.endorsement import CARRIED_OUT
from policy.models.progress import reads_for_network
from policy.rules.programme import can_see_programme

UNREAD = ("organisation__search_vector", "organisation__search_title")
LONGEST = 140  # of a step, in letters


@dataclass
class Commitment:
    """A recommendation, the answer in force and the one that waits, the latest report as the reader may know it."""

    recommendation: Recommendation
    answer: Any = None
    waiting: Any = None
    report: ProgressReport | None = None
    steps: list[Milestone] = field(default_factory=list)

    @property
    def is_joint(self) -> bool:
        return self.answer is not None and not self.answer.is_own

    @property
    def is_endorsed(self) -> bool:
        return self.answer is not None and self.answer.stance == Stance.ENDORSES

    @property
    def is_carried_out(self) -> bool:
        return self.answer is not None and self.answer.stance in CARRIED_OUT

    @property
    def status(self) -> str:
        """Code of where the work stands; "" where nobody told."""
        return self.report.status if self.report else ""

    @property
    def is_late(self) -> bool:
        """Whether its target date is over and the work is not."""
        due = self.answer.target_on if self.answer else None
        return bool(due and due < timezone.localdate() and self.status not in OVER)


def commitments_of(user: Any, towns: Any, *, with_steps: bool = False) -> list[Commitment]:
    """One for each recommendation in force, in its order; three queries, and one for milestones.

    towns: queryset of the organisation, or of the member of a municipality. What its cluster endorsed counts where it
    confirmed its share and did not answer by itself.
    """
    known = Recommendation.objects.visible_to(user).in_force().without_index()
    found = {row.pk: Commitment(row) for row in known.select_related("current_version").in_order()}
    answers = {}
    for row in answers_of(user, towns):
        one = found.get(row.recommendation_id)
        if one is None:
            continue
        row.recommendation = one.recommendation
        if row.state == EndorsementState.WAITING:
            one.waiting = row
        else:
            one.answer = row
            answers[row.pk] = one
    for report in reports_on(user, {pk for pk, one in answers.items() if one.answer.pk == pk}, with_steps):
        one = answers[report.endorsement_id]
        one.report, one.steps = told_to(user, report), steps_of(user, report) if with_steps else []
    return list(found.values())


def answers_of(user: Any, towns: Any) -> Any:
    """Answers that stand, those of the cluster before one's own, so that one's own is taken."""
    mine = towns.order_by().values("pk")
    shares = EndorsementShare.objects.in_force().filter(organisation__in=mine)
    unvouched = Reconfirmation.objects.overdue().filter(endorsement=OuterRef("pk"))
    rows = Endorsement.objects.visible_to(user).standing()
    rows = rows.filter(Q(organisation__in=mine) | Q(pk__in=shares.values("endorsement")))
    rows = rows.annotate(
        is_own=ExpressionWrapper(Q(organisation__in=mine), output_field=BooleanField()),
        is_unvouched=Exists(unvouched),
    )
    return rows.select_related("organisation", "version").defer(*UNREAD).order_by("is_own", "pk")


def reports_on(user: Any, answers: set[int], with_steps: bool) -> Any:
    rows = ProgressReport.objects.visible_to(user).latest_of_each().filter(endorsement__in=answers)
    rows = rows.select_related("programme", "evidence").defer("evidence__text")
    steps = Prefetch("milestones", Milestone.objects.order_by("position"))
    return rows.prefetch_related(steps) if with_steps else rows


def told_to(user: Any, report: ProgressReport) -> ProgressReport:
    """Without what the person may not read, nor a programme that the person may not know of."""
    report = report.as_told_to(user)
    if report.programme and not can_see_programme(user, report.programme):
        report.programme = None
    return report


def steps_of(user: Any, report: ProgressReport) -> list[Milestone]:
    is_told = ReportField.MILESTONES not in report.for_network or reads_for_network(user)
    return list(report.milestones.all()) if is_told else []


# In words ------------------------------------------------------------------------------------------------


def answer_words(one: Commitment) -> str:
    """The answer, on whose authority, when, and to which version."""
    row = one.answer
    if row is None:
        return _("Waits for confirmation") if one.waiting else _("No answer yet")
    told = [str(row.stance_kind.label)]
    if row.mandate:
        told.append(str(Mandate(row.mandate).label))
    if row.decided_on:
        told.append(said_day(row.decided_on))
    told.append(_("version %(number)s") % {"number": row.version.number})
    if one.is_joint:
        told.append(_("with %(cluster)s") % {"cluster": row.organisation.name})
    return " · ".join(told)


def status_words(one: Commitment) -> str:
    """Where the work stands and since when it is told so."""
    if not one.is_carried_out:
        return "–"
    if one.report:
        label = Progress(one.report.status).label
        return f"{label} ({said_day(timezone.localtime(one.report.reported_at).date())})"
    return _("Not reported") if one.answer.is_not_reported else _("No report yet")


def target_words(one: Commitment) -> str:
    if not one.is_endorsed:
        return "–"
    due = one.answer.target_on
    if due is None:
        return _("not known")
    return _("%(day)s, over") % {"day": said_day(due)} if one.is_late else said_day(due)


def next_words(one: Commitment) -> str:
    """What the municipality does next."""
    row = one.answer
    if row is None:
        return _("The network confirms the answer") if one.waiting else _("Answer it")
    if row.stance == Stance.CONSIDERING:
        return _("Decide on it")
    if row.stance == Stance.NOT_RELEVANT:
        return _("Nothing further")
    if row.is_unvouched:
        return _("Say whether it still stands")
    if one.report is None or row.is_not_reported:
        return _("Report how it goes")
    return next_of_work(one)


def next_of_work(one: Commitment) -> str:
    if one.status == Progress.STUCK:
        return _("Ask a municipality that is further with it")
    if one.status == Progress.DONE:
        return _("Tell the others how it was done")
    if one.status == Progress.STOPPED:
        return _("Decide whether it still stands")
    if one.is_late:
        return _("Finish it, or set another target date")
    if due := step_ahead(one):
        return due
    first = next(iter(one.answer.first_actions.splitlines()), "")
    return Truncator(first).chars(LONGEST) or _("Go on, and report how it goes")


def step_ahead(one: Commitment) -> str:
    """The first milestone whose day has not come."""
    today = timezone.localdate()
    for step in one.steps:
        if step.due_on and step.due_on >= today:
            told = {"step": Truncator(step.text).chars(LONGEST), "day": said_day(step.due_on)}
            return _("%(step)s, by %(day)s") % told
    return ""


def evidence_of(one: Commitment) -> list[tuple[str, str]]:
    """What a report rests on: words and, where there is one, an address."""
    report = one.report
    if report is None:
        return []
    found = []
    if report.evidence:
        found.append((report.evidence.name, reverse("serve_evidence", args=[report.pk])))
    if report.evidence_url:
        found.append((_("on the web"), report.evidence_url))
    if report.programme:
        found.append((report.programme.name, report.programme.get_absolute_url()))
    if report.indicator:
        label = Indicator(report.indicator).label
        found.append((f"{label}: {report.indicator_text}", ""))
    return found
