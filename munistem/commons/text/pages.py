from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest


def page_of(request: HttpRequest, queryset, per: int = 20) -> Page:
    """The page asked for by ``?page=``; whatever stands there, an existing page is answered."""
    number = request.GET.get("page", "1")
    asked = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1
    return Paginator(queryset, per).get_page(asked)


class Asked:
    """A list for a paginator that asks twice at most: how many there are, and for the rows from a place on."""

    ordered = True

    def __init__(self, count: Callable[[], int], rows: Callable[[int], list[Any]]):
        self.count, self.rows = count, rows

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, piece: slice) -> list[Any]:
        return self.rows(piece.start)
