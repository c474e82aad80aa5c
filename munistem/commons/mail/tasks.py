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


@app.periodic(cron="41 * * * *")
@app.task(name="mail.try_again", queueing_lock="mail.try_again")
def try_again(timestamp: int) -> None:
    """Queue letters anew whose carrier was away for longer than their own job waited; forget what was sent long ago."""
    from munistem.commons.mail.actions import forget_sent, name_doubtful, requeue

    name_doubtful()
    requeue()
    forget_sent()
