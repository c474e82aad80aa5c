"""What the worker does for the room; each task takes keys and calls what was handed down to its hook."""

from procrastinate.contrib.django import app

from munistem.commons.hooks import Hook

BUILD_EXPORT, READ_IMPORT, FILL_IMPORT = Hook(), Hook(), Hook()
LOOK_AT_LINK, TELL_FOLLOWERS, TIDY_BY_NIGHT = Hook(), Hook(), Hook()


@app.task(name="knowledge.build_export", retry=2)
def build_export(export: int) -> None:
    """Make the file of an export."""
    BUILD_EXPORT(export)


@app.task(name="knowledge.read_import", retry=2)
def read_import(bulk: int) -> None:
    """Read the table of an import."""
    READ_IMPORT(bulk)


@app.task(name="knowledge.fill_import", retry=5)
def fill_import(bulk: int) -> None:
    """Take in the next rows of an import."""
    FILL_IMPORT(bulk)


@app.task(name="knowledge.look_at_link", retry=2)
def look_at_link(card: int) -> None:
    """Look at the page to which a link leads."""
    LOOK_AT_LINK(card)


@app.task(name="knowledge.tell_followers", retry=3)
def tell_followers(item: int) -> None:
    """Tell of an item those who follow a part of the library."""
    TELL_FOLLOWERS(item)


@app.periodic(cron="35 0 * * *")
@app.task(name="knowledge.tidy_by_night", queueing_lock="knowledge.tidy_by_night")
def tidy_by_night(timestamp: int) -> None:
    """Do what is done each night."""
    TIDY_BY_NIGHT()
