"""What the clock asks of the room. Deeds stand above tasks, so ``apps.ready`` hands them down here."""

from collections.abc import Callable

from procrastinate.contrib.django import app

from members.emails import application

DUE: list[Callable[[], object]] = []


def when_due(*deeds: Callable[[], object]) -> None:
    """Register what shall be done every morning; each must be harmless when done again."""
    DUE.extend(deed for deed in deeds if deed not in DUE)


@app.periodic(cron="30 5 * * 0-4")  # of UTC, on the days on which admins work
@app.task(name="members.do_due", queueing_lock="members.do_due")
def do_due(timestamp: int) -> None:
    """Remind the admins of late applications; forget old drafts."""
    for deed in DUE:
        deed()


@app.task(name="members.mail_way_back", retry=3)
def mail_way_back(email: str) -> None:
    """Mail an address the links to its applications."""
    application.mail_way_back(email)
