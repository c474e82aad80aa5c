from collections.abc import Callable

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from munistem.commons.files.models import StoredFile

READY: list[Callable[[StoredFile], None]] = []


def when_ready(callback: Callable[[StoredFile], None]) -> None:
    """Register what shall happen once the text of a stored file is there (in its transaction): index the holders anew."""
    if callback not in READY:
        READY.append(callback)


@app.task(name="files.prepare", retry=RetryStrategy(max_attempts=4, exponential_wait=4))
def prepare(file: int) -> None:
    """Read text, page count and first page of one stored file."""
    from munistem.commons.files.actions import prepare as prepare_file

    prepare_file(file)
