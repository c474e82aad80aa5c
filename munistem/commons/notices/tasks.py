from procrastinate.contrib.django import app


@app.task(name="notices.mail_notices", retry=5)
def mail_notices(notices: list[int]) -> None:
    """Mail these notices, each once."""
    from munistem.commons.notices.letters import mail_notice

    for notice in notices:
        mail_notice(notice)


@app.periodic(cron="0 5 * * *")  # of UTC: seven in the morning in winter, eight in summer
@app.task(name="notices.mail_daily", queueing_lock="notices.mail_daily")
def mail_daily(timestamp: int) -> None:
    """Mail what gathered for those who chose a daily mail."""
    from munistem.commons.notices.letters import mail_digests

    mail_digests("daily")


@app.periodic(cron="10 5 * * 0")  # the week begins on Sunday
@app.task(name="notices.mail_weekly", queueing_lock="notices.mail_weekly")
def mail_weekly(timestamp: int) -> None:
    """Mail what gathered for those who chose a weekly mail."""
    from munistem.commons.notices.letters import mail_digests

    mail_digests("weekly")
