from django.db.models import QuerySet

from munistem.commons.reading import reading_cursor
from munistem.commons.ready import counting


def count_all(**sets: QuerySet) -> dict[str, int]:
    """How many rows each of several queries has, asked of the database at once."""
    sql, values = counting(rows.order_by().values("pk") for rows in sets.values())
    with reading_cursor(next(iter(sets.values())).model) as cursor:
        cursor.execute(sql, values)
        return dict(zip(sets, cursor.fetchone(), strict=True))
