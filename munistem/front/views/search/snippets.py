"""What a result of the search box is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from munistem.commons.enums import Language
from munistem.commons.search.passages import Asked

__all__ = ["Asked", "Found", "told_language"]


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
    reasons: Sequence[
        tuple[str, Any]
    ] = ()  # what else says it, such as a tag: what that is, and how it is called


def told_language(code: str) -> tuple[Any, ...]:
    """A note that says in which language a result is, where it is another than the page's."""
    return (Language(code).label,) if code in Language.values and code != (get_language() or "he")[:2] else ()
