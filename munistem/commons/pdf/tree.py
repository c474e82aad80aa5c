"""Clean HTML as a tree that the page on paper draws: nodes ``{"t": tag, "c": [children or text]}``."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from munistem.commons.text.html import clean
from munistem.commons.text.languages import direction_of

BLOCKS = {"p", "ul", "ol", "li", "blockquote", "h2", "h3", "pre", "hr", "table"}
KEPT = {
    "p",
    "br",
    "strong",
    "em",
    "u",
    "s",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "h2",
    "h3",
    "code",
    "pre",
    "hr",
}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
VOID = {"br", "hr"}
#: Deeper than this nothing is drawn nested: nobody writes so, and paper has an edge.
DEEPEST = 12
MOST_COLUMNS = 12
WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
LONGEST_ADDRESS = 2_000  # a PDF holds no address without end


def tree(html: str) -> dict[str, Any]:
    """The tree of rich text; blocks know their direction, tables their columns."""
    reader = _Reader()
    reader.feed(clean(html))
    reader.close()
    return ranked(_settled(reader.root))


def ranked(node: dict[str, Any]) -> dict[str, Any]:
    """Headings that skip no level: a third one before any second is a second."""
    second = False
    for heading in _headings(node):
        second = second or heading["t"] == "h2"
        heading["t"] = heading["t"] if second else "h2"
    return node


def _headings(node: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for child in [child for name in ("c", "head", "cells") for child in node.get(name, ())]:
        if isinstance(child, dict):
            if child["t"] in ("h2", "h3"):
                yield child
            else:
                yield from _headings(child)


def of_text(text: str) -> dict[str, Any]:
    """Plain text of several paragraphs as such a tree."""
    parts = [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    return {"t": "root", "c": [_paragraph(part) for part in parts]}


def links(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A list of links: words and address each."""
    rows = [{"t": "li", "c": [{"t": "a", "href": url, "c": [words]}]} for words, url in pairs]
    return {"t": "root", "c": [{"t": "ul", "c": rows}]}


# Nodes of pages that are put together here, of plain words -----------------------------------------------


def root(*nodes: Any) -> dict[str, Any]:
    """What a page or a part of it is made of; nodes that are None are left out."""
    return {"t": "root", "c": [node for node in nodes if node is not None]}


def paragraph(*pieces: Any) -> dict[str, Any]:
    """Words and nodes in one paragraph of the document's direction."""
    return {"t": "p", "c": list(pieces)}


def strong(words: str) -> dict[str, Any]:
    return {"t": "strong", "c": [words]}


def heading(words: str, level: int = 2) -> dict[str, Any]:
    """level: 2, or 3 below one."""
    return {"t": f"h{level}", "c": [words]}


def lists(rows: Iterable[Any], *, is_numbered: bool = False) -> dict[str, Any]:
    """A list of nodes, or of words that run in their own direction and begin where the document's do."""
    told = [{"t": "line", "c": [row], **_turn(row)} if isinstance(row, str) else row for row in rows]
    return {"t": "ol" if is_numbered else "ul", "c": [{"t": "li", "c": [row]} for row in told]}


def small(*pieces: Any) -> dict[str, Any]:
    """A line in small, softer type: a source, a note."""
    return {"t": "small", "c": list(pieces)}


def box(*nodes: Any, tone: str = "plain") -> dict[str, Any]:
    """A part on a ground of its own; tone: plain, clay, leaf or soft."""
    return {"t": "box", "tone": tone, "c": list(nodes)}


def keep(*nodes: Any) -> dict[str, Any]:
    """A part that stands on one page."""
    return {"t": "keep", "c": [node for node in nodes if node is not None]}


def beside(*nodes: Any, widths: Iterable[int] = (1, 1)) -> dict[str, Any]:
    """Parts beside each other, the first at the inline start, in these proportions."""
    return {"t": "beside", "widths": list(widths), "c": list(nodes)}


def grid(
    head: Iterable[str], rows: Iterable[Iterable[Any]], *, widths: Iterable[int] = ()
) -> dict[str, Any] | None:
    """A table with a line under each row; the first cell names it. widths: proportions, 0 as wide as its words."""
    heads = [{"t": "th", "c": [words]} for words in head]
    cells = [{"t": "td" if place else "th", "c": [words]} for row in rows for place, words in enumerate(row)]
    told: dict[str, Any] = {"t": "table", "look": "ruled", "columns": len(heads), "head": heads, "c": []}
    given = list(widths)
    return told | {"cells": cells} | ({"widths": given} if given else {}) if cells else None


