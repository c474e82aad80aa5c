from procrastinate.contrib.django import app


@app.periodic(cron="23 * * * *")
@app.task(name="guards.forget_expired", queueing_lock="guards.forget_expired")
def forget_expired(timestamp: int) -> None:
    """Delete the counts of limits whose time is over."""
    from munistem.commons.guards.limits import forget_expired

    forget_expired()


@app.periodic(cron="35 1 * * *")
@app.task(name="guards.hash_seeds", queueing_lock="guards.hash_seeds")
def hash_seeds(timestamp: int) -> None:
    """Exchange seeds of recovery codes, as they were kept before, for hashes."""
    from munistem.commons.guards.codes import hash_seeds

    hash_seeds()
