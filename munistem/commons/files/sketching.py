"""Pages of office files as pictures, drawn from their words: how such a file looks only its own program knows."""

from pathlib import Path
from typing import Any

from munistem.commons import pdf
from munistem.commons.files import extraction
from munistem.commons.text.languages import direction_of


def sketch(
    blob: str | Path, extension: str, folder: str | Path, first: int, last: int
) -> list[dict[str, int]]:
    """Write pages of an office file as ``<number>.webp`` into a folder; ``number``, ``width`` and ``height`` of each.

    Measures are 0 where a page says nothing. Raises Refused for what cannot be read or drawn.
    """
    told = {sheet["number"]: sheet for sheet in extraction.sketch(blob, extension, first, last)}
    said = [number for number in sorted(told) if told[number]["blocks"]]
    measures = set_and_drawn([turned(told[number]) for number in said], said, Path(folder)) if said else {}
    return [
        {"number": number, **measures.get(number, {"width": 0, "height": 0})}
        for number in range(first, last + 1)
    ]


def set_and_drawn(
    sheets: list[dict[str, Any]], numbers: list[int], folder: Path
) -> dict[int, dict[str, int]]:
    """Set the sheets, one a page, and draw those pages under their numbers."""
    paper, drawn = folder / "sheets.pdf", folder / "drawn"
    drawn.mkdir(exist_ok=True)
    try:
        paper.write_bytes(pdf.sheets(sheets))
    except pdf.Failed as error:
        raise extraction.Refused("broken") from error
    found = {}
    for number, row in zip(numbers, extraction.draw(paper, drawn, 1, len(sheets)), strict=True):
        (drawn / f"{row['number']}.webp").replace(folder / f"{number}.webp")
        found[number] = {"width": row["width"], "height": row["height"]}
    return found


def turned(sheet: dict[str, Any]) -> dict[str, Any]:
    """A sheet whose parts know their direction: what the file says of it, else what most of their letters say."""
    words = " ".join(map(words_of, sheet["blocks"]))[:4_000]
    side = sheet["dir"] or {"rtl": "rtl"}.get(direction_of(words), "ltr")
    blocks = [block | {"dir": block.get("dir") or turn_of(block, side)} for block in sheet["blocks"]]
    is_arabic = any("\u0620" <= letter <= "\u064a" for letter in words)
    language = "en" if side == "ltr" else "ar" if is_arabic else "he"
    return {
        "form": sheet["form"],
        "dir": side,
        "lang": language,
        "ratio": sheet.get("ratio", 1),
        "blocks": blocks,
    }


def turn_of(block: dict[str, Any], side: str) -> str:
    if block["t"] == "grid":
        return side
    direction = direction_of(words_of(block))
    return side if direction == "auto" else direction


def words_of(block: dict[str, Any]) -> str:
    return str(block.get("text", "")) or " ".join(" ".join(row) for row in block.get("rows", ()))
