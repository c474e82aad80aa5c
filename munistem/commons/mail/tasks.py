from procrastinate import RetryStrategy
from procrastinate.contrib.django import app


@app.task(name="mail.hand_over", retry=RetryStrategy(max_attempts=6, exponential_wait=5))
def hand_over(mail: int) -> None:
    """Hand one queued letter to the carrier."""
    from munistem.commons.mail.actions import hand_over as hand_over_mail

    hand_over_mail(mail)


@app.task(name="mail.hand_over_all", retry=RetryStrategy(max_attempts=6, exponential_wait=5))
def hand_over_all(mails: list[int]) -> None:
    """Hand several queued letters to the carrier; done again, it goes on where it stopped."""
    from munistem.commons.mail.actions import hand_over_all as hand_over_mails

    hand_over_mails(mails)


@app.task(name="mail.take_in", retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def take_in(mail: int) -> None:
    """Do what a mail that came in asks."""
    from munistem.commons.mail.receiving import take_in as take

    take(mail)


@app.periodic(cron="41 * * * *")
@app.task(name="mail.try_again", queueing_lock="mail.try_again")
def try_again(timestamp: int) -> None:
    """Queue mails anew whose own jobs could not deal with them, out and in; forget what went and came long ago."""
    from munistem.commons.mail.actions import forget_sent, name_doubtful, requeue
    from munistem.commons.mail.receiving import forget_incoming, requeue_incoming

    name_doubtful()
    requeue()
    forget_sent()
    requeue_incoming()
    forget_incoming()
