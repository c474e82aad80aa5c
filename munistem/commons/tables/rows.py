"""A row as it was understood, and what is wrong with it."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import translation

ERROR, WARNING = "error", "warning"
NUMERIC = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")


@dataclass(frozen=True)
class Problem:
    """column; weight: ``error`` keeps the row out, ``warning`` does not; text: English source; words: its values."""

    column: str
    weight: str
    text: str
    words: dict[str, Any] = field(default_factory=dict)


@dataclass
class Row:
    """A row as it was understood."""

    content: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def note(self, column: str, text: Any, weight: str = ERROR, **words: Any) -> None:
        with translation.override(None):
            self.problems.append(Problem(column, weight, str(text), words))

    def count(self, weight: str) -> int:
        return sum(problem.weight == weight for problem in self.problems)


def day_of(cell: str) -> date | None:
    """A day as people write it – 31/12/2027, 31.12.2027 – or as tables keep it."""
    try:
        if found := NUMERIC.match(cell):
            day, month, year = map(int, found.groups())
            return date(year, month, day)
        return date.fromisoformat(cell[:10])
    except ValueError:
        return None
