"""What the worker does for people's own pages; each task calls what was handed down to its hook."""

from procrastinate.contrib.django import app

from munistem.commons.hooks import Hook

BUILD_ARCHIVE, KEEP_RULES = Hook(), Hook()


@app.task(name="front.build_archive", retry=2)
def build_archive(archive: int) -> None:
    """Pack what the portal keeps about a person."""
    BUILD_ARCHIVE(archive)


@app.periodic(cron="35 1 * * *")
@app.task(name="front.keep_rules", queueing_lock="front.keep_rules")
def keep_rules(timestamp: int) -> None:
    """Do what the rules of docs/retention.yaml ask."""
    KEEP_RULES()
