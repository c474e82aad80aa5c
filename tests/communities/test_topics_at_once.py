"""Topics and posts under haste: numbers stay unique, copies of a form make one thing, copies of a job tell once."""

from functools import partial
from uuid import uuid4

import pytest

from communities import emails
from communities.actions import topic as topics
from communities.enums import Access
from communities.models import Community, Post, Topic
from members.models import User
from munistem.commons.notices.models import Event
from tests.communities.factories import make_community, make_membership
from tests.communities.test_topics import opened
from tests.moments import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_numbers_are_unique_when_many_answer_at_once():
    community = make_community(access=Access.OPEN)
    people = [make_membership(community).person for _ in range(4)]
    topic, nonce = opened(community, people[0]), uuid4()

    def answer(place):
        person, doubled = User.objects.get(pk=people[place % 4].pk), nonce if place % 4 == 0 else None
        return topics.reply(
            by=person, topic=Topic.objects.get(pk=topic.pk), body="<p>At once</p>", nonce=doubled
        ).number

    answered = at_once(*(partial(answer, place) for place in range(8)))
    numbers = list(Post.objects.filter(topic=topic).in_order().values_list("number", flat=True))
    topic.refresh_from_db()
    assert numbers == list(range(1, 9))  # the opening, six answers, one of a form sent twice
    assert set(answered) == set(range(2, 9))
    assert topic.post_count == 8


def test_one_form_sent_eight_times_at_once_makes_one_topic():
    community = make_community(access=Access.OPEN)
    person, nonce = make_membership(community).person, uuid4()

    def send():
        return opened(Community.objects.get(pk=community.pk), User.objects.get(pk=person.pk), nonce=nonce).pk

    made = at_once(*[send] * 8)
    community.refresh_from_db()
    assert len(made) == 8
    assert len(set(made)) == Topic.objects.count() == community.topic_count == 1


def test_copies_of_a_job_at_once_tell_of_an_answer_once():
    community = make_community(access=Access.OPEN)
    asking, other = (make_membership(community).person for _ in range(2))
    topic = opened(community, asking)
    post = topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    assert at_once(*[partial(emails.tell_of_reply, post.pk, "replied")] * 4) == [None] * 4
    assert Event.objects.get(kind="replied").notices.get().reader == asking
