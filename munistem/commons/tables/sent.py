"""A table as it was sent: read in the limited child, its heads understood, and what each row tells."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from munistem.commons.files import extraction
from munistem.commons.files.rules import extension_of
from munistem.commons.files.storage import near
from munistem.commons.text.names import harmless_text

MOST_UNKNOWN = 20  # heads that are told back
#: Heads → place of each column that is known, and the heads that are not.
Heads = Callable[[Iterable[str]], tuple[dict[int, str], list[str]]]


@dataclass(frozen=True)
class SentTable:
    """columns: place → name; unknown: heads that nobody knows; lines: number and cells of each line below the heads."""

    columns: dict[int, str]
    unknown: list[str]
    lines: list[tuple[int, list[str]]]

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Number of each line that tells anything, and column → what it tells."""
        for number, cells in self.lines:
            told = {
                column: harmless_text(cells[place])
                for place, column in self.columns.items()
                if place < len(cells) and cells[place]
            }
            if told:
                yield number, told


def read_table(file: Any, name: str, heads: Heads, needed: Collection[str]) -> SentTable:
    """Read a stored table that was sent under this name.

    needed: columns of which it must have one. Raises Refused: ``empty``, ``heads`` when it has none of them, or what the child
    says; OSError when the file cannot be read.
    """
    with near(file) as path:
        lines = extraction.table(path, extension_of(name))
    columns, unknown = heads(lines[0][1] if lines else ())
    if not set(needed) & set(columns.values()):
        raise extraction.Refused("heads" if lines else "empty")
    if len(lines) == 1:
        raise extraction.Refused("empty")
    return SentTable(columns, unknown[:MOST_UNKNOWN], lines[1:])
