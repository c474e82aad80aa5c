"""Pieces of pages, kept in this process by what they say."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.safestring import SafeString


class Store:
    """What was printed, by what it says; the longest unasked goes when there is more than ``most`` bytes of them."""

    def __init__(self, most: int):
        self.most, self.size, self.lock = most, 0, threading.Lock()
        self.pieces: OrderedDict[Any, str] = OrderedDict()

    def get(self, key: Any) -> str | None:
        with self.lock:
            piece = self.pieces.get(key)
            if piece is not None:
                self.pieces.move_to_end(key)
            return piece

    def put(self, key: Any, piece: str) -> None:
        with self.lock:
            if key in self.pieces:
                self.size -= sys.getsizeof(self.pieces.pop(key))
            self.pieces[key] = piece
            self.size += sys.getsizeof(
                piece
            )  # a letter of Hebrew or Arabic makes two bytes of each in the piece
            while self.size > self.most:
                self.size -= sys.getsizeof(self.pieces.popitem(last=False)[1])


STORE = Store(most=5_000_000)  # and their keys, which say about as much


def frozen(value: Any) -> Any:
    """What is printed of a value, as part of a key; two values that print differently never share one.

    Plain values, and tuples, lists and mappings of them; a row of the database has to say what is shown of it.
    """
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if make := FREEZERS.get(kind):
        return make(value)
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, str):  # a choice: what its label says hangs on its kind
        return kind, str(value)
    if isinstance(value, tuple):  # with names
        return kind, tuple(map(frozen, value))
    raise TypeError(f"{kind.__name__} cannot be part of what is kept: pass what is shown of it")


def _frozen_mapping(value: Mapping[str, Any]) -> tuple:
    return dict, tuple(value), tuple(map(frozen, value.values()))


def _frozen_row(value: tuple | list) -> tuple:
    return tuple, tuple(map(frozen, value))


def _typed(value: Any) -> tuple:
    return type(value), value


FREEZERS: dict[type, Callable[[Any], Any]] = {
    dict: _frozen_mapping,
    tuple: _frozen_row,
    list: _frozen_row,
    SafeString: lambda value: (SafeString, str(value)),
    datetime: lambda value: (datetime, value, value.utcoffset()),
    **dict.fromkeys((bool, float, Decimal, date, UUID), _typed),
}
