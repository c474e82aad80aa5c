"""Search works only in a database that knows Hebrew and Arabic letters; in locale C it is silently blind to them."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

SEES = """
SELECT datctype NOT IN ('C', 'POSIX') AND 'שלום' ~ '^\\w+$' AND 'سلام' ~ '^\\w+$' AND lower('É') = 'é'
FROM pg_database WHERE datname = current_database()
"""
TRIGRAMS = "SELECT show_trgm('שלום') <> '{}' AND show_trgm('سلام') <> '{}'"


def sees_letters(connection: Any) -> bool:
    """Whether this database takes Hebrew and Arabic letters for letters, in trigrams too where these are installed.

    pg_trgm asks the libc locale (datctype) whatever collation is in use.
    """
    with connection.cursor() as cursor:
        cursor.execute(SEES)
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if not cursor.fetchone():
            return True
        cursor.execute(TRIGRAMS)
        return cursor.fetchone()[0]


@register(Tags.database)
def database_sees_hebrew_and_arabic(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Asked by `migrate` and by `check --database default`."""
    return [
        Error(
            f"The database {alias!r} does not take Hebrew and Arabic letters for letters; search would miss them.",
            hint="Create it with a UTF-8 locale: CREATE DATABASE … TEMPLATE template0 LOCALE 'C.UTF-8' "
            "(docs/operations.md).",
            id="search.E001",
        )
        for alias in databases or []
        if not sees_letters(connections[alias])
    ]
