"""What the whole collection knows of a few terms, read in one query; counted by ``counting`` from public rows only."""

from collections.abc import Collection as Some
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from munistem.commons.ready import NOBODY, Text, listed, ready_part, together
from munistem.commons.search.ranking import Statistics

ALL = ""  # the kind under which all kinds are counted together
FEWEST = 200  # public rows below which a kind's own counts tell less than those of all kinds
PRESUMED = 1000  # rows of a collection that has not been counted yet
LENGTH = 60.0
READ = """
SELECT 'edition', '', number, is_settled::int::float, '' FROM (
    SELECT number, is_settled FROM commons_edition ORDER BY number DESC LIMIT 1) present
UNION ALL SELECT 'kind', kind, rows, mean_length, '' FROM commons_collection
UNION ALL SELECT 'word', word, rows, NULL, spelling FROM commons_word WHERE word = ANY(%s::text[])
UNION ALL SELECT 'table', relname, reltuples::bigint, NULL, '' FROM pg_class
    WHERE relkind = 'r' AND reltuples > 2000 AND pg_table_is_visible(oid)
UNION ALL SELECT kind, term, rows, NULL, '' FROM commons_termcount WHERE term = ANY(%s::text[])
"""


@dataclass
class Told:
    """The present edition, the sizes of all kinds, and in how many rows of which kind the terms stand."""

    edition: int = 0
    is_settled: bool = True
    sizes: dict[str, tuple[int, float]] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)  # rows of the large ones, about
    rows_with: dict[str, dict[str, int]] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)  # of the terms that are words of public texts

    def statistics(self, kind: str) -> Statistics:
        """Those of a kind; of all kinds together where it has too few public rows to tell."""
        rows, length = self.sizes.get(kind, (0, 0.0))
        if rows < FEWEST:
            whole, whole_length = self.sizes.get(ALL, (0, 0.0))
            return Statistics(
                max(whole, PRESUMED), length or whole_length or LENGTH, self.rows_with.get(ALL, {})
            )
        return Statistics(rows, length or LENGTH, self.rows_with.get(kind, {}))


def read(terms: Some[str]) -> Told:
    told = Told()
    (lines,) = together([_read(NOBODY, Text(listed(terms)))])
    for source, name, rows, other, spelling in lines:
        if source == "edition":
            told.edition, told.is_settled = rows, bool(other)
        elif source == "kind":
            told.sizes[name] = rows, other
        elif source == "table":
            told.tables[name] = rows
        elif source == "word":
            told.spellings[name] = spelling
        else:
            told.rows_with.setdefault(source, {})[name] = rows
    return told


@ready_part
def _read(_nobody: Any, terms: str) -> Any:
    return apps.get_model("commons", "edition"), READ, [terms, terms]
