from procrastinate import RetryStrategy
from procrastinate.contrib.django import app


@app.task(name="mail.hand_over", retry=RetryStrategy(max_attempts=6, exponential_wait=5))
def hand_over(mail: int) -> None:
    """Hand one queued letter to the carrier."""
    from munistem.commons.mail.actions import hand_over as hand_over_mail

    hand_over_mail(mail)
