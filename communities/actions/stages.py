"""Where a post stands in a peer consultation, and what it moves on: done under the lock of its topic."""

from calendar import monthrange
from datetime import date
from typing import Any

from django.utils import timezone

from communities import rules
from communities.actions.membership import TooLate
from communities.enums import Part, Stage, TopicKind
from communities.models import Consultation, Contribution, Post, Topic
from munistem.commons import audit

#: So long after saying what one takes, one is asked what came of it.
MONTHS = 2
#: Parts that are written once and begin the next stage.
MOVING = {Part.TAKEAWAY: Stage.OUTCOME, Part.OUTCOME: Stage.DONE}
#: Part → kind of the notice with which participants hear of it.
TOLD_AS = {Part.TAKEAWAY: "advice_taken", Part.OUTCOME: "outcome_told"}


class StageMoved(TooLate):
    """The consultation went on meanwhile: what was written has its place no longer."""


def months_later(day: date, count: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.month - 1 + count, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def place(post: Post, topic: Topic, *, by: Any, part: str = "", answers: Post | None = None) -> str:
    """Put a new post under its heading; returns the kind of the notice that tells of it.

    topic: locked; part: "" for what fits the stage. Raises StageMoved for a takeaway or outcome that comes too late.
    """
    if topic.kind != TopicKind.CONSULTATION:
        return "replied"
    consultation = Consultation.objects.get(topic=topic)
    consultation.topic = topic
    usual = Part.QUESTION if consultation.stage == Stage.QUESTIONS else Part.ADVICE
    wanted = Part(part or usual)
    if wanted not in rules.parts_for(by, consultation):
        if wanted in MOVING:
            raise StageMoved
        wanted = usual
    if answers is not None and not rules.leads_consultation(by, topic):
        answers = None
    if answers is not None:
        wanted = Part.QUESTION
    Contribution.objects.create(post=post, part=wanted, answers=answers)
    if wanted in MOVING:
        begin(consultation, MOVING[wanted], by=by)
    return TOLD_AS.get(wanted, "replied")


def begin(consultation: Consultation, stage: Stage, *, by: Any) -> None:
    """Let the next stage begin; with the one in which things are tried, its two months."""
    now = timezone.now()
    consultation.stage, consultation.moved_at = stage, now
    if stage == Stage.OUTCOME:
        consultation.outcome_due_on = months_later(timezone.localdate(now), MONTHS)
    consultation.save(update_fields=["stage", "moved_at", "outcome_due_on"])
    audit.record("move_consultation", consultation.topic, by=by, stage=stage.value)
