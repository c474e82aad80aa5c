from typing import Any

from procrastinate.contrib.django import app

A_JOB = 100


@app.task(name="notices.mail_notices", retry=5)
def mail_notices(notices: list[int]) -> None:
    """Mail these notices, each once."""
    from munistem.commons.notices.letters import mail_notices as mail

    mail(notices)


def defer_mails(notices: list[int]) -> None:
    """Queue the mailing of notices, in pieces, by one query."""
    jobs: list[Any] = [{"notices": notices[start : start + A_JOB]} for start in range(0, len(notices), A_JOB)]
    if jobs:
        mail_notices.batch_defer(*jobs)


@app.task(name="notices.mail_bundles", retry=5)
def mail_bundles(readers: list[int]) -> None:
    """Mail each of these people in one letter what was held for them."""
    from munistem.commons.notices.held import mail_bundles as mail

    mail(readers)


def defer_bundles(readers: list[int]) -> None:
    """Queue that, in pieces, by one query."""
    jobs: list[Any] = [{"readers": readers[start : start + A_JOB]} for start in range(0, len(readers), A_JOB)]
    if jobs:
        mail_bundles.batch_defer(*jobs)


@app.periodic(cron="*/10 * * * *")
@app.task(name="notices.mail_held", queueing_lock="notices.mail_held")
def mail_held(timestamp: int) -> None:
    """Mail what was held over Shabbat or a holiday."""
    from munistem.commons.notices.held import mail_held as mail

    mail()


@app.periodic(
    cron="5 4-7 * * *"
)  # of UTC: just after seven in the morning in summer and in winter, and again
@app.task(name="notices.mail_daily", queueing_lock="notices.mail_daily")
def mail_daily(timestamp: int) -> None:
    """Mail what gathered for those who chose a daily mail."""
    from munistem.commons.notices.digests import mail_digests

    mail_digests("daily")


@app.periodic(
    cron="10 4-7 * * *"
)  # digests.slot knows on which day: Sunday, or the first working one after it
@app.task(name="notices.mail_weekly", queueing_lock="notices.mail_weekly")
def mail_weekly(timestamp: int) -> None:
    """Mail what gathered for those who chose a weekly mail."""
    from munistem.commons.notices.digests import mail_digests

    mail_digests("weekly")
