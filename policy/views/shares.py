"""How endorsements fare over time: what stood at the end of each period, and what stands now; one query for the past."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, TextField, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from policy.enums import Stance, word_of
from policy.models import ProgressSnapshot, Recommendation
from policy.models.endorsement import SILENT_AFTER
from policy.models.period import ReportPeriod
from policy.models.progress import reads_for_network

#: What an endorsement can be in, in the order of the bars.
SHOWN = (
    *("done", "under_way", "stuck", "not_started", "stopped"),
    *("not_reported", "untold"),
)
MOST_PERIODS = 8


@dataclass(frozen=True)
class Stood:
    """One bar: parts are (code, word, count, percent) of ``total`` endorsements; note: when it was."""

    label: str
    total: int
    parts: list[tuple[str, str, int, int]]


def bar(label: str, counts: Counter[str]) -> Stood:
    total = counts.total()
    parts = [
        (code, word_of(code), counts[code], round(100 * counts[code] / total))
        for code in SHOWN
        if counts[code]
    ]
    return Stood(label, total, parts)


def over_time(
    user: Any, towns: Any, recommendations: list[Recommendation], cells: Iterable[Any]
) -> list[Stood]:
    """The closed periods, the latest last, then today. towns: of the filter; cells: the answers of the table."""
    periods: dict[Any, Counter[str]] = {}
    for row in counted(user, towns, recommendations):
        periods.setdefault(row["period__opens_on"], Counter())[row["state"]] += row["n"]
    bars = [bar(name_of(opens_on), periods[opens_on]) for opens_on in sorted(periods)[-MOST_PERIODS:]]
    now = Counter(cell.state for cell in cells if cell.stance == Stance.ENDORSES and not cell.is_waiting)
    return [*bars, bar(_("Today"), now)] if now or bars else []


def counted(user: Any, towns: Any, recommendations: list[Recommendation]) -> Any:
    """How many endorsements of each closed period stood how, counted by the database."""
    rows = ProgressSnapshot.objects.filter(
        stance=Stance.ENDORSES,
        endorsement__organisation__in=towns.values("pk"),
        endorsement__recommendation__in=[one.pk for one in recommendations],
    )
    hidden = [] if reads_for_network(user) else [When(is_public=False, then=Value("untold"))]
    state = Case(
        *hidden,
        When(missed__gte=SILENT_AFTER, then=Value("not_reported")),
        When(status="", then=Value("untold")),
        default="status",
        output_field=TextField(),
    )
    return rows.annotate(state=state).order_by().values("period__opens_on", "state").annotate(n=Count("pk"))


def name_of(opens_on: Any) -> str:
    """A period by the month in which it ended."""
    end = ReportPeriod(opens_on=opens_on).ends_on
    return date_format(min(end, timezone.localdate()), "F Y")
