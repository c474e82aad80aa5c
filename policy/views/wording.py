"""A version as it is read: its sections in a language, its editions, what it changed of another."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from munistem.commons.enums import Language, LifeStage
from munistem.commons.text.differences import differences, listed
from munistem.commons.text.languages import direction_of
from policy.enums import Indicator
from policy.models import RecommendationVersion
from policy.models.paragraphs import paragraphs
from policy.models.version import TEXTS
from policy.models.words import CODES

HEADINGS = {
    "summary": gettext_lazy("In short"),
    "rationale": gettext_lazy("Why"),
    "evidence": gettext_lazy("What it rests on"),
    "actions": gettext_lazy("What a municipality can do"),
    "cost": gettext_lazy("Cost and effort"),
}


def language_of(request: HttpRequest) -> str:
    """The edition asked for by ``?edition=``, else the reader's language."""
    asked = request.GET.get("edition", "")
    return asked if asked in CODES else (get_language() or "he")[:2]


def sections_of(version: RecommendationVersion, code: str) -> list[dict[str, Any]]:
    """What a version says in a language: sections with their paragraphs, without those that are empty."""
    found = []
    for name, heading in HEADINGS.items():
        if rows := paragraphs(version, name, code):
            found.append({"key": name, "heading": heading, "paragraphs": rows, "is_steps": name == "actions"})
    return found


def wording_of(version: RecommendationVersion, code: str, *, with_summary: bool = True) -> dict[str, Any]:
    """Context of ``policy/_wording.html``."""
    sections = sections_of(version, code)
    return {
        "version": version,
        "sections": sections if with_summary else sections[1:] if version.summary else sections,
        "populations": list(version.populations.all()),
        "indicators": [Indicator(one).label for one in Indicator.values if one in version.indicators],
        "editions": editions_of(version, code),
        "is_outdated": version.is_outdated(code),
        "is_missing": not version.is_translated(code),
    }


def editions_of(version: RecommendationVersion, code: str) -> list[dict[str, Any]]:
    """The languages in which it can be read, and how each stands to the Hebrew original."""
    states = {"he": _("the original")}
    rows = []
    for one in CODES:
        if version.is_translated(one):
            state = states.get(one) or (_("outdated") if version.is_outdated(one) else _("up to date"))
            rows.append({"code": one, "name": Language(one).label, "state": state, "is_here": one == code})
    return rows


def changes_between(
    before: RecommendationVersion, after: RecommendationVersion, code: str
) -> list[dict[str, Any]]:
    """Fields that differ in a language: for ``knowledge/_changes.html``."""
    found: list[dict[str, Any]] = []
    headings = {"title": _("Title"), **HEADINGS}
    for name in TEXTS:
        old, new = (getattr(one, f"{name}_{code}") for one in (before, after))
        if old != new:
            pieces = differences(old, new)
            turned = [(direction_of(" ".join(text for _kind, text in row)), row) for row in pieces]
            found.append({"label": headings[name], "paragraphs": turned, "language": code})
    for label, old_list, new_list in lists_of(before, after):
        if old_list != new_list:
            found.append({"label": label, "members": listed(old_list, new_list)})
    return found


def lists_of(
    before: RecommendationVersion, after: RecommendationVersion
) -> list[tuple[str, list[str], list[str]]]:
    def labels(enum: Any, codes: list[str]) -> list[str]:
        return [str(enum(code).label) for code in enum.values if code in codes]

    def groups(version: RecommendationVersion) -> list[str]:
        return sorted(term.label for term in version.populations.all())

    return [
        (_("Life stages"), labels(LifeStage, before.life_stages), labels(LifeStage, after.life_stages)),
        (_("For whom above all"), groups(before), groups(after)),
        (_("What it should move"), labels(Indicator, before.indicators), labels(Indicator, after.indicators)),
    ]
