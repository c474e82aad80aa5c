from collections.abc import Iterable

from munistem.commons.search.analyser import normalised
from munistem.commons.search.models import Searchable, vector


def index(thing: Searchable) -> None:
    """Write the search columns of a row, inside the transaction of the deed that changed its text."""
    type(thing)._base_manager.filter(pk=thing.pk).update(
        search_vector=vector(thing.search_texts()),
        search_title=normalised(thing.search_heading())[:500],
        **thing.index_columns(),
    )


def reindex(things: Iterable[Searchable]) -> int:
    """Index many rows anew; returns how many."""
    count = 0
    for thing in things:
        index(thing)
        count += 1
    return count
