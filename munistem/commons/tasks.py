"""Every job of the ground floor, found by the worker through this module, and what the clock asks of the whole house."""

from procrastinate.contrib.django import app

from munistem.commons.files import tasks as files
from munistem.commons.guards import tasks as guards
from munistem.commons.mail import tasks as mail
from munistem.commons.notices import tasks as notices
from munistem.commons.search import tasks as search
from munistem.commons.search.unanswered import tasks as unanswered

__all__ = ["files", "guards", "mail", "notices", "search", "unanswered"]
KEPT_HOURS = 7 * 24


@app.periodic(cron="55 1 * * *")
@app.task(name="house.forget_jobs", queueing_lock="house.forget_jobs")
async def forget_jobs(timestamp: int) -> None:
    """Delete jobs that were done a week ago; failed ones stay, to be looked at in the admin."""
    await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)


@app.periodic(cron="* * * * *")
@app.task(name="house.take_up_stalled", queueing_lock="house.take_up_stalled")
async def take_up_stalled(timestamp: int) -> None:
    """Give jobs back whose worker was killed while it did them."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


@app.periodic(cron="25 2 * * *")
@app.task(name="house.sweep_papers", queueing_lock="house.sweep_papers")
def sweep_papers(timestamp: int) -> None:
    """Delete PDF documents that were made a month ago; they are made again when asked for."""
    from munistem.commons.pdf.setting import sweep_papers

    sweep_papers()
