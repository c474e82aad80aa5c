from procrastinate.contrib.django import app


@app.periodic(cron="35 2 * * *")
@app.task(name="search.forget_searches", queueing_lock="search.forget_searches")
def forget_searches(timestamp: int) -> None:
    """Delete unanswered searches whose time is over."""
    from munistem.commons.search.unanswered.actions import forget_searches as forget

    forget()
