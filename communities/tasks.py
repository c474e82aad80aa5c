from procrastinate.contrib.django import app

from communities import emails


@app.task(name="communities.tell_of_topic", retry=3)
def tell_of_topic(topic: int) -> None:
    """Tell a community's members of a new topic; there may be thousands of them."""
    emails.tell_of_topic(topic)