def _turn(text: str) -> dict[str, str]:
    """The direction in which most of its letters run; none of its own without letters."""
    direction = direction_of(text)
    return {} if direction == "auto" else {"dir": direction}


def _paragraph(text: str) -> dict[str, Any]:
    pieces: list[Any] = []
    for line in text.split("\n"):
        pieces += [{"t": "br"}, line] if pieces else [line]
    return {"t": "p", "c": pieces, **_turn(text)}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root: dict[str, Any] = {"t": "root", "c": []}
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = {"h4": "h3"}.get(tag, tag)
        if tag not in KEPT | TABLE or len(self.open) > DEEPEST:
            return
        given = {name: value or "" for name, value in attrs}
        node: dict[str, Any] = {"t": tag, "c": []}
        if tag == "a":
            if not WEB.match(given.get("href", "")) or len(given["href"]) > LONGEST_ADDRESS:
                return
            node["href"] = given["href"]
        for name in ("start", "colspan", "rowspan"):
            if (value := given.get(name, "")).isascii() and value.isdigit() and 0 < int(value) < 1_000:
                node[name] = int(value)
        self.open[-1]["c"].append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        tag = {"h4": "h3"}.get(tag, tag)
        if any(node["t"] == tag for node in self.open[1:]):
            while self.open.pop()["t"] != tag:
                pass

    def handle_data(self, data: str) -> None:
        words = data if any(node["t"] == "pre" for node in self.open) else re.sub(r"\s+", " ", data)
        if words.strip() or self.open[-1]["t"] not in (TABLE - {"th", "td"}) | {"root", "ul", "ol"}:
            self.open[-1]["c"].append(words)


def without_empty(node: Any) -> Any:
    """The tree without headings and links that say nothing."""
    if isinstance(node, str):
        return node
    if node["t"] in ("h2", "h3", "a") and not _words(node).strip():
        return ""
    parts = {
        name: [without_empty(child) for child in node[name]]
        for name in ("c", "head", "cells")
        if name in node
    }
    return node | parts


def _words(node: Any) -> str:
    return node if isinstance(node, str) else "".join(map(_words, node.get("c", ())))


def _settled(node: Any) -> Any:
    """Directions of blocks, cells of tables, nothing empty in lists."""
    if isinstance(node, str):
        return node
    if node["t"] == "table":
        return _table(node)
    node["c"] = [_settled(child) for child in node["c"]]
    if node["t"] in ("ul", "ol"):
        items = [child for child in node["c"] if isinstance(child, dict) and child["t"] == "li"]
        node["c"] = items or [{"t": "li", "c": [_words(node)]}]
    if node["t"] in BLOCKS - {"li", "hr"}:
        node |= _turn(_words(node))
    if node["t"] in ("h2", "h3", "a") and not _words(node).strip():
        return ""
    return node


def _table(node: dict[str, Any]) -> dict[str, Any]:
    """Rows of equal length: a first row of heads is the head, what is missing is empty."""
    rows = [row for row in _within(node, "tr") if row["c"]]
    cells = [[_cell(cell) for cell in row["c"] if isinstance(cell, dict)] for row in rows]
    columns = max((len(row) for row in cells), default=0)
    if not columns:
        return {"t": "root", "c": []}
    columns = min(columns, MOST_COLUMNS)
    filled = [
        row[:columns] + [{"t": "td", "c": [""]} for _ in range(columns - len(row[:columns]))] for row in cells
    ]
    head = filled[0] if all(cell["t"] == "th" for cell in cells[0]) else []
    body = filled[1:] if head else filled
    if not body:
        head, body = [], filled
    return {
        "t": "table",
        "columns": columns,
        "head": head,
        "cells": [cell for row in body for cell in row],
        **_turn(_words(node)),
        "c": [],
    }


def _within(node: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    found = []
    for child in node["c"]:
        if isinstance(child, dict):
            found += [child] if child["t"] == tag else _within(child, tag)
    return found


def _cell(node: dict[str, Any]) -> dict[str, Any]:
    """A cell without spans: they would have to fit together, and those that people paste do not."""
    return {"t": node["t"], "c": [_settled(child) for child in node["c"]] or [""]}
