"""The portal's search over a scratch table of the embedded PostgreSQL, for ``evaluate.py`` of the open sets.

``index(docs)`` with pairs of (id, text); ``query(q, k)`` answers with at most k ids, best first, matches only.
"""

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402

from munistem import pgdev  # noqa: E402
from munistem.commons.search.analyser import Analyser, tokens  # noqa: E402
from munistem.commons.search.ranking import (  # noqa: E402
    ROWS,
    Candidate,
    Statistics,
    asked,
    best,
    leading,
    vector_of,
)

TABLES = """
CREATE TEMPORARY TABLE found (id text PRIMARY KEY, search_vector tsvector, search_length integer);
CREATE TEMPORARY TABLE term (term text PRIMARY KEY, rows integer);
"""
FILLED = """
CREATE INDEX found_gin ON found USING gin (search_vector);
INSERT INTO term SELECT word, ndoc FROM ts_stat('SELECT search_vector FROM found');
ANALYZE found; ANALYZE term;
"""
CANDIDATES = """
SELECT id, search_vector::text, search_length FROM found WHERE search_vector @@ %s::tsquery LIMIT %s
"""


class Engine:
    """One connection with its own scratch tables."""

    def __init__(self, docs: list[tuple[str, str]]):
        self.connection = psycopg.connect(pgdev.url(ROOT / ".local" / "bench" / "search"), autocommit=True)
        self.analyser = Analyser(Counter(token.word for _, text in docs for token in tokens(text)))
        self.connection.execute(TABLES)
        with self.connection.cursor().copy("COPY found FROM STDIN") as copy:
            copy.set_types(["text", "text", "int4"])
            for key, text in docs:
                copy.write_row((key, *vector_of(self.analyser, [(text, "C")])))
        self.connection.execute(FILLED)
        row = self.connection.execute("SELECT count(*), avg(search_length)::float FROM found").fetchone()
        self.rows, self.mean_length = row or (0, 1.0)

    def query(self, query: str, most: int) -> list[str]:
        groups = self.analyser.query_groups(query)
        terms = list({term for group in groups for term in group.terms})
        known = self.connection.execute(
            "SELECT term, rows FROM term WHERE term = ANY(%s)", [terms]
        ).fetchall()
        statistics = Statistics(self.rows, self.mean_length or 1.0, dict(known))
        rows = max(ROWS, most)
        chosen, is_every = leading(groups, statistics, rows)
        if not chosen:
            return []
        found = self.candidates(asked(chosen, is_every), rows)
        if is_every and len(found) < rows:
            found |= self.candidates(asked(chosen[:1]), rows - len(found))
        return [str(key) for key in best(groups, found.values(), statistics, most)]

    def candidates(self, tsquery: str, rows: int) -> dict[str, Candidate]:
        read = self.connection.execute(CANDIDATES, [tsquery, rows])
        return {key: Candidate(key, vector, length) for key, vector, length in read}


engine: Engine


def index(docs: list[tuple[str, str]]) -> None:
    global engine
    engine = Engine(docs)


def query(q: str, k: int) -> list[str]:
    return engine.query(q, k)
