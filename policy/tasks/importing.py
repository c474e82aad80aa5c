from collections.abc import Callable

from procrastinate.contrib.django import app

READERS: list[Callable[[int], object]] = []
FILLERS: list[Callable[[int], object]] = []


def imported_by(read: Callable[[int], object], fill: Callable[[int], object]) -> None:
    """Register the deeds that read a table of programmes, and that take its rows in; harmless when done again."""
    READERS[:], FILLERS[:] = [read], [fill]


@app.task(name="policy.read_programmes", retry=2)
def read_programmes(key: int) -> None:
    """Read a table of programmes."""
    for deed in READERS:
        deed(key)


@app.task(name="policy.fill_programmes", retry=5)
def fill_programmes(key: int) -> None:
    """Take in the next rows of a table of programmes."""
    for deed in FILLERS:
        deed(key)
