from collections.abc import Callable

from procrastinate.contrib.django import app

from communities import emails

#: The bell rings before letters are made.
TELLING = 5
CLOCKWORK: list[Callable[[], object]] = []


def by_the_clock(*deeds: Callable[[], object]) -> None:
    """Register deeds that look every ten minutes whether something is due; each must be harmless when done again."""
    CLOCKWORK.extend(deed for deed in deeds if deed not in CLOCKWORK)


@app.periodic(cron="*/10 * * * *")
@app.task(name="communities.keep_time", queueing_lock="communities.keep_time")
def keep_time(timestamp: int) -> None:
    """Do what is due; one deed that fails does not keep the others from being done."""
    failed = []
    for deed in CLOCKWORK:
        try:
            deed()
        except Exception as error:  # noqa: BLE001 – told below, once the others are done
            failed.append(error)
    if failed:
        raise ExceptionGroup("Not all that was due could be done", failed)


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
