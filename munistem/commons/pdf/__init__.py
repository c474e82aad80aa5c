"""Pages on paper: what the portal shows, as tagged PDF (PDF/UA-1) in Hebrew, Arabic and English.

``document(told)`` answers the bytes; ``told`` is made with ``page`` and holds plain words and trees of clean HTML.
``sheets(told)`` sets pages that are only looked at. Bodies are made of ``root`` and the other nodes, charts among them.
"""

from munistem.commons.pdf.charts import Bar, RibbonCell, Tile, bars, ribbon, tiles, years
from munistem.commons.pdf.setting import Failed, document, forget, page, section, sheets
from munistem.commons.pdf.tree import (
    beside,
    box,
    grid,
    heading,
    keep,
    links,
    lists,
    of_text,
    paragraph,
    root,
    small,
    strong,
    tree,
)

__all__ = [
    "Bar",
    "Failed",
    "RibbonCell",
    "Tile",
    "bars",
    "beside",
    "box",
    "document",
    "forget",
    "grid",
    "heading",
    "keep",
    "links",
    "lists",
    "of_text",
    "page",
    "paragraph",
    "ribbon",
    "root",
    "section",
    "sheets",
    "small",
    "strong",
    "tiles",
    "tree",
    "years",
]
