"""An announcement: whom it will reach, and how it arrived."""

import pytest

from communities.actions.topic import mark_read, open_topic
from communities.emails import outcome_of_topic, reach_of_topic
from communities.enums import TopicKind
from munistem.commons.mail.models import Bounce, MailState, OutgoingMail
from munistem.commons.notices.actions import choose
from munistem.commons.notices.models import Event
from tests.communities.factories import make_membership, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def announce(community, facilitator, run_jobs):
    topic = open_topic(
        by=facilitator,
        community=community,
        kind=TopicKind.ANNOUNCEMENT,
        title="A grant",
        body="<p>Apply.</p>",
    )
    run_jobs()
    return topic


def test_after_it_is_told_how_it_arrived(client, community, facilitator, run_jobs):
    _weekly, reader, fine, refused, paused = (make_membership(community).person for _ in range(5))
    for person in (fine, refused, paused):
        choose(by=person, rhythms={"topics": "at_once"})
    Bounce.objects.create(address=paused.email.lower())
    topic = announce(community, facilitator, run_jobs)
    event = Event.objects.get(kind="topic_opened")
    OutgoingMail.objects.create(
        key=f"{event.pk}:{refused.pk}", recipients=refused.email, message=b"", state=MailState.REFUSED
    )
    mark_read(by=reader, topic=topic, number=1)
    mark_read(by=facilitator, topic=topic, number=1)
    found = outcome_of_topic(topic)
    assert {name: count for name, count in found.items() if count} == {
        "delivered": 1,
        "bounced": 2,
        "digest": 1,
        "digest_waiting": 1,
        "bell": 1,  # read in the portal before the mail was due
        "opened": 1,
    }
    client.force_login(facilitator)
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "How it arrived" in html and "came back" in html and "1 of them not sent yet" in html


def test_before_it_is_told_to_whom_mail_comes_back(community, facilitator):
    person = make_membership(community).person
    Bounce.objects.create(address=person.email.lower())
    assert reach_of_topic(community, by=facilitator)["bounced"] == 1


@pytest.mark.parametrize("kind", [TopicKind.QUESTION, TopicKind.ANNOUNCEMENT])
def test_members_and_other_topics_show_nothing_of_it(client, community, facilitator, kind):
    topic = make_topic(community, facilitator, kind=kind)
    client.force_login(make_membership(community).person)
    assert "How it arrived" not in client.get(topic.get_absolute_url()).content.decode()
    client.force_login(facilitator)
    shown = "How it arrived" in client.get(topic.get_absolute_url()).content.decode()
    assert shown == (kind == TopicKind.ANNOUNCEMENT)
