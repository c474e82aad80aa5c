from procrastinate.contrib.django import app


@app.periodic(cron="23 * * * *")
@app.task(name="guards.forget_expired", queueing_lock="guards.forget_expired")
def forget_expired(timestamp: int) -> None:
    """Delete the counts of limits whose time is over."""
    from munistem.commons.guards.limits import forget_expired

    forget_expired()
