"""Charts of a page on paper, as nodes of its tree: bars, years, the ribbon of life stages, figures in tiles.

Bars and years say in words what they show (``alt``), the ribbon is a table; a line below says from where they are
(``caption``). What is not known is an outline with its word, never nothing. Values come as words (``shown``) of the reader.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

HEIGHT = 46  # of the highest column, in points


@dataclass(frozen=True)
class Bar:
    """A row of ``bars`` or a column of ``years``: value None is not known; tone: plain, leaf, clay or soft."""

    label: str
    value: float | None
    shown: str
    tone: str = "plain"


@dataclass(frozen=True)
class RibbonCell:
    """A life stage in a setting: its figure, notes below it, gaps in words; tone: plain, gap, empty or none."""

    figure: str = ""
    notes: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    tone: str = "plain"


@dataclass(frozen=True)
class Tile:
    """One large figure with its name and what stands behind it."""

    label: str
    figure: str
    note: str = ""
    is_known: bool = True


def bars(rows: Iterable[Bar], *, alt: str, caption: str = "", whole: float = 0) -> dict[str, Any]:
    """Bars from the inline start, one below the other.

    whole: what a bar of full length stands for, drawn as the ground of each; without it the longest bar is as long as
    there is room.
    """
    told = {"alt": alt, "caption": caption, "is-of-whole": bool(whole)}
    return {"t": "bars", **told, "rows": _shares(rows, whole)}


def years(rows: Iterable[Bar], *, alt: str, caption: str = "") -> dict[str, Any]:
    """Columns beside each other in the order of reading, such as years."""
    return {"t": "years", "alt": alt, "caption": caption, "height": HEIGHT, "rows": _shares(rows)}


def ribbon(
    stages: Iterable[str],
    rows: Iterable[tuple[str, Iterable[RibbonCell]]],
    *,
    corner: str = "",
    caption: str = "",
) -> dict[str, Any]:
    """Life stages along the line and a row for each setting: a table with heads; rows: its name and a cell for each stage.

    Raises ValueError for a row with more or fewer cells.
    """
    drawn = [{"label": label, "cells": [vars(cell) for cell in cells]} for label, cells in rows]
    stages = list(stages)
    if any(len(row["cells"]) != len(stages) for row in drawn):
        raise ValueError("a cell for each stage")
    return {"t": "ribbon", "stages": stages, "rows": drawn, "corner": corner, "caption": caption}


def tiles(rows: Iterable[Tile]) -> dict[str, Any]:
    """A few large figures beside each other."""
    drawn = [
        {"label": row.label, "figure": row.figure, "note": row.note, "is-known": row.is_known} for row in rows
    ]
    return {"t": "tiles", "rows": drawn}


def _shares(rows: Iterable[Bar], whole: float = 0) -> list[dict[str, Any]]:
    """Each with its share of the whole, else of the greatest; of nothing at all every bar is nothing."""
    rows = list(rows)
    most = whole or max((row.value for row in rows if row.value is not None), default=0) or 1
    return [
        {
            "label": row.label,
            "share": None if row.value is None else min(1, max(0, row.value) / most),
            "shown": row.shown,
            "tone": row.tone,
        }
        for row in rows
    ]
