"""The table of ``visibility.txt``, and the marks that a walk looks for."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.house.walking import Answer, own_words

TABLE = Path(__file__).with_name("visibility.txt")


@dataclass
class Table:
    """What is written: circles of roles, surfaces of addresses, what models keep, and who sees each thing where."""

    circles: dict[str, list[str]] = field(default_factory=dict)
    surfaces: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    things: dict[tuple[str, str], tuple[str, set[str]]] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)

    @property
    def lists(self) -> set[str]:
        """Names of addresses from which narrower and further ones are followed: lists, and pages that are one inside."""
        names = {name for name, surface in self.surfaces.items() if surface in ("list", "search")}
        return names | {
            "show_community",
            "show_topic",
            "show_collection",
            "show_picture",
            "show_recommendation",
        }


def read_table() -> Table:
    """Words with spaces are written with ``_``."""
    table = Table()
    for line in TABLE.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        what, *words = line.split()
        if what == "circle":
            table.circles[words[0]] = words[1:]
        elif what == "surface":
            put(table, table.surfaces, words[1:], words[0])
        elif what == "model":
            has_kind = words[0] == "of"
            put(table, table.models, words[1 + has_kind :], words[has_kind].replace("_", " "))
        else:
            assert what == "thing", line
            kind, visibility, circle, *surfaces = words
            key = (kind.replace("_", " "), visibility)
            table.twice += [line] if key in table.things else []
            table.things[key] = circle, set(surfaces)
    return table


def put(table: Table, into: dict[str, str], names: Iterable[str], value: str) -> None:
    for name in names:
        table.twice += [name] if name in into else []
        into[name] = value


@dataclass(frozen=True)
class Thing:
    """One thing of the probe world and what gives it away."""

    key: tuple[str, str]
    allowed: frozenset[str]
    id: str
    detail: str
    words: frozenset[str]
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Sighting:
    """A mark of a thing in an answer."""

    thing: Thing
    name: str
    url: str
    status: int

    def __str__(self) -> str:
        return f"{' '.join(self.thing.key)}: {self.name} {self.url} ({self.status})"


class Eyes:
    """Finds the marks of all things in any text at once."""

    def __init__(self, world: dict[str, Any]) -> None:
        self.things = [thing_of(told) for told in world["objects"]]
        self.of_word: dict[str, list[Thing]] = defaultdict(list)
        for thing in self.things:
            for word in thing.words:
                self.of_word[word].append(thing)
        longest = sorted(self.of_word, key=len, reverse=True)
        self.words = re.compile("|".join(map(re.escape, longest)))

    def see(self, answer: Answer) -> Iterator[Sighting]:
        """The things whose marks stand in the answer, but for words that the question said already."""
        address = answer.address
        said, text = own_words(address), f"{answer.head.get('Location', '')}\n{answer.text}"
        found = {word for word in self.words.findall(text) if word not in said}
        for thing in {thing for word in found for thing in self.of_word[word]}:
            yield Sighting(thing, address.name, address.url, answer.status)


def thing_of(told: dict[str, Any]) -> Thing:
    words = frozenset(told["canaries"] + told["detail_canaries"])
    key = (told["kind"], told["visibility"])
    return Thing(key, frozenset(told["allowed"]), told["id"], told["detail"], words, tuple(told["urls"]))


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())
