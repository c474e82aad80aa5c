"""What a visitor's browser has already is not sent again; what may no longer be seen never is."""

import pytest

from communities.actions.post import hide
from tests.communities.factories import make_community, make_post, make_topic
from tests.members.factories import make_admin, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    topic = make_topic(make_community(access="open"), title="Robots")
    make_post(topic, body="<p>What we tried</p>")
    return topic


def asked_again(client, path, first, **headers):
    return client.get(path, headers={"If-None-Match": first.headers["ETag"], **headers})


def test_visitor_who_has_the_page_is_sent_nothing(client, topic):
    first = client.get(topic.get_absolute_url())
    again = asked_again(client, topic.get_absolute_url(), first)
    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Security-Policy" in again.headers


def test_what_was_hidden_is_gone_for_who_has_the_page(client, topic):
    first = client.get(topic.get_absolute_url())
    hide(by=make_admin(), post=topic.posts.get(number=2), reason="A name")
    again = asked_again(client, topic.get_absolute_url(), first)
    assert again.status_code == 200
    assert "What we tried" in first.content.decode()
    assert "What we tried" not in again.content.decode()


def test_page_of_another_language_is_another(client, topic):
    first = client.get(topic.get_absolute_url())
    client.cookies["django_language"] = "ar"
    assert asked_again(client, topic.get_absolute_url(), first).status_code == 200


def test_who_is_signed_in_keeps_no_page(client, topic):
    first = client.get(topic.get_absolute_url())
    client.force_login(make_member())
    again = asked_again(client, topic.get_absolute_url(), first)
    assert again.status_code == 200
    assert "ETag" not in again.headers
    assert again.headers["Cache-Control"] == "no-store, private"


def test_page_with_a_form_is_another_each_time(client):
    assert "ETag" not in client.get("/join/").headers


def test_what_is_not_there_is_told_anew(client):
    answer = client.get("/topics/999999/")
    assert (answer.status_code, "ETag" in answer.headers) == (404, False)
