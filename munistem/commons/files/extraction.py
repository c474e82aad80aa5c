"""The portal's side of ``child``: bytes of people are only ever opened in a process of their own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("child") / "__main__.py"
SECONDS = 20
LONGEST_ANSWER = 8 * 1024 * 1024


class Refused(Exception):
    """A file that cannot be taken or read; ``code`` says why (see child/examine.py), ``broken`` when its process failed."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


_seconds: ContextVar[int] = ContextVar("seconds", default=SECONDS)


@contextmanager
def patiently(seconds: int) -> Iterator[None]:
    """Within this block a child may take so long: for files of our own, whose reading must not hang on how busy the machine is."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


def ask(deed: str, *arguments: str | Path, seconds: int = 0) -> dict[str, Any]:
    """Let a child do a deed with a file; raises Refused, also when it runs out of time or memory or crashes.

    seconds: what it may take, when that is not the usual.
    """
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(
                [sys.executable, "-I", CHILD, deed, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=seconds or _seconds.get(),
                env={"LANG": "C.UTF-8"},
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Refused("broken") from error
        answer.seek(0)
        raw = answer.read(LONGEST_ANSWER)
    try:
        found = json.loads(raw) if done.returncode == 0 else {"refused": "broken"}
    except ValueError:
        found = {"refused": "broken"}
    if code := found.get("refused"):
        raise Refused(code)
    return found


def examine(path: str | Path, extension: str) -> None:
    """Raise Refused unless the file is what its extension says and nothing besides; pictures and films forget where they were taken."""
    ask("examine", path, extension)


def read(path: str | Path, extension: str, preview: str | Path) -> dict[str, Any]:
    """``texts`` (by page), ``pages``, ``hints`` and ``has_preview`` of a file; the preview (WebP) is written to the given path."""
    return ask("read", path, extension, preview)


def draw(path: str | Path, folder: str | Path, first: int, last: int) -> list[dict[str, int]]:
    """Write pages of a PDF as ``<number>.webp`` into a folder; ``number``, ``width`` and ``height`` of each."""
    return ask("draw", path, folder, str(first), str(last))["drawn"]


def sketch(path: str | Path, extension: str, first: int, last: int) -> list[dict[str, Any]]:
    """What pages of an office file say, as blocks in their order; see child/sketch."""
    return ask("sketch", path, extension, str(first), str(last))["sheets"]


def portrait(path: str | Path, size: int, target: str | Path) -> None:
    """Write a square WebP of a picture without its metadata; raises Refused for what is no picture."""
    ask("portrait", path, str(size), target)


def table(path: str | Path, extension: str) -> list[tuple[int, list[str]]]:
    """Number and cells of each line of a CSV or XLSX file; raises Refused, with ``long`` for more than is taken."""
    return [(number, cells) for number, cells in ask("table", path, extension)["rows"]]


def redraw(path: str | Path, width: int, target: str | Path) -> None:
    """Write a WebP of a whole picture, at most so wide and high; raises Refused for what is no picture."""
    ask("redraw", path, str(width), target)
