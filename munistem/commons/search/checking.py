"""A nightly look at whether every public row is found by its title among the first three."""

from time import monotonic
from typing import Any

from django.utils import timezone

from munistem.commons.search.analyser import words
from munistem.commons.search.finding import find
from munistem.commons.search.learning import searchable
from munistem.commons.search.models import Searchable
from munistem.commons.search.query import LONGEST, parse
from munistem.commons.search.tables import TitleCheck

FIRST = 3
MOST_TOLD = 100
KEPT = 30
SECONDS = 1800.0  # a check that takes longer ends; the next begins with other rows


def check_titles(seconds: float = SECONDS) -> TitleCheck:
    """Look for every public row by its title; what was not found among the first three stands in the report."""
    check = TitleCheck.objects.create()
    end = monotonic() + seconds
    rows, missed = 0, []
    for label, model in searchable().items():
        for row in model.public_rows().order_by("?").defer("search_vector").iterator(200):
            title = next(iter(row.search_heading().splitlines()), "")
            if not words(title):
                continue
            rows += 1
            if not is_found(model, row, title):
                missed.append(
                    {"kind": label, "key": row.pk, "title": title[:200], "url": row.get_absolute_url()}
                )
            if monotonic() > end:
                break
    check.rows, check.missed, check.ended_at = rows, missed[:MOST_TOLD], timezone.now()
    check.save(update_fields=["rows", "missed", "ended_at"])
    kept = TitleCheck.objects.order_by("-pk").values("pk")[:KEPT]
    TitleCheck.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return check


def is_found(model: type[Searchable], row: Any, title: str) -> bool:
    """Whether the row, or one of the same name, is among the first three for its title."""
    rows = model.public_rows()
    found = find(rows, parse(title[:LONGEST])).keys[:FIRST]
    if row.pk in found:
        return True
    namesakes = rows.filter(pk__in=found).values_list("search_title", flat=True)
    return len(found) == FIRST and all(name == row.search_title for name in namesakes)
