"""Everything that happened to a recommendation, in one line, the latest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from munistem.commons.text.names import isolated
from policy.enums import Progress, Stance, VersionState
from policy.models import Recommendation, RecommendationVersion, VersionStep
from policy.rules.consultation import in_network

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
    *,
    keeps: bool,
) -> list[Happening]:
    """Versions with their consultations (one query), and what the page has fetched: answers, reports, items.

    keeps: whether the reader keeps the roundtable; they and the network see when something was open to comments.
    """
    steps = steps_of(user, recommendation)
    found = [stepped(step) for step in steps]
    if keeps or in_network(user):
        found += consultations_of({step.version_id: step.version for step in steps}.values())
    found += [answered(row) for row in answers]
    found += [reported(report) for report in reports]
    found += [linked(item) for item in items]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def steps_of(user: Any, recommendation: Recommendation) -> list[VersionStep]:
    """Of the versions that the reader may see, the latest first."""
    known = RecommendationVersion.objects.visible_to(user).filter(recommendation=recommendation)
    rows = VersionStep.objects.filter(version__in=known.values("pk"))
    rows = rows.exclude(state=VersionState.CONSULTATION).select_related("version__consultation")
    steps = list(rows.order_by("-taken_at", "-pk")[:MOST])
    for step in steps:
        step.version.recommendation = recommendation
    return steps


def stepped(step: VersionStep) -> Happening:
    said = {
        VersionState.DRAFT: _("Version %(number)s was begun"),
        VersionState.ADOPTED: _("Version %(number)s was adopted by the network"),
        VersionState.SUPERSEDED: _("Version %(number)s was superseded"),
        VersionState.WITHDRAWN: _("Version %(number)s was withdrawn"),
    }
    state, version = VersionState(step.state), step.version
    text = said[state] % {"number": version.number}
    return Happening(step.taken_at, state.sign, state.tone, text, version.get_absolute_url(), step.reason)


def consultations_of(versions: Iterable[RecommendationVersion]) -> Iterable[Happening]:
    """When each was opened to the network, and when comments closed."""
    for version in versions:
        if (row := getattr(version, "consultation", None)) is None:
            continue
        told, url, sign = {"number": version.number}, row.get_absolute_url(), VersionState.CONSULTATION.sign
        text = _("Version %(number)s was opened to the network") % told
        yield Happening(row.opened_at, sign, "sun", text, url)
        if row.closed_at:
            text = _("Comments on version %(number)s closed") % told
            yield Happening(row.closed_at, sign, "plain", text, url)


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
