"""What the worker does for people's own pages. Deeds stand above tasks, so ``apps.ready`` hands them down here."""

from collections.abc import Callable

from procrastinate.contrib.django import app

BUILDERS: list[Callable[[int], object]] = []
NIGHTLY: list[Callable[[], object]] = []


def built_by(deed: Callable[[int], object]) -> None:
    """Register the deed that makes an archive of its key; harmless when done again."""
    if deed not in BUILDERS:
        BUILDERS.append(deed)


@app.task(name="front.build_archive", retry=2)
def build_archive(archive: int) -> None:
    """Pack what the portal keeps about a person."""
    for deed in BUILDERS:
        deed(archive)


def every_night(deed: Callable[[], object]) -> None:
    """Register what is done every night; harmless when done again."""
    if deed not in NIGHTLY:
        NIGHTLY.append(deed)


@app.periodic(cron="35 1 * * *")
@app.task(name="front.keep_rules", queueing_lock="front.keep_rules")
def keep_rules(timestamp: int) -> None:
    """Do what the rules of docs/retention.yaml ask."""
    for deed in NIGHTLY:
        deed()
