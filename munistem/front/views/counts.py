from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from munistem.commons.reading import reading_cursor


def count_all(**sets: QuerySet) -> dict[str, int]:
    """How many rows each of several queries has, asked of the database at once."""
    parts, parameters = [], []
    for rows in sets.values():
        try:
            sql, values = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(select count(*) from ({sql}) counted)")
            parameters += values
    with reading_cursor(next(iter(sets.values())).model) as cursor:
        cursor.execute(f"select {', '.join(parts)}", parameters)
        return dict(zip(sets, cursor.fetchone(), strict=True))
