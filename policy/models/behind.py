"""Who stands behind a recommendation: a municipality's own answer and its share in that of its cluster are one."""

from typing import Any

from django.db.models import QuerySet, Value

#: What is told of a share in words of its own; all else is that of the joint answer.
OF_SHARE = {"answered_at": "confirmed_at"}


def with_shares(own: QuerySet, shares: QuerySet, *columns: str) -> QuerySet:
    """Answers, and in the same columns shares in joint ones; a last column tells whether it is a share. One query.

    shares: those that count (``EndorsementShare.objects.counted()``). Columns that begin with ``organisation`` are those of
    the municipality in both; ``answered_at`` of a share is when the municipality confirmed it.
    """
    of_share = [
        one if one.startswith("organisation") else OF_SHARE.get(one, f"endorsement__{one}") for one in columns
    ]
    rows = own.annotate(is_joint=Value(False)).values_list(*columns, "is_joint")
    return rows.union(shares.annotate(is_joint=Value(True)).values_list(*of_share, "is_joint"), all=True)


def each_once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what municipalities answered otherwise that endorse with their cluster. rows: ``organisation``, ``is_joint``."""
    joint = {row["organisation"] for row in rows if row["is_joint"]}
    return [row for row in rows if row["is_joint"] or row["organisation"] not in joint]
