"""Passages of a text around the words that were asked for, the words marked in the spelling they have there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from munistem.commons.search.analyser import terms, words
from munistem.commons.search.models import SHORTEST_BEGINNING

POINTS = r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
TOKEN = re.compile(rf"[\w{POINTS}]+(?:[\"'׳״‘’“”´`][\w{POINTS}]+)*")
LONGEST = 230
LEAD = 60


@lru_cache(maxsize=50_000)
def terms_of(token: str) -> frozenset[str]:
    return frozenset(term for word in words(token) for term in terms(word))


class Asked:
    """What a query asks for, as the analyser compares it."""

    def __init__(self, query: str):
        asked = words(query)
        self.terms = frozenset(term for word in asked for term in terms(word))
        self.beginning = asked[-1] if asked and len(asked[-1]) >= SHORTEST_BEGINNING else ""

    def found(self, text: str) -> list[tuple[int, int]]:
        """Where the asked words stand in a text: beginning and end of each."""
        return [match.span() for match in TOKEN.finditer(text) if self.is_asked(match[0])]

    def is_asked(self, token: str) -> bool:
        known = terms_of(token)
        if known & self.terms:
            return True
        return bool(self.beginning) and any(term.startswith(self.beginning) for term in known)

    def marked(self, text: str) -> SafeString:
        """The whole text with the asked words marked."""
        return marked(text, self.found(text))

    def passage(self, texts: Iterable[str]) -> SafeString | str:
        """The passage of these texts that holds most of the asked words; the beginning of the first where none does."""
        first, best, most = "", None, 0
        for text in texts:
            first = first or text
            spans = self.found(text)
            if spans and (score := len({text[a:b] for a, b in spans})) > most:
                best, most = (text, spans), score
        if best is None:
            return first if len(first) <= LONGEST else f"{first[:LONGEST].rsplit(' ', 1)[0]} …"
        return excerpt(*best)


@dataclass(frozen=True)
class Found:
    """One result as the page shows it."""

    title: Any
    url: str
    snippet: Any = ""
    notes: tuple[Any, ...] = ()
    language: str = ""
    stages: list[str] | None = None
    person: Any = None


def excerpt(text: str, spans: list[tuple[int, int]]) -> SafeString:
    """Some two lines of a text from a little before the first mark of its densest part."""
    starts = [start for start, _ in spans]
    densest = max(
        starts, key=lambda start: (sum(start <= other < start + LONGEST - LEAD for other in starts), -start)
    )
    begin = 0 if densest <= LEAD else text.rfind(" ", 0, densest - LEAD // 2) + 1
    end = len(text) if len(text) - begin <= LONGEST else text.rfind(" ", begin, begin + LONGEST)
    end = end if end > densest else min(len(text), begin + LONGEST)
    inside = [(max(a, begin) - begin, b - begin) for a, b in spans if a >= begin and b <= end]
    body = marked(text[begin:end].replace("\n", " "), inside)
    return format_html("{}{}{}", "… " if begin else "", body, " …" if end < len(text) else "")


def marked(text: str, spans: list[tuple[int, int]]) -> SafeString:
    parts, place = [], 0
    for start, end in spans:
        parts += [conditional_escape(text[place:start]), format_html("<mark>{}</mark>", text[start:end])]
        place = end
    return mark_safe("".join([*parts, conditional_escape(text[place:])]))
