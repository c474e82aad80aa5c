"""Heads of columns as people write them in three languages, and words of the code as cells say them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import translation

from munistem.commons.search.analyser import normalised

LANGUAGES = ("he", "ar", "en")
#: Column → its heads: in Hebrew, Arabic and English, then others by which it is known.
Heads = Mapping[str, tuple[str, ...]]


def by_head(heads: Heads) -> dict[str, str]:
    """Every head of every column, as words are compared, with the column."""
    return {normalised(head): column for column, known in heads.items() for head in (column, *known)}


def compared_head(head: str) -> str:
    """A head as it is looked up: without the mark of what must be filled in."""
    return normalised(head.strip().rstrip("*:").strip())


def own_head(heads: Heads, column: str) -> str:
    """The head of a column in the reader's language; "" for one that there is not (any more)."""
    if column not in heads:
        return ""
    language = translation.get_language() or "he"
    return heads[column][LANGUAGES.index(language) if language in LANGUAGES else 2]


def columns_of(first: Iterable[str], known: Mapping[str, str]) -> tuple[dict[int, str], list[str]]:
    """Place → column of a first line, and the heads that are not known; a column named twice counts the first time.

    known: head as compared → column, see ``by_head``.
    """
    columns: dict[int, str] = {}
    unknown = []
    for place, head in enumerate(first):
        column = known.get(compared_head(head), "")
        if column and column not in columns.values():
            columns[place] = column
        elif head.strip():
            unknown.append(head.strip()[:80])
    return columns, unknown


def words_of_choices(
    choices: Iterable[tuple[str, Any]], short: Mapping[str, Iterable[str]] = {}
) -> dict[str, str]:
    """Every way to write one of the choices – code, label in any language, shorter words – as compared, with its value."""
    known: dict[str, str] = {}
    offered = list(choices)
    for language in LANGUAGES:
        with translation.override(language):
            for value, label in offered:
                known.setdefault(normalised(value.replace("_", " ")), value)
                known.setdefault(normalised(str(label)), value)
    for value, _label in offered:
        for word in short.get(value, ()):
            known.setdefault(normalised(word), value)
    return known
