from collections.abc import Callable
from contextlib import suppress

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

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


@app.task(name="files.scan", retry=RetryStrategy(max_attempts=4, exponential_wait=4), priority=10)
def scan(file: int) -> None:
    """Ask the virus scanner about one stored file."""
    from munistem.commons.files.scanning import scan as scan_file

    scan_file(file)


@app.task(name="files.draw_pages", retry=RetryStrategy(max_attempts=4, exponential_wait=4), priority=-10)
def draw_pages(file: int) -> None:
    """Draw the next pages of a stored file; then come back for those that are left."""
    from munistem.commons.files.drawing import draw_pages as draw_some

    draw_some(file)


def draw_later(stored: StoredFile) -> None:
    """Let the worker draw the pages of a file once it has nothing more pressing to do; asked twice, it does it once."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        draw_pages.configure(queueing_lock=f"files.draw_pages:{stored.pk}").defer(file=stored.pk)


def scan_later(file: int) -> None:
    """Let the worker ask the scanner about a file; asked twice, it does it once."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        scan.configure(queueing_lock=f"files.scan:{file}").defer(file=file)


@app.periodic(cron="*/10 * * * *")
@app.task(name="files.draw_forgotten", queueing_lock="files.draw_forgotten")
def draw_forgotten(timestamp: int) -> None:
    """Take up files whose pages were not drawn, because they are older than that or their job was lost."""
    from munistem.commons.files.drawing import draw_forgotten as look

    look()


@app.periodic(cron="*/10 * * * *")
@app.task(name="files.scan_forgotten", queueing_lock="files.scan_forgotten")
def scan_forgotten(timestamp: int) -> None:
    """Ask the scanner about files that it has not seen; hand those out that waited for it too long."""
    from munistem.commons.files.scanning import scan_forgotten as look

    look()


@app.periodic(cron="37 * * * *")
@app.task(name="files.sweep_uploads", queueing_lock="files.sweep_uploads")
def sweep_uploads(timestamp: int) -> None:
    """Clear away uploads that nobody went on with, and what broken-off requests left behind."""
    from munistem.commons.files.resumable.actions import sweep_uploads
    from munistem.commons.files.uploads import sweep_incoming

    sweep_uploads()
    sweep_incoming()


@app.periodic(cron="45 2 * * *")
@app.task(name="files.sweep_orphans", queueing_lock="files.sweep_orphans")
def sweep_orphans(timestamp: int) -> None:
    """Delete files whose deed was rolled back a day ago or more."""
    from munistem.commons.files.actions import sweep_orphans

    sweep_orphans()
