"""Filters of a directory: what the address asks for, unknown values left out; works without a script."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from munistem.commons.text.names import harmless

LONGEST_QUERY = 200


@dataclass(frozen=True)
class Filter:
    """One select of the form."""

    name: str
    label: str
    choices: list[tuple[str, Any]]
    value: str


class Filters:
    """The words typed (``q``) and one value for each filter."""

    def __init__(self, request: HttpRequest, fields: Iterable[tuple[str, str, Iterable[tuple[Any, Any]]]]):
        self.path = request.path
        self.query = harmless(request.GET.get("q", ""))[:LONGEST_QUERY]
        self.fields = [self._field(request.GET, *field) for field in fields]

    def _field(
        self, asked: Mapping[str, str], name: str, label: str, choices: Iterable[tuple[Any, Any]]
    ) -> Filter:
        known = [(str(value), words) for value, words in choices]
        value = asked.get(name, "")
        return Filter(name, label, known, value if value in dict(known) else "")

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def values(self) -> dict[str, str]:
        return {field.name: field.value for field in self.fields}

    @property
    def is_set(self) -> bool:
        return bool(self.query) or self.is_narrowed

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words is asked for."""
        return any(self.values.values())

    def conditions(self, lookups: Mapping[str, str]) -> dict[str, str]:
        """Arguments of ``filter``: lookup → value, for the filters that are set. lookups: filter → lookup."""
        return {lookup: self[name] for name, lookup in lookups.items() if self[name]}

    def address(self, **changes: str) -> str:
        """The directory looked at so, but for the changes; an empty value takes a filter away."""
        query = self._query(changes)
        return f"{self.path}?{query}" if query else self.path

    @property
    def asked(self) -> str:
        """The words and filters that are set, as the query of an address."""
        return self._query({})

    def _query(self, changes: Mapping[str, str]) -> str:
        told = {"q": self.query, **self.values, **changes}
        return urlencode({name: value for name, value in told.items() if value})
