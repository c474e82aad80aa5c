from procrastinate.contrib.django import app

from munistem.commons.search.checking import check_titles
from munistem.commons.search.learning import learn


@app.periodic(cron="20 0 * * *")
@app.task(name="search.learn", queueing_lock="search.learn")
def learn_words(timestamp: int = 0) -> None:
    """Count the words of public texts anew, read again what is to be read otherwise, and look whether titles are found."""
    learn()
    check_titles()
