from collections.abc import Iterable

from munistem.commons.search.models import Searchable


def index(thing: Searchable) -> None:
    """Write the search columns of a row, inside the transaction of the deed that changed its text."""
    type(thing)._base_manager.filter(pk=thing.pk).update(**thing.search_columns(), **thing.index_columns())


def fill(thing: Searchable, texts: Iterable[tuple[str, str]] | None = None) -> None:
    """Put the search columns on a row that is about to be written in bulk; its texts may be given."""
    for name, value in thing.search_columns(texts).items():
        setattr(thing, name, value)


def reindex(things: Iterable[Searchable]) -> int:
    """Index many rows anew; returns how many."""
    count = 0
    for thing in things:
        index(thing)
        count += 1
    return count
