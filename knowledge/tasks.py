from collections.abc import Callable

from procrastinate.contrib.django import app

BUILDERS: list[Callable[[int], object]] = []
LOOKERS: list[Callable[[int], object]] = []


def built_by(deed: Callable[[int], object]) -> None:
    """Register the deed that makes an export of its key; harmless when done again."""
    if deed not in BUILDERS:
        BUILDERS.append(deed)


@app.task(name="knowledge.build_export", retry=2)
def build_export(export: int) -> None:
    """Make the file of an export."""
    for deed in BUILDERS:
        deed(export)


READERS: list[Callable[[int], object]] = []
FILLERS: list[Callable[[int], object]] = []


def imported_by(read: Callable[[int], object], fill: Callable[[int], object]) -> None:
    """Register the deeds that read the table of a bulk import, and that take its rows in; harmless when done again."""
    READERS[:], FILLERS[:] = [read], [fill]


@app.task(name="knowledge.read_import", retry=2)
def read_import(bulk: int) -> None:
    """Read the table of an import."""
    for deed in READERS:
        deed(bulk)


@app.task(name="knowledge.fill_import", retry=5)
def fill_import(bulk: int) -> None:
    """Take in the next rows of an import."""
    for deed in FILLERS:
        deed(bulk)


def looked_at_by(deed: Callable[[int], object]) -> None:
    """Register the deed that looks at the page of a link card of its key; harmless when done again."""
    if deed not in LOOKERS:
        LOOKERS.append(deed)


@app.task(name="knowledge.look_at_link", retry=2)
def look_at_link(card: int) -> None:
    """Look at the page to which a link leads."""
    for deed in LOOKERS:
        deed(card)
