"""The few fields of their own that some kinds of items have; kept in ``Revision.details`` by name, as plain text.

A range is kept as ``2-5``, either end may be open; of several the codes with commas between.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.enums import Evidence, ItemKind
from members.enums import District, PopulationGroup
from members.models import RegionalCluster
from munistem.commons.text.names import listed

PROSE, LINE, DATE, CHOICE, RANGE, SEVERAL = "prose", "line", "date", "choice", "range", "several"
#: Whose values are the same in every language.
NEUTRAL = (DATE, CHOICE, RANGE, SEVERAL)


class ClustersOfRegister:
    """The regional clusters to choose from, by the name in their address."""

    @property
    def choices(self) -> list[tuple[str, Any]]:
        rows = RegionalCluster.objects.only("slug", "name_he", "name_ar", "name_en")
        named = (
            (row.slug, lazy(getattr, str)(row, "name")) for row in rows
        )  # each reader's language, when it is read
        return sorted(named, key=lambda pair: str(pair[1]))


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
    least: int = 1  # of a range
    most: int = 10


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
        Detail(
            "size",
            pgettext_lazy("call", "Residents of the municipality"),
            RANGE,
            hint=_("We show the call to those whom it fits. What is left empty is open to all."),
            least=0,
            most=10_000_000,
        ),
        Detail(
            "socioeconomic",
            pgettext_lazy("call", "Socio-economic cluster"),
            RANGE,
            hint=_("1 to 10; 1 is the lowest."),
        ),
        Detail(
            "periphery",
            pgettext_lazy("call", "Periphery cluster"),
            RANGE,
            hint=_("1 to 10; 1 is the most peripheral."),
        ),
        Detail(
            "groups",
            pgettext_lazy("call", "Population groups"),
            SEVERAL,
            hint=_("As the register has them; none chosen means all."),
            choices=PopulationGroup,
        ),
        Detail(
            "districts",
            pgettext_lazy("call", "Districts"),
            SEVERAL,
            hint=_("None chosen means all."),
            choices=District,
        ),
        Detail(
            "clusters",
            pgettext_lazy("call", "Regional clusters"),
            SEVERAL,
            hint=_("None chosen means all."),
            choices=ClustersOfRegister(),
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


#: A range as people write it: 2-5, 2 to 5, 2–, –5, or one number.
RANGES = re.compile(r"^([0-9][0-9,]*)?\s*([-–—]|to|עד|إلى|الى|)\s*([0-9][0-9,]*)?$")


def range_of(text: Any) -> tuple[int | None, int | None] | None:
    """From – to, None for an open end; None for what is no range. One number is both ends."""
    found = RANGES.match(str(text or "").strip())
    if not found or not (found[1] or found[3]) or len(str(text)) > 30:
        return None
    first, last = (int(end.replace(",", "")) if end else None for end in (found[1], found[3]))
    if not found[2]:
        return None if first is not None and last is not None else (first, first)
    return first, last


def range_in(details: Mapping[str, Any], name: str) -> tuple[int | None, int | None]:
    """From – to, both inclusive; (None, None) where nothing is said."""
    return range_of(details.get(name)) or (None, None)


def kept_range(first: int | None, last: int | None) -> str:
    """A range as it is kept."""
    ends = ["" if end is None else str(end) for end in (first, last)]
    return "-".join(ends) if any(ends) else ""


def codes_in(details: Mapping[str, Any], name: str) -> list[str]:
    """The codes of several that were chosen."""
    return [code for code in str(details.get(name) or "").split(",") if code]


def said_range(first: int | None, last: int | None) -> str:
    """A range in words of the active language."""
    ends = {"least": f"{first or 0:,}", "most": f"{last or 0:,}"}
    if last is None:
        return str(_("%(least)s and more")) % ends
    if first is None:
        return str(_("up to %(most)s")) % ends
    return ends["least"] if first == last else str(_("%(least)s to %(most)s")) % ends


def told(kind: str, details: Mapping[str, Any]) -> Iterator[tuple[Detail, Any]]:
    """What is said, in its order: a field with a text, a ``date``, or the label of what was chosen."""
    for detail in DETAILS.get(kind, ()):
        value: Any = details.get(detail.name) or ""
        if detail.form == DATE:
            value = day_in(details, detail.name)
        elif detail.form == CHOICE:
            value = detail.choices(value).label if value in detail.choices.values else ""
        elif detail.form == RANGE:
            value = said_range(*found) if (found := range_of(value)) else ""
        elif detail.form == SEVERAL and value:
            chosen = codes_in(details, detail.name)
            value = listed(str(label) for code, label in detail.choices.choices if code in chosen)
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
