from procrastinate.contrib.django import app


@app.task(name="notices.mail_notices", retry=5)
def mail_notices(notices: list[int]) -> None:
    """Mail these notices, each once."""
    from munistem.commons.notices.letters import mail_notices as mail

    mail(notices)


@app.periodic(cron="*/10 * * * *")
@app.task(name="notices.mail_held", queueing_lock="notices.mail_held")
def mail_held(timestamp: int) -> None:
    """Mail what was held over Shabbat or a holiday."""
    from munistem.commons.notices.letters import mail_held as mail

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
