"""Pages of long lists: what is far down costs about what stands on top."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

#: From this row on the rows of a page are found by their keys first.
DEEP = 200
#: Ends of an order in which no two rows stand in the same place, so that it is the same from both ends.
KEYS = {"pk", "-pk", "id", "-id"}


class Stretch(NamedTuple):
    """A part of a list: so many rows are passed over, from its beginning or from its end, and so many shown."""

    skip: int
    size: int
    is_from_end: bool = False

    @classmethod
    def of(cls, start: int, size: int, count: int) -> "Stretch":
        """The rows from ``start`` on of a list of ``count``, reached from its nearer end."""
        end = min(start + size, count)
        if start >= DEEP and count - end < start:
            return cls(count - end, end - start, True)
        return cls(start, size)

    def slice(self, rows: QuerySet) -> QuerySet:
        """These rows of an ordered query, those nearest to the end they are reached from first."""
        rows = rows.reverse() if self.is_from_end else rows
        return rows[self.skip : self.skip + self.size]

    def in_order(self, found: list[Any]) -> list[Any]:
        """What such a slice brought, in the order of the list."""
        return found[: self.size][::-1] if self.is_from_end else found


class Pages(Paginator):
    """Far down a long list only keys are passed over, from the nearer end; the rows themselves are fetched for the page alone."""

    def page(self, number: int | str) -> Page:
        number, rows = self.validate_number(number), self.object_list
        start = (number - 1) * self.per_page
        if isinstance(rows, Asked):
            return self._get_page(rows.rows(Stretch.of(start, self.per_page, self.count)), number, self)
        if start < DEEP or not isinstance(rows, QuerySet) or rows.query.combinator or rows.query.is_sliced:
            return super().page(number)
        return self._get_page(far_down(rows, start, self.per_page, self.count), number, self)


def far_down(rows: QuerySet, start: int, size: int, count: int) -> QuerySet:
    """The rows from ``start`` on of a list of ``count``, as a query of their own."""
    stretch = Stretch(start, size)
    if rows.query.order_by and rows.query.order_by[-1] in KEYS:
        stretch = Stretch.of(start, size, count)
    return rows.filter(pk__in=stretch.slice(rows.values("pk")))


def page_of(request: HttpRequest, queryset, per: int = 20) -> Page:
    """The page asked for by ``?page=``; whatever stands there, an existing page is answered."""
    number = request.GET.get("page", "1")
    asked = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1
    return Pages(queryset, per).get_page(asked)


class Asked:
    """A list for ``page_of`` that asks twice at most: how many there are, and for the rows of one stretch."""

    ordered = True

    def __init__(self, count: Callable[[], int], rows: Callable[[Stretch], list[Any]]):
        self.count, self.rows = count, rows

    def __len__(self) -> int:
        return self.count()
