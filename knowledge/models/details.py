"""The few fields of their own that some kinds of items have; kept in ``Revision.details`` by name, as plain text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.enums import Evidence, ItemKind

PROSE, LINE, DATE, CHOICE = "prose", "line", "date", "choice"


@dataclass(frozen=True)
class Detail:
    """One field: under which name it is kept, what it asks, and in which form the answer comes."""

    name: str
    label: Any
    form: str = PROSE
    hint: Any = ""
    choices: Any = None
    longest: int = 5_000
    is_needed: bool = False  # before it is sent for review


DETAILS: dict[str, tuple[Detail, ...]] = {
    ItemKind.CASE_STUDY: (
        Detail(
            "context",
            pgettext_lazy("case study", "Where we began"),
            hint=_("The place, the need, what had been tried."),
        ),
        Detail(
            "done",
            pgettext_lazy("case study", "What was done"),
            hint=_("Step by step, so that a colleague could do it too."),
        ),
        Detail(
            "cost", pgettext_lazy("case study", "What it cost"), LINE, hint=_("Money a year, and from where.")
        ),
        Detail(
            "staff",
            pgettext_lazy("case study", "Who worked on it"),
            LINE,
            hint=_("Roles and hours, no names."),
        ),
        Detail("partners", pgettext_lazy("case study", "Partners"), LINE),
        Detail(
            "results", pgettext_lazy("case study", "What came of it"), hint=_("Figures where you have them.")
        ),
        Detail("evidence", pgettext_lazy("case study", "How do you know?"), CHOICE, choices=Evidence),
        Detail("next_time", pgettext_lazy("case study", "What we would do differently")),
    ),
    ItemKind.LOCAL_MODEL: (
        Detail(
            "organisation",
            pgettext_lazy("local model", "How it is organised"),
            hint=_("Who leads, who decides, where it stands in the municipality."),
        ),
        Detail(
            "routines",
            pgettext_lazy("local model", "Working routines"),
            hint=_("Meetings, plans, reports: what happens every week, month and year."),
        ),
        Detail("goals", pgettext_lazy("local model", "Goals")),
        Detail("partners", pgettext_lazy("local model", "Partners"), hint=_("What each of them brings.")),
        Detail(
            "challenges", pgettext_lazy("local model", "Challenges"), hint=_("What is hard, and what helps.")
        ),
    ),
    ItemKind.CALL: (
        Detail(
            "deadline",
            pgettext_lazy("call", "Proposals are taken until"),
            DATE,
            hint=_("After this day readers see that the call is over."),
            is_needed=True,
        ),
        Detail("eligibility", pgettext_lazy("call", "Who may apply"), longest=1_500),
        Detail(
            "amount", pgettext_lazy("call", "How much"), LINE, hint=_("The sum, and what it may be spent on.")
        ),
    ),
}
#: For how many years an item holds when its author says nothing; a call holds until its deadline.
YEARS_VALID: dict[str, int] = {
    ItemKind.GUIDE: 3,
    ItemKind.CASE_STUDY: 3,
    ItemKind.TOOL: 2,
    ItemKind.RESEARCH: 3,
    ItemKind.VIDEO: 3,
    ItemKind.LOCAL_MODEL: 3,
    ItemKind.MEETING: 2,
}
LONGEST_LINE = 300


def day_in(details: Mapping[str, Any], name: str) -> date | None:
    """A day that is kept as ``YYYY-MM-DD``."""
    try:
        return date.fromisoformat(details.get(name) or "")
    except (TypeError, ValueError):
        return None


def told(kind: str, details: Mapping[str, Any]) -> Iterator[tuple[Detail, Any]]:
    """What is said, in its order: a field with a text, a ``date``, or the label of what was chosen."""
    for detail in DETAILS.get(kind, ()):
        value: Any = details.get(detail.name) or ""
        if detail.form == DATE:
            value = day_in(details, detail.name)
        elif detail.form == CHOICE:
            value = detail.choices(value).label if value in detail.choices.values else ""
        if value:
            yield detail, value


def detail_texts(kind: str, details: Mapping[str, Any]) -> Iterator[str]:
    """What people wrote there, for search and exports."""
    for detail, value in told(kind, details):
        if detail.form in (PROSE, LINE):
            yield value


def valid_by_default(kind: str, details: Mapping[str, Any], today: date) -> date | None:
    """Until when an item holds when its author says nothing: a call until its deadline, others some years."""
    if kind == ItemKind.CALL:
        return day_in(details, "deadline")
    years = YEARS_VALID.get(kind, 3)
    try:
        return today.replace(year=today.year + years)
    except ValueError:  # the 29th of February
        return today.replace(year=today.year + years, day=28)
