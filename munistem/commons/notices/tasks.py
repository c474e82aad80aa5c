from procrastinate.contrib.django import app


@app.task(name="notices.mail_notices", retry=5)
def mail_notices(notices: list[int]) -> None:
    """Mail these notices, each once."""
    from munistem.commons.notices.letters import mail_notice

    for notice in notices:
        mail_notice(notice)
