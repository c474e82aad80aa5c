"""What the search learns at night: how often words stand in public texts, and what follows for how words are read.

Counted anew each time, from rows that every visitor may read. A new edition of the analyser's knowledge is made only
when it would read differently by much; then every row is read again, a piece at a time, and a run that is cut short
goes on where it stopped, because each row says which edition has read it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from time import monotonic

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Avg, Count, Q

from munistem.commons.search import reading
from munistem.commons.search.actions import index
from munistem.commons.search.analyser import normalised, tokens
from munistem.commons.search.analyser.phrases import LONGEST as LONGEST_NAME
from munistem.commons.search.figures import ALL
from munistem.commons.search.models import Searchable
from munistem.commons.search.tables import Collection, Edition, TermCount, Word
from munistem.commons.terms.models import Term

PIECE = 200
GROWN = 0.1  # share of new words from which on the texts are read anew
KEPT_EDITIONS = 2
FEWEST_ROWS = 2  # that have a word, before it is held for a spelling
LONGEST_WORD = 30
MANY = 2_000_000  # spellings held while counting; the rarest are let go beyond
COUNT_TERMS = """
INSERT INTO commons_termcount (kind, term, rows)
SELECT %s, word, ndoc FROM ts_stat(%s) WHERE ndoc > 1 AND length(word) < 100 AND word !~ '^[#^]'
"""
COUNT_ALL = """
INSERT INTO commons_termcount (kind, term, rows)
SELECT '', term, sum(rows) FROM commons_termcount WHERE kind <> '' GROUP BY term
"""


def searchable() -> dict[str, type[Searchable]]:
    """Every table that is searched, by its label."""
    models = (model for model in apps.get_models() if issubclass(model, Searchable))
    return {
        model._meta.label_lower: model for model in sorted(models, key=lambda model: model._meta.label_lower)
    }


def learn() -> Edition | None:
    """Count everything anew; returns the edition that was made, if one was."""
    counts = count_words()
    edition = new_edition(counts)
    reread()
    count_terms()
    return edition


@transaction.atomic
def count_terms() -> None:
    """In how many public rows of each kind, and of all, the index terms stand."""
    TermCount.objects.all().delete()
    sizes = {label: _count_kind(label, model) for label, model in searchable().items()}
    rows = sum(number for number, _ in sizes.values())
    words = sum(number * length for number, length in sizes.values())
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ALL)
    Collection.objects.all().delete()
    Collection.objects.bulk_create(
        Collection(kind=label, rows=number, mean_length=length)
        for label, (number, length) in {**sizes, ALL: (rows, words / max(1, rows))}.items()
    )


def _count_kind(label: str, model: type[Searchable]) -> tuple[int, float]:
    rows = model.public_rows().order_by().filter(search_vector__isnull=False)
    size = rows.aggregate(number=Count("pk"), length=Avg("search_length", filter=Q(search_length__gt=0)))
    if size["number"]:
        vectors = model._base_manager.filter(pk__in=rows.values("pk")).values("search_vector")
        sql = connection.ops.compose_sql(*vectors.query.sql_with_params())
        with connection.cursor() as cursor:
            cursor.execute(COUNT_TERMS, [label, sql])
    return size["number"], size["length"] or 0.0


def count_words() -> Counter[str]:
    """How often each word stands in public texts; writes the lexicon of spellings along with it."""
    counts: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reader = reading.writing().analyser
    for texts in _public_texts():
        seen: set[str] = set()
        for text in texts:
            for token in tokens(text):
                if len(token.word) > LONGEST_WORD or token.word.isdigit():
                    continue
                counts[token.word] += 1
                term = next(iter(reader.readings(token.word, token.is_acronym)), token.word)
                written[term][text[token.start : token.end]] += 1
                seen.add(term)
        rows.update(seen)
        if len(written) > MANY:
            for term in [term for term in written if rows[term] < FEWEST_ROWS]:
                del written[term]
    with transaction.atomic():
        Word.objects.all().delete()
        Word.objects.bulk_create(
            (
                Word(word=term, spelling=written[term].most_common(1)[0][0], rows=number)
                for term, number in rows.items()
                if number >= FEWEST_ROWS and written[term]
            ),
            batch_size=2000,
        )
    return counts


def _public_texts() -> Iterator[list[str]]:
    """The texts of each public row of every kind."""
    for model in searchable().values():
        for row in model.public_rows().order_by("pk").defer("search_vector").iterator(PIECE):
            yield [text for text, _ in row.search_texts()]


def new_edition(counts: Counter[str]) -> Edition | None:
    """What is known now as a new edition, if texts would be read otherwise by it."""
    words, synonyms = sum(counts.values()), vocabulary()
    last = Edition.objects.order_by("-number").first()
    is_alike = last and last.rules == reading.rules() and last.synonyms == synonyms
    if last and is_alike and abs(words - last.word_count) <= GROWN * max(last.word_count, 1):
        return None
    edition = Edition.objects.create(
        number=last.number + 1 if last else 1,
        rules=reading.rules(),
        counts=reading.Counts.packed({word: count for word, count in counts.items() if count > 1}),
        word_count=words,
        synonyms=synonyms,
    )
    Edition.objects.filter(number__lte=edition.number - KEPT_EDITIONS).delete()
    reading.renewed()
    return edition


def vocabulary() -> dict[str, str]:
    """Each name that the vocabulary has for a word, of one word or a few → the key which all of them share."""
    shared: dict[str, str] = {}
    for term in Term.objects.curated().order_by("pk"):
        spoken = (term.name_he, term.name_ar, term.name_en, *term.synonyms)
        names = {name for one in spoken if (name := normalised(one)) and name.count(" ") < LONGEST_NAME}
        if len(names) > 1:
            for name in names:
                shared.setdefault(name, f"={term.pk}")
    return shared


def reread(seconds: float | None = None) -> int:
    """Read the rows that an earlier edition has read; returns how many. Says when none is left."""
    edition = reading.renewed()
    count, end = 0, monotonic() + seconds if seconds else None
    for model in searchable().values():
        stale = model._base_manager.exclude(search_edition=edition.number).order_by("pk")
        while piece := _reread_piece(stale):
            count += piece
            if end and monotonic() > end:
                return count
    if edition.number and edition.before:
        Edition.objects.filter(number=edition.number).update(is_settled=True)
        reading.renewed()
    return count


@transaction.atomic
def _reread_piece(stale) -> int:
    piece = list(stale.select_for_update(of=("self",), no_key=True)[:PIECE])
    for row in piece:
        index(row)
    return len(piece)
