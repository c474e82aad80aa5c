"""What may be asked of the child, and how it answers."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from .limits import Refused, limit


def examine(path: str, extension: str) -> dict:
    from .examine import examine

    return examine(Path(path), extension)


def read(path: str, extension: str, preview: str) -> dict:
    from .read import read

    return read(Path(path), extension, Path(preview))


def draw(path: str, folder: str, first: str, last: str) -> dict:
    from .draw import draw

    return draw(Path(path), Path(folder), int(first), int(last))


def sketch(path: str, extension: str, first: str, last: str) -> dict:
    from .sketch import sketch

    return sketch(Path(path), extension, int(first), int(last))


def portrait(path: str, size: str, target: str) -> dict:
    from .pictures import portrait

    return portrait(Path(path), size, Path(target))


def table(path: str, extension: str) -> dict:
    from .tables import read_table

    return read_table(Path(path), extension)


def redraw(path: str, width: str, target: str) -> dict:
    from .pictures import redraw

    return redraw(Path(path), width, Path(target))


def page(path: str, charset: str) -> dict:
    from .page import read_page

    return read_page(Path(path), charset)


DEEDS: dict[str, Callable[..., dict]] = {
    "examine": examine,
    "read": read,
    "draw": draw,
    "sketch": sketch,
    "portrait": portrait,
    "table": table,
    "redraw": redraw,
    "page": page,
}


def main(deed: str, *arguments: str) -> int:
    """Do one deed within the limits and write what was found."""
    limit(Path(arguments[0]).stat().st_size if deed == "examine" else 0)
    try:
        answer = DEEDS[deed](*arguments)
    except Refused as refusal:
        answer = {"refused": refusal.args[0]}
    except Exception:  # noqa: BLE001 – a damaged file may fail anywhere in the libraries
        answer = {"refused": "broken"}
    sys.stdout.write(json.dumps(answer))
    return 0
