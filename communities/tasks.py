from procrastinate.contrib.django import app

from communities import emails
from munistem.commons.hooks import Hook

#: The bell rings before letters are made.
TELLING = 5
#: What looks every ten minutes whether something is due.
CLOCKWORK = Hook()


@app.periodic(cron="*/10 * * * *")
@app.task(name="communities.keep_time", queueing_lock="communities.keep_time")
def keep_time(timestamp: int) -> None:
    """Do what is due."""
    CLOCKWORK()


@app.task(name="communities.tell_of_topic", retry=3, priority=TELLING)
def tell_of_topic(topic: int) -> None:
    """Tell a community's members of a new topic; there may be thousands of them."""
    emails.tell_of_topic(topic)


@app.task(name="communities.tell_of_reply", retry=3, priority=TELLING)
def tell_of_reply(post: int, kind: str) -> None:
    """Tell those who take part in a topic of an answer; there may be hundreds of them."""
    emails.tell_of_reply(post, kind)


@app.task(name="communities.mail_invitations", retry=3)
def mail_invitations(invitations: list[int]) -> None:
    """Mail these invitations, each once."""
    emails.mail_invitations(invitations)


@app.task(name="communities.mail_introduction", retry=3)
def mail_introduction(introduction: int) -> None:
    """Mail the three who were introduced."""
    emails.mail_introductions([introduction])
