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


TELLERS: list[Callable[[int], object]] = []
NIGHTLY: list[Callable[[], object]] = []


def told_by(deed: Callable[[int], object]) -> None:
    """Register the deed that tells of an item those who follow a part of the library; harmless when done again."""
    TELLERS[:] = [deed]


def by_night(*deeds: Callable[[], object]) -> None:
    """Register deeds that are done once a night; each must be harmless when done again."""
    NIGHTLY.extend(deed for deed in deeds if deed not in NIGHTLY)


@app.task(name="knowledge.tell_followers", retry=3)
def tell_followers(item: int) -> None:
    """Tell of an item those who follow a part of the library."""
    for deed in TELLERS:
        deed(item)


@app.periodic(cron="35 0 * * *")
@app.task(name="knowledge.tidy_by_night", queueing_lock="knowledge.tidy_by_night")
def tidy_by_night(timestamp: int) -> None:
    """Do what is done each night."""
    for deed in NIGHTLY:
        deed()
