from collections.abc import Callable

from procrastinate.contrib.django import app

BUILDERS: list[Callable[[int], object]] = []


def built_by(deed: Callable[[int], object]) -> None:
    """Register the deed that makes an export of its key; harmless when done again."""
    if deed not in BUILDERS:
        BUILDERS.append(deed)


@app.task(name="knowledge.build_export", retry=2)
def build_export(export: int) -> None:
    """Make the file of an export."""
    for deed in BUILDERS:
        deed(export)
