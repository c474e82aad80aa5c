"""The portal's search for ``evaluate.py`` of the open sets: ``index(docs)``, ``query(q, k) -> ids``, best first."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.search import collection


def index(docs: list[tuple[str, str]]) -> None:
    collection.index(docs)


def query(q: str, k: int) -> list[str]:
    return collection.search(q, k)
