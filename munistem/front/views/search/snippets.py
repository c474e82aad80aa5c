"""What a result of the search box is."""

from dataclasses import dataclass
from typing import Any

from munistem.commons.search.passages import Asked

__all__ = ["Asked", "Found"]


@dataclass(frozen=True)
class Found:
    """One result as the page shows it."""

    title: Any
    url: str
    snippet: Any = ""
    notes: tuple[Any, ...] = ()
    language: str = ""
    stages: list[str] | None = None
    person: Any = None
    place: Any = None  # the page of a file that says it: {name, url, page}
