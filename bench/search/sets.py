"""The open sets, read where they lie; they are research data of differing licences and never committed."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

NAMES = ("heq", "parashoot", "titles", "kolsherut", "arabic", "english")


@dataclass(frozen=True)
class Question:
    text: str
    answers: frozenset[str]


def place() -> Path | None:
    """The folder with ``sets/``: SEARCH_SETS, or ../shared/search beside the checkout; none where it is missing."""
    beside = Path(__file__).parents[2].parent
    tried = [os.environ.get("SEARCH_SETS", ""), beside / "shared/search", beside.parent / "shared/search"]
    return next((Path(path) for path in tried if path and (Path(path) / "sets").is_dir()), None)


def load(folder: Path, name: str) -> tuple[list[tuple[str, str]], list[Question]]:
    """Texts as (key, text), and the questions of the open half."""
    texts = [(row["id"], row["text"]) for row in _rows(folder / "sets" / name / "docs.jsonl")]
    questions = [
        Question(row["text"], frozenset(row["rel"]))
        for row in _rows(folder / "sets" / name / "queries.jsonl")
        if row["split"] == "open"
    ]
    return texts, questions


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def measures(found: list[str], answers: frozenset[str]) -> dict[str, float]:
    """Reciprocal rank of the first answer among ten, and whether one is among the first one, five, ten."""
    ranks = [rank for rank, key in enumerate(found[:10], 1) if key in answers]
    first = min(ranks, default=0)
    return {"mrr10": 1 / first if first else 0.0} | {
        f"r{most}": float(0 < first <= most) for most in (1, 5, 10)
    }
