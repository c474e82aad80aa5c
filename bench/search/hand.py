"""Our own cases in ``hand.json``: a question, texts that it must find, texts that it must not find.

``kind`` says what is tried (prefix, inflect, spelling, trap …); texts are short sentences of municipal life.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from munistem.commons.search.analyser import Analyser, tokens

FILE = Path(__file__).parent / "hand.json"


@dataclass
class Score:
    """How many texts that must be found were, of how many; the same of those that must not; what went wrong."""

    found: int = 0
    wanted: int = 0
    kept_out: int = 0
    unwanted: int = 0
    wrong: list[tuple[str, str, str]] = field(default_factory=list)


def cases() -> list[dict[str, Any]]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def texts() -> dict[str, str]:
    """Every text of the cases under a key of its own."""
    whole = dict.fromkeys(text for case in cases() for text in case["finds"] + case["not"])
    return {f"hand{number:04}": text for number, text in enumerate(whole)}


def judge(search: Callable[[str], Iterable[str]], keys: Mapping[str, str]) -> Score:
    """Ask every question; ``keys`` lead a text to its key."""
    score = Score()
    for case in cases():
        found = set(search(case["query"]))
        for text in case["finds"]:
            score.wanted += 1
            score.found += (hit := keys[text] in found)
            if not hit:
                score.wrong.append((case["query"], "misses", text))
        for text in case["not"]:
            score.unwanted += 1
            score.kept_out += (right := keys[text] not in found)
            if not right:
                score.wrong.append((case["query"], "finds", text))
    return score


class Meeting:
    """The analyser alone: a text is found where it shares a term with every word of the question."""

    def __init__(self) -> None:
        self.texts = texts()
        counts = Counter(token.word for text in self.texts.values() for token in tokens(text))
        self.analyser = Analyser(counts)
        self.terms = {
            key: {term for _, _, terms in self.analyser.index_terms(text) for term in terms}
            for key, text in self.texts.items()
        }

    def search(self, question: str) -> list[str]:
        groups = self.analyser.query_groups(question)
        return [
            key
            for key, terms in self.terms.items()
            if groups and all(terms & set(group.terms) for group in groups)
        ]
