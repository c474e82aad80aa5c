"""Results that were found a moment ago: shown to the same reader only, and only while nothing was written."""

import pytest

from communities.actions.post import hide
from communities.enums import Access
from communities.models import Membership
from knowledge.models import Item
from munistem.commons.enums import Visibility
from munistem.commons.models import UnansweredSearch
from munistem.front.views.search import again
from munistem.front.views.search.items import one_of_each_work
from tests.communities.factories import make_community, make_membership, make_post, make_topic
from tests.knowledge.factories import make_item
from tests.members.factories import make_admin, make_member, make_representative

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept(monkeypatch):
    monkeypatch.setattr(again, "_found", type(again._found)())
    monkeypatch.setattr(again, "SECONDS", 30.0)
    monkeypatch.setattr(again, "LATELY", 0.0)


def titles(client, query="lighthouse"):
    context = client.get("/search/", {"q": query}).context
    return {
        str(one.title).replace("<mark>", "").replace("</mark>", "")
        for kind in context["answers"]
        for one in kind.results
    }


def test_nobody_is_shown_what_was_found_for_another(client):
    community = make_community(access=Access.CLOSED)
    reader = make_membership(community).person
    make_representative(person=reader)
    make_topic(community, title="Lighthouse inside")
    make_item(title="Lighthouse for all")
    make_item(title="Lighthouse of the network", visibility=Visibility.NETWORK)
    expected = {
        None: {"Lighthouse for all"},
        make_member(): {"Lighthouse for all", "Lighthouse of the network"},
        reader: {"Lighthouse for all", "Lighthouse of the network", "Lighthouse inside"},
    }
    for _twice in range(2):
        for person, seen in expected.items():
            client.force_login(person) if person else client.logout()
            assert titles(client) == seen


def test_same_question_is_answered_without_searching_again(client, count_queries):
    make_item(title="Lighthouse for all")
    client.get("/search/?q=lighthouse")
    assert count_queries("/search/?q=lighthouse") == 2


def test_what_may_no_longer_be_seen_is_gone_at_once(client):
    community = make_community(access=Access.CLOSED)
    membership = make_membership(community)
    make_representative(person=membership.person)
    make_topic(community, title="Lighthouse inside")
    item = make_item(title="Lighthouse for all")
    client.force_login(membership.person)
    assert titles(client) == {"Lighthouse inside", "Lighthouse for all"}
    Item.objects.filter(pk=item.pk).update(visibility=Visibility.COMMUNITY, community=make_community())
    assert titles(client) == {"Lighthouse inside"}
    Membership.objects.filter(pk=membership.pk).update(state="left")
    assert titles(client) == set()


def test_whoever_was_removed_finds_nothing_of_it_within_the_same_second(client, monkeypatch):
    monkeypatch.setattr(again, "LATELY", 60.0)
    monkeypatch.setattr(again, "_version", (0.0, None))
    membership = make_membership(make_community(access=Access.CLOSED))
    make_representative(person=membership.person)
    make_topic(membership.community, title="Lighthouse inside")
    client.force_login(membership.person)
    assert titles(client) == {"Lighthouse inside"}
    Membership.objects.filter(pk=membership.pk).update(state="left")
    assert titles(client) == set()


def test_hidden_post_is_no_longer_quoted(client):
    topic = make_topic(make_community(access=Access.OPEN), title="Where to go?")
    post = make_post(topic, body="<p>To the lighthouse.</p>")
    answers = client.get("/search/?q=lighthouse").context["answers"]
    assert "lighthouse" in str(answers[0].results[0].snippet)
    hide(by=make_admin(), post=post, reason="Not here.")
    assert client.get("/search/?q=lighthouse").context["answers"] == []


def test_questions_that_find_nothing_are_noted_for_each_who_asks(client):
    for _twice in range(2):
        client.get("/search/?q=qwqwqw")
    client.force_login(make_member())
    client.get("/search/?q=qwqwqw")
    assert UnansweredSearch.objects.get().is_shared


def test_only_so_many_answers_are_kept(client, monkeypatch):
    monkeypatch.setattr(again, "MOST", 2)
    make_item(title="Lighthouse one two three four")
    for word in ("one", "two", "three"):
        client.get("/search/", {"q": word})
    assert len(again._found) == 2


def test_of_many_found_one_of_each_work_counts_as_of_few():
    works = [make_item(title="Lighthouse", language="he") for _ in range(4)]
    editions = {0: ["ar", "en"], 1: ["en"], 2: ["ar"]}
    items = [*works]
    for number, languages in editions.items():
        items += [
            make_item(title="Lighthouse", language=code, edition_of=works[number]) for code in languages
        ]
    keys = [row.pk for row in reversed(items)]
    for some in (keys, keys[:5], keys[2:], [key for key in keys if key not in (works[0].pk, works[2].pk)]):
        for language in ("he", "ar", "en"):
            expected = set(
                Item.objects.filter(pk__in=some).one_per_work(language).values_list("pk", flat=True)
            )
            told = one_of_each_work(some, language)
            assert set(told) == expected
            assert told == [key for key in some if key in expected]
