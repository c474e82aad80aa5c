"""What the worker does for the room, and what the clock asks of it."""

from procrastinate.contrib.django import app

from members.emails import application
from munistem.commons.hooks import Hook

DO_DUE = Hook()


@app.periodic(cron="30 5 * * 0-4")  # of UTC, on the days on which admins work
@app.task(name="members.do_due", queueing_lock="members.do_due")
def do_due(timestamp: int) -> None:
    """Remind the admins of late applications; forget old drafts."""
    DO_DUE()


@app.task(name="members.mail_way_back", retry=3)
def mail_way_back(email: str) -> None:
    """Mail an address the links to its applications."""
    application.mail_way_back(email)
