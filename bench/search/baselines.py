"""What the portal's search is compared with: BM25 over plain words and over Snowball's stems, and what PostgreSQL has.

Each offers ``index(texts)`` and ``search(question, most)`` as ``collection`` does.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from heapq import nlargest
from math import log

import snowballstemmer
from django.db import connection

from munistem.commons.search.analyser import words

K1, B = 1.2, 0.75
SNOWBALL = {"ar": snowballstemmer.stemmer("arabic"), "en": snowballstemmer.stemmer("english")}
ARABIC = re.compile(r"[\u0620-\u06d3]")


class BM25:
    """Okapi BM25 in memory over what ``read`` makes of a text; the same normalised letters as the portal's."""

    def __init__(self, read: Callable[[str], list[str]] = words):
        self.read = read

    def index(self, texts: Iterable[tuple[str, str]]) -> None:
        self.stands: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.keys: list[str] = []
        self.lengths: list[int] = []
        for number, (key, text) in enumerate(texts):
            found = self.read(text)
            self.keys.append(key)
            self.lengths.append(len(found))
            for word, often in Counter(found).items():
                self.stands[word].append((number, often))
        self.mean = sum(self.lengths) / max(1, len(self.lengths))

    def search(self, question: str, most: int) -> list[str]:
        scores: dict[int, float] = defaultdict(float)
        for word in dict.fromkeys(self.read(question)):
            stands = self.stands.get(word, ())
            rarity = log(1 + (len(self.keys) - len(stands) + 0.5) / (len(stands) + 0.5))
            for number, often in stands:
                norm = K1 * (1 - B + B * self.lengths[number] / self.mean)
                scores[number] += rarity * often * (K1 + 1) / (often + norm)
        return [self.keys[number] for number in nlargest(most, scores, key=lambda number: scores[number])]


def stems(text: str) -> list[str]:
    """Words by Snowball, Arabic or English by their letters."""
    return [SNOWBALL["ar" if ARABIC.search(word) else "en"].stemWord(word) for word in words(text)]


class PostgreSQL:
    """A table with an index, searched by one statement with ``%(question)s`` and ``%(most)s``."""

    tables = "DROP TABLE IF EXISTS bench_plain; CREATE TABLE bench_plain (key text, body text)"
    indexes: str
    statement: str

    def index(self, texts: Iterable[tuple[str, str]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self.tables)
            with cursor.copy("COPY bench_plain FROM STDIN") as copy:
                for row in texts:
                    copy.write_row(row)
            cursor.execute(self.indexes)

    def search(self, question: str, most: int) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(self.statement, {"question": self.asked(question), "most": most})
            return [key for (key,) in cursor.fetchall()]

    def asked(self, question: str) -> str:
        return question


class Simple(PostgreSQL):
    """Any of the words, best first by ts_rank; all of them would find next to nothing of a sentence."""

    indexes = """
    ALTER TABLE bench_plain ADD vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED;
    CREATE INDEX ON bench_plain USING gin (vector); ANALYZE bench_plain
    """
    statement = """
    SELECT key FROM bench_plain, CAST(replace(plainto_tsquery('simple', %(question)s)::text, '&', '|') AS tsquery) asked
    WHERE vector @@ asked ORDER BY ts_rank(vector, asked, 1) DESC LIMIT %(most)s
    """


class Trigram(PostgreSQL):
    """The most similar texts by the trigrams of the question, as pg_trgm's word similarity tells."""

    indexes = """
    CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX ON bench_plain USING gin (body gin_trgm_ops);
    SET pg_trgm.word_similarity_threshold = 0.3; ANALYZE bench_plain
    """
    statement = """
    SELECT key FROM bench_plain WHERE %(question)s <%% body ORDER BY word_similarity(%(question)s, body) DESC
    LIMIT %(most)s
    """
