from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

#: From this row on the rows of a page are found by their keys first.
DEEP = 200


class KeysFirst(Paginator):
    """Far down a long list only keys are sorted and passed over; the rows themselves are fetched for the page alone."""

    def page(self, number: int | str) -> Page:
        number, rows = self.validate_number(number), self.object_list
        start = (number - 1) * self.per_page
        if start < DEEP or not isinstance(rows, QuerySet) or rows.query.combinator or rows.query.is_sliced:
            return super().page(number)
        keys = rows.values("pk")[start : start + self.per_page]
        return self._get_page(rows.filter(pk__in=keys), number, self)


def page_of(request: HttpRequest, queryset, per: int = 20) -> Page:
    """The page asked for by ``?page=``; whatever stands there, an existing page is answered."""
    number = request.GET.get("page", "1")
    asked = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1
    return KeysFirst(queryset, per).get_page(asked)


class Asked:
    """A list for a paginator that asks twice at most: how many there are, and for the rows from a place on."""

    ordered = True

    def __init__(self, count: Callable[[], int], rows: Callable[[int], list[Any]]):
        self.count, self.rows = count, rows

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, piece: slice) -> list[Any]:
        return self.rows(piece.start)
