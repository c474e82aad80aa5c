"""A collection of texts in a database of the benchmark's own, searched as the portal searches a kind of its rows.

The analyser, the columns, the index, the questions put to PostgreSQL and the ranking are the product's; only the
table is ours, and its words are counted here at once instead of at night.
"""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import django
from django.apps import apps

from munistem import pgdev

ROOT = Path(__file__).parents[2]
DATA = ROOT / ".local" / "bench" / "search"


def prepare() -> None:
    """Django on the database of this benchmark, unless it is set up already."""
    if not apps.ready:
        DATA.mkdir(parents=True, exist_ok=True)
        os.environ |= {
            "DATA_DIR": str(DATA),
            "DATABASE_URL": pgdev.url(DATA / "pg"),
            "SECRET_KEY": "of the benchmark only, never elsewhere",
            "ALLOWED_HOSTS": "127.0.0.1",
            "EMAIL_URL": "file:",
            "DJANGO_SETTINGS_MODULE": "munistem.settings",
        }
        django.setup()


prepare()

from django.db import connection, models  # noqa: E402

from munistem.commons.search import reading  # noqa: E402
from munistem.commons.search.analyser import normalised, tokens  # noqa: E402
from munistem.commons.search.figures import ALL  # noqa: E402
from munistem.commons.search.finding import kind_of  # noqa: E402
from munistem.commons.search.models import Searchable, SearchableQuerySet  # noqa: E402
from munistem.commons.search.tables import Collection, Edition, TermCount, Word  # noqa: E402

COLUMNS = "key, search_vector, search_title, search_length, search_edition"
COUNTED = """
INSERT INTO commons_termcount (kind, term, rows)
SELECT %s, word, ndoc FROM ts_stat('SELECT search_vector FROM bench_text') WHERE ndoc > 1 AND word !~ '^[#^]'
"""
WORDS = """
INSERT INTO commons_word (word, spelling, rows)
SELECT term, term, rows FROM commons_termcount WHERE kind = '' AND term !~ '^[~+*]'
"""


class Text(Searchable):
    """A text under the key that the sets know it by."""

    key = models.TextField()
    objects = SearchableQuerySet.as_manager()

    class Meta:
        app_label = "bench"
        db_table = "bench_text"
        indexes = [Searchable.search_index("bench_text_search")]

    def __str__(self):
        return self.key


TABLES = (Text, Edition, Collection, TermCount, Word)


def index(texts: Iterable[tuple[str, str]]) -> None:
    """Throw away what was there and index pairs of (key, text)."""
    texts = list(texts)
    begin(texts)
    add(texts)
    finish()


def begin(texts: Iterable[tuple[str, str]]) -> None:
    """Empty tables, and an analyser that knows how often words are written in these texts."""
    reading.forget()
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {model._meta.db_table}")
    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)
    counts = Counter(token.word for _, text in texts for token in tokens(text))
    Edition.objects.create(
        number=1,
        rules=reading.rules(),
        counts=reading.Counts.packed(counts),
        word_count=counts.total(),
        is_settled=True,
    )


def add(texts: Iterable[tuple[str, str]], titled: int = 0) -> None:
    """Read texts and write rows; the index follows in ``finish``. So many words of each are its title, too."""
    with connection.schema_editor() as editor:
        editor.remove_index(Text, Text._meta.indexes[0])
    vector, number = reading.renewed().vector, reading.current().number
    with connection.cursor() as cursor, cursor.copy(f"COPY bench_text ({COLUMNS}) FROM STDIN") as copy:
        for key, text in texts:
            title = normalised(" ".join(text.split()[:titled]))
            found, length = vector([(title, "A"), (text, "C")], [title]) if title else vector([(text, "C")])
            copy.write_row((key, found, title, length, number))


def finish() -> None:
    """Make the index, and count in how many rows each term stands."""
    with connection.schema_editor() as editor:
        editor.add_index(Text, Text._meta.indexes[0])
    rows, length = Text.objects.aggregate(models.Count("pk"), models.Avg("search_length")).values()
    Collection.objects.bulk_create(
        Collection(kind=kind, rows=rows, mean_length=length or 0)
        for kind in (kind_of(Text.objects.all()), ALL)
    )
    with connection.cursor() as cursor:
        for kind in (kind_of(Text.objects.all()), ALL):
            cursor.execute(COUNTED, [kind])
        cursor.execute(WORDS)
        cursor.execute("ANALYZE bench_text; ANALYZE commons_word; ANALYZE commons_termcount")


def search(question: str, most: int) -> list[str]:
    """Keys of the rows that answer, best first."""
    return list(Text.objects.matching(question).values_list("key", flat=True)[:most])
