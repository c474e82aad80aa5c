"""What came since a page was drawn: the bell and the open topic, asked for by the page itself."""

import pytest
from django.contrib.sessions.models import Session

from communities.actions import post as post_deeds
from communities.actions import topic as deeds
from communities.enums import Access
from communities.models import TopicRead
from munistem.commons.notices.models import Notice
from tests.communities.factories import make_community, make_facilitator, make_membership, make_topic
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(client):
    """A member who opened a topic, signed in, and a colleague."""
    community = make_community()
    person, colleague = make_membership(community).person, make_membership(community).person
    client.force_login(person)
    return make_topic(community, author=person), person, colleague


def answer(topic, by, body="<p>Yes.</p>"):
    return deeds.reply(by=by, topic=topic, body=body)


def test_answers_are_there_at_once_and_the_bell_when_the_worker_has_told(client, talk, tell_now):
    topic, _person, colleague = talk
    answer(topic, colleague)
    news = client.get(f"/live/?topic={topic.pk}&after=1")
    assert (news.json()["bell"], news.json()["answers"]) == ("", "1 new answer – show")
    tell_now()
    again = client.get(f"/live/?topic={topic.pk}&after=1", headers={"If-None-Match": news["ETag"]})
    assert (again.status_code, again.json()["bell"]) == (200, "1")


def test_answers_and_bell_are_told_once_and_then_304(client, talk, tell_now):
    topic, _person, colleague = talk
    url = f"/live/?topic={topic.pk}&after=1"
    first = client.get(url)
    assert first.json() == {"bell": "", "unread": "unread"}
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    answer(topic, colleague)
    answer(topic, colleague)
    tell_now()
    second = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert second.json() == {
        "bell": "1",  # many answers are one notice
        "unread": "unread",
        "answers": "2 new answers – show",
        "url": f"/topics/{topic.pk}/#post-2",
        "page": 1,
    }
    unchanged = client.get(url, headers={"If-None-Match": second["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert "no-store" in second["Cache-Control"]
    assert client.get(f"/live/?topic={topic.pk}&after=3").json() == {"bell": "1", "unread": "unread"}
    assert client.get("/live/").json() == {"bell": "1", "unread": "unread"}


def test_asking_marks_nothing_as_read_and_writes_no_session(client, talk, tell_now):
    topic, person, colleague = talk
    answer(topic, colleague)
    tell_now()
    client.get("/live/")
    sessions = list(Session.objects.values())
    client.get(f"/live/?topic={topic.pk}&after=1")
    assert list(Session.objects.values()) == sessions
    assert Notice.objects.visible_to(person).unread().count() == 1
    assert TopicRead.objects.filter(person=person).count() == 0
    assert "#post-2" in client.get(f"/live/?topic={topic.pk}&after=1").json()["url"]
    client.get(f"/topics/{topic.pk}/")  # this is a visit
    assert client.get("/live/").json()["bell"] == ""


def test_new_answers_begin_on_the_page_on_which_they_stand(client, talk):
    topic, _person, colleague = talk
    for _ in range(20):
        answer(topic, colleague)
    news = client.get(f"/live/?topic={topic.pk}&after=20").json()
    assert (news["url"], news["page"]) == (f"/topics/{topic.pk}/?page=2#post-21", 2)
    assert news["answers"] == "1 new answer – show"
    assert client.get(f"/live/?topic={topic.pk}&after=19").json()["page"] == 1


def test_nobody_hears_of_what_they_may_not_read(client, talk):
    topic, person, colleague = talk
    hidden = answer(topic, colleague)
    post_deeds.hide(by=make_facilitator(topic.community), post=hidden, reason="Off the subject")
    url = f"/live/?topic={topic.pk}&after=1"
    assert "answers" not in client.get(url).json()
    client.force_login(colleague)
    assert "answers" in client.get(url).json()
    answer(topic, person)
    client.force_login(make_member())
    assert client.get(url).json() == client.get("/live/?topic=999999&after=1").json()
    client.logout()
    assert client.get(url).json() == {}


def test_visitor_hears_of_answers_in_an_open_community_and_of_nothing_else(client):
    topic = make_topic(make_community(access=Access.OPEN))
    answer(topic, make_membership(topic.community).person)
    assert client.get(f"/live/?topic={topic.pk}&after=1").json()["answers"] == "1 new answer – show"
    assert client.get("/live/").status_code == 204
    assert client.get("/live/?topic=x&after=%D7%90").status_code == 204


@pytest.mark.parametrize(
    "query", ["topic=9" * 3, f"topic={'9' * 19}&after={'9' * 19}", "topic=-1&after=1", "topic=1"]
)
def test_odd_questions_are_harmless(client, query):
    client.force_login(make_member())
    assert client.get(f"/live/?{query}").json() == {"bell": "", "unread": "unread"}


def test_asking_costs_few_queries_however_much_is_new(client, talk, count_queries):
    topic, _person, colleague = talk
    url = f"/live/?topic={topic.pk}&after=1"
    assert count_queries(url) == 6  # session, person, bell, topic, for whom they act, how they stand
    answer(topic, colleague)
    few = count_queries(url)
    for _ in range(29):
        answer(topic, colleague)
    assert count_queries(url) == few == 7
    assert count_queries("/live/") == 3


def test_page_names_what_the_script_asks_for(client, talk):
    topic, _person, colleague = talk
    answer(topic, colleague)
    page = client.get(f"/topics/{topic.pk}/").content.decode()
    assert f'role="status" data-topic="{topic.pk}" data-after="2" data-page="1"' in page
    assert "data-bell" in page
    assert 'data-news="/live/"' in page
    client.logout()
    assert "data-bell" not in client.get("/about/").content.decode()
