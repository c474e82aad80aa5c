"""The ranking without a database: what it would tell of how often words stand in a row is counted here."""

from collections.abc import Mapping, Sequence
from typing import Any

from munistem.commons.search.analyser import Group
from munistem.commons.search.ranking import FIELDS, Candidate, Statistics, best, scored, terms_of, to_read


def ranked(
    groups: Sequence[Group], vectors: Mapping[Any, tuple[str, int]], statistics: Statistics
) -> list[Any]:
    """Keys of vectors with their lengths, best first."""
    terms = terms_of(groups)
    candidates = [
        Candidate(key, [often(term, vector) for term in terms], length)
        for key, (vector, length) in vectors.items()
    ]
    found = scored(groups, candidates, statistics)
    read = {key: vectors[key][0] for key in to_read(groups, found, statistics)}
    return best(groups, found, statistics, read)


def often(term: str, vector: str) -> int:
    """How often a term stands in a vector, by the weights of the places; ``term*`` is the first that begins so."""
    words = (word.rpartition(":") for word in vector.split(" ") if ":" in word)
    for word, _, places in words:
        if word == f"'{term}'" or (term.endswith("*") and word.startswith(f"'{term[:-1]}")):
            return sum(FIELDS.get(place[-1], 1) for place in places.split(","))
    return 0
