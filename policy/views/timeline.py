"""Everything that happened to a recommendation, in one line, the latest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from munistem.commons.text.names import isolated
from policy.enums import Progress, Stance, VersionState
from policy.models import Consultation, Recommendation, RecommendationVersion, VersionStep

SHOWN, MOST = 12, 200


@dataclass(frozen=True)
class Happening:
    """One thing that happened: when, its drawing and tone, what is said of it and where it leads."""

    at: datetime
    sign: str
    tone: str
    text: str
    url: str = ""
    note: str = ""


def timeline_of(
    user: Any,
    recommendation: Recommendation,
    answers: Iterable[dict[str, Any]],
    reports: Iterable[Any],
    items: Iterable[Any],
) -> list[Happening]:
    """Versions, consultations (two queries), and what the page has fetched: answers, reports, items."""
    found = [*steps_of(user, recommendation), *consultations_of(user, recommendation)]
    found += [answered(row) for row in answers]
    found += [reported(report) for report in reports]
    found += [linked(item) for item in items]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def steps_of(user: Any, recommendation: Recommendation) -> Iterable[Happening]:
    known = RecommendationVersion.objects.visible_to(user).filter(recommendation=recommendation)
    steps = VersionStep.objects.filter(version__in=known.values("pk")).exclude(
        state=VersionState.CONSULTATION
    )
    said = {
        VersionState.DRAFT: _("Version %(number)s was begun"),
        VersionState.ADOPTED: _("Version %(number)s was adopted by the network"),
        VersionState.SUPERSEDED: _("Version %(number)s was superseded"),
        VersionState.WITHDRAWN: _("Version %(number)s was withdrawn"),
    }
    for step in steps.select_related("version").order_by("-taken_at", "-pk")[:MOST]:
        state = VersionState(step.state)
        step.version.recommendation = recommendation
        text = said[state] % {"number": step.version.number}
        yield Happening(
            step.taken_at, state.sign, state.tone, text, step.version.get_absolute_url(), step.reason
        )


def consultations_of(user: Any, recommendation: Recommendation) -> Iterable[Happening]:
    rows = Consultation.objects.visible_to(user).filter(version__recommendation=recommendation)
    for row in rows.select_related("version").order_by("pk"):
        told = {"number": row.version.number}
        url, sign = row.get_absolute_url(), VersionState.CONSULTATION.sign
        yield Happening(
            row.opened_at, sign, "sun", _("Version %(number)s was opened to the network") % told, url
        )
        if row.closed_at:
            yield Happening(
                row.closed_at, sign, "plain", _("Comments on version %(number)s closed") % told, url
            )


def answered(row: dict[str, Any]) -> Happening:
    stance = Stance(row["stance"])
    text = _("%(organisation)s: %(answer)s") % {"organisation": isolated(row["name"]), "answer": stance.label}
    tone = "teal" if stance == Stance.ENDORSES else "plain"
    return Happening(row["answered_at"], stance.sign, tone, text, row["url"], row["mandate"])


def reported(report: Any) -> Happening:
    organisation = report.endorsement.organisation
    told = {"organisation": isolated(organisation.name), "status": Progress(report.status).label}
    text = _("%(organisation)s reports: %(status)s") % told
    return Happening(
        report.reported_at, "clipboard-list", report.tone, text, report.endorsement.get_absolute_url()
    )


def linked(item: Any) -> Happening:
    text = _("Put beside it: %(title)s") % {"title": isolated(item.published.title)}
    return Happening(item.linked_at, "library-big", "plain", text, item.get_absolute_url())
