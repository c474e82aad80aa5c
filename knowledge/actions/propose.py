"""What the form of an item could begin with, read out of files and pages: pure functions, no service outside.

Nothing here decides: each value is shown as a proposal, and the person keeps it or changes it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.actions.hints import KINDS, OF_A_PLACE, SAYS_NOTHING, SETTINGS, STAGES
from knowledge.actions.words import LONGEST_SUMMARY, LONGEST_TITLE
from knowledge.enums import ItemKind
from munistem.commons.enums import Language
from munistem.commons.files.models import FileKind
from munistem.commons.search.analyser import Analyser, normalised, words
from munistem.commons.text.names import harmless

MOST_READ = 24_000  # letters; what a thing is about, its beginning says
SURE = 0.55  # weight from which on a reading counts as the word itself
TITLE_COUNTS = 3  # a word of the title counts as often
SHORT = 150  # words; in a short text one mention is enough
FIRST_YEAR = 1990
LETTERS = {
    Language.HE: re.compile(r"[\u05d0-\u05ea]"),
    Language.AR: re.compile(r"[\u0620-\u064a]"),
    Language.EN: re.compile(r"[A-Za-z]"),
}
PLACED = {normalised(word) for word in OF_A_PLACE}
SENTENCES = re.compile(r"(?<=[.!?؟])\s+|\n+")
MOST_TERMS, MOST_STAGES = 4, 4


@dataclass(frozen=True)
class Source:
    """A file or a page: name of the file or title of the page, its text, kind of file ("" for a page)."""

    name: str
    text: str
    kind: str = ""
    description: str = ""
    is_film: bool = False


@dataclass(frozen=True)
class Lexicon:
    """The vocabulary as it is looked for. subjects, populations: slug → its names; places: number → its names."""

    subjects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    populations: Mapping[str, Sequence[str]] = field(default_factory=dict)
    places: Mapping[int, Sequence[str]] = field(default_factory=dict)


class Reading:
    """A text with the places at which each term stands, so that phrases are found in any inflection of their words."""

    def __init__(self, analyser: Analyser, title: str, text: str):
        self.analyser, self.length = analyser, 0
        self.places: dict[str, set[int]] = {}
        for _ in range(TITLE_COUNTS):
            self._take(title)
        self._take(text[:MOST_READ])

    def _take(self, text: str) -> None:
        last = 0
        for position, _token, found in self.analyser.index_terms(text):
            last = position
            for term, weight in found.items():
                if weight >= SURE and not term.startswith("~"):
                    self.places.setdefault(term, set()).add(self.length + position)
        self.length += last + 10

    def count(self, phrases: Iterable[str]) -> int:
        """How often any of the phrases stands there; one place counts once."""
        return len(set().union(*(self.spots(phrase) for phrase in phrases)))

    def spots(self, phrase: str) -> set[int]:
        found: set[int] | None = None
        for offset, group in enumerate(self.analyser.query_groups(phrase)):
            here: set[int] = set()
            for term, weight in group.terms.items():
                if weight >= SURE:
                    here |= {spot - offset for spot in self.places.get(term, ())}
            found = here if found is None else found & here
            if not found:
                return set()
        return found or set()


def propose(sources: Sequence[Source], lexicon: Lexicon, analyser: Analyser, today: date) -> dict[str, Any]:
    """Field of the form → proposed value; what the sources do not show is left out."""
    text = "\n".join(source.text.replace("\f", "\n") for source in sources)
    title = title_of(sources)
    reading = Reading(analyser, " ".join([title, *(stem(source.name) for source in sources)]), text)
    needed = 1 if len(words(text[:MOST_READ])) < SHORT else 2
    found: dict[str, Any] = {
        "title": title,
        "summary": summary_of(sources, title),
        "language": language_of(f"{title}\n{text}"),
        "kind": kind_of(sources, reading),
        "life_stages": in_order(STAGES, reading, needed),
        "settings": in_order(SETTINGS, reading, needed),
        "subjects": strongest(lexicon.subjects, reading, needed),
        "populations": strongest(lexicon.populations, reading, needed),
        "year": year_of(title, text, today),
        "authority": place_of(lexicon.places, title, text),
    }
    return {name: value for name, value in found.items() if value}


# Title, language, summary --------------------------------------------------------------------------------


def stem(name: str) -> str:
    """The name of a file without extension and the marks that stand for spaces."""
    bare = re.sub(r"\.[A-Za-z0-9]{2,5}$", "", name)
    return " ".join(re.sub(r"[_+]+|(?<=\w)-(?=\w)|%20", " ", bare).split())


def says_something(text: str) -> bool:
    bare = re.sub(rf"(?<![^\W\d_]){SAYS_NOTHING}(?![^\W\d_])|[\d\W_]+", "", text, flags=re.I)
    return len(bare) >= 4


def title_of(sources: Sequence[Source]) -> str:
    """The title of the page, else the first line of a file that reads like one, else the name of the file."""
    for source in sources:
        if not source.kind and says_something(source.name):
            return shortened(source.name, LONGEST_TITLE)
    for source in sources:
        line = next(filter(reads_like_title, beginnings(source.text)), "")
        if line:
            return shortened(line, LONGEST_TITLE)
    return next(
        (shortened(stem(row.name), LONGEST_TITLE) for row in sources if says_something(stem(row.name))), ""
    )


def beginnings(text: str) -> list[str]:
    """The first sentence of each of the first lines."""
    lines = [line.strip() for line in re.split(r"[\n\f]+", text[:1_500])[:12]]
    return [SENTENCES.split(line)[0].rstrip(".") for line in lines]


def reads_like_title(line: str) -> bool:
    line = line.strip()
    return 8 <= len(line) <= 110 and says_something(line) and not re.search(r"@|https?:|[;,:]$", line)


def shortened(text: str, most: int) -> str:
    text = harmless(text)
    return text if len(text) <= most else text[: most - 1].rpartition(" ")[0] + "…"


def language_of(text: str) -> str:
    """The language of most letters; "" when there are too few to tell."""
    counts = Counter({code: len(letters.findall(text[:MOST_READ])) for code, letters in LETTERS.items()})
    code, most = counts.most_common(1)[0]
    return str(code) if most >= 12 else ""


def summary_of(sources: Sequence[Source], title: str) -> str:
    """What the page says of itself, else the two sentences that hold most of what the text speaks of."""
    if said := next((row.description for row in sources if len(row.description) > 30), ""):
        return shortened(said, LONGEST_SUMMARY)
    text = "\n".join(source.text.replace("\f", "\n") for source in sources if source.kind != FileKind.ARCHIVE)
    rows = [" ".join(row.split()) for row in SENTENCES.split(text[:MOST_READ])]
    rows = [row for row in rows if 45 <= len(row) <= 280 and len(words(row)) >= 7 and row != title]
    if not rows:
        return ""
    often = Counter(word for row in rows for word in set(words(row)) if len(word) > 3)
    usual = len(rows) * 0.5

    def worth(place: int) -> float:
        told = [often[word] for word in set(words(rows[place])) if 1 < often[word] <= max(usual, 2)]
        return sum(told) / (len(words(rows[place])) + 6) + (0.6 if place < 3 else 0.2 if place < 10 else 0)

    chosen = sorted(sorted(range(len(rows)), key=worth, reverse=True)[:2])
    return shortened(" ".join(rows[place] for place in chosen), 400)


# Kind, stages, subjects ----------------------------------------------------------------------------------


def kind_of(sources: Sequence[Source], reading: Reading) -> str:
    """A film is a film; else the kind whose words stand there most, if any stands out."""
    if sources and all(source.is_film or source.kind == FileKind.VIDEO for source in sources):
        return ItemKind.VIDEO
    counts = Counter({kind: reading.count(phrases) for kind, phrases in KINDS.items()})
    (kind, most), (_next, second) = counts.most_common(2)
    return str(kind) if most >= 2 and most > second else ""


def in_order(named: Mapping[str, Sequence[str]], reading: Reading, needed: int) -> list[str]:
    """Those that are spoken of, in their order; passing mentions beside a main one do not count."""
    counts = {code: reading.count(phrases) for code, phrases in named.items()}
    least = max(needed, max(counts.values(), default=0) / 3)
    kept = [code for code, count in counts.items() if count >= least]
    return [str(code) for code in kept] if len(kept) <= MOST_STAGES else []


def strongest(named: Mapping[str, Sequence[str]], reading: Reading, needed: int) -> list[str]:
    counts = Counter({slug: reading.count(names) for slug, names in named.items()})
    return [slug for slug, count in counts.most_common(MOST_TERMS) if count >= needed]


# Year and place ------------------------------------------------------------------------------------------


def year_of(title: str, text: str, today: date) -> int | None:
    """The year it tells of: that of the title, else the one named most at its beginning, if named twice."""
    years = [
        int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", f"{title} " * 3 + text[:6_000])
    ]
    counts = Counter(year for year in years if FIRST_YEAR <= year <= today.year)
    if not counts:
        return None
    year, most = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
    return year if most >= 2 else None


def place_of(places: Mapping[int, Sequence[str]], title: str, text: str) -> int | None:
    """The local authority that is spoken of most; one at least that is surely meant: after “municipality”, or a long name."""
    spoken = words(f"{title} . " * TITLE_COUNTS + text[:MOST_READ])
    begins: dict[str, list[tuple[int, list[str]]]] = {}
    for number, names in places.items():
        for name in {normalised(name) for name in names if name}:
            if parts := words(name):
                begins.setdefault(parts[0], []).append((number, parts))
    scores: Counter[int] = Counter()
    sure: set[int] = set()
    for at, word in enumerate(spoken):
        before = spoken[at - 1] if at else ""
        for bare in {word, word.lstrip("בלמוש") or word, *((word[1:],) if word[:1] in "בלמהוש" else ())}:
            for number, parts in begins.get(bare, ()):
                if spoken[at + 1 : at + len(parts)] == parts[1:]:
                    is_sure = len(parts) > 1 or before in PLACED or before[1:] in PLACED
                    scores[number] += 2 if is_sure else 1
                    sure |= {number} if is_sure else set()
    (number, most), *rest = scores.most_common(2) or [(0, 0)]
    return number if number in sure and (not rest or most > rest[0][1]) else None
