"""Texts that wait for a facilitator: whose wait, who sees and decides them, how they are kept and at what cost."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities import rules
from communities.actions import release as decisions
from communities.actions import topic as topics
from communities.enums import Access, HeldState, MembershipState, Moderation, TopicKind
from communities.models import Community, HeldPost, Post, Topic
from munistem.front.actions.owned import kept_about
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_held,
    make_member,
    make_membership,
    make_post,
    make_topic,
)
from tests.communities.test_rules import PERSONS
from tests.members.factories import fresh, make_admin

pytestmark = pytest.mark.django_db


MARK = "Quokkafable"


@pytest.fixture
def community():
    return make_community(name="Makers", moderation=Moderation.EVERYBODY, access=Access.OPEN)


@pytest.fixture
def leader(community):
    return make_facilitator(community, make_member(name="Leader"))


def opened(community, author, **fields):
    fields = {"kind": TopicKind.QUESTION, "title": MARK, "body": f"<p>{MARK}</p>", **fields}
    return topics.open_topic(by=author, community=community, **fields)


# Who sees what -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("access", Access.values)
@pytest.mark.parametrize("state", [HeldState.WAITING, HeldState.RETURNED])
def test_rule_and_queryset_are_twins(access, state):
    community = make_community(access=access, moderation=Moderation.EVERYBODY)
    writer = make_membership(community).person
    decided = {"decided_at": timezone.now(), "decided_by": writer, "reason": "Names"}
    fields = {"state": state, **(decided if state == HeldState.RETURNED else {})}
    hidden = {"hidden_at": timezone.now(), "hidden_by": writer, "hidden_reason": "Names"}
    made = [
        make_held(community, writer, **fields),
        make_held(topic=make_topic(community), author=writer, **fields),
        make_held(topic=make_topic(community, **hidden), author=writer, **fields),
        make_held(topic=make_topic(community, writer, **hidden), author=writer, **fields),
        make_held(**fields),
    ]
    gone = make_membership(community)
    made.append(make_held(community, gone.person, **fields))
    gone.state = MembershipState.REMOVED
    gone.save()
    persons = {name: make(community) for name, make in PERSONS.items()}
    persons |= {"author": writer, "removed author": gone.person}
    for name, person in persons.items():
        by_query = set(HeldPost.objects.visible_to(fresh(person)))
        by_rule = {one for one in HeldPost.objects.all() if rules.can_see_held(fresh(person), one)}
        assert by_query == by_rule, name
    nobody = {name for name in persons if name not in {"author", "removed author", "facilitator", "admin"}}
    assert all(not HeldPost.objects.visible_to(fresh(persons[name])).exists() for name in nobody)
    assert set(HeldPost.objects.visible_to(fresh(writer))) == {made[0], made[1], made[3]}
    assert set(HeldPost.objects.visible_to(fresh(persons["facilitator"]))) == {*made[:4], made[5]}
    sees_own = access == Access.OPEN
    assert HeldPost.objects.visible_to(fresh(gone.person)).exists() == sees_own


def test_what_is_held_and_whose():
    community = make_community()
    member, leads = make_membership(community).person, make_facilitator(community)
    for moderation, waits in (("after", False), ("newcomers", True), ("everybody", True)):
        community.moderation = moderation
        assert rules.is_held(fresh(member), community) == waits
        assert not rules.is_held(fresh(leads), community)
        assert not rules.is_held(make_admin(), community)
    make_topic(community, member)
    assert rules.is_held(fresh(member), community)
    community.moderation = Moderation.NEWCOMERS
    assert not rules.is_held(fresh(member), community)
    Post.objects.update(hidden_at=timezone.now(), hidden_by=leads, hidden_reason="Names")
    assert rules.is_held(fresh(member), community)


def test_who_decides_mends_and_takes_back(community, leader, author, other):
    held = make_held(community, author)
    for person, decides, mends in (
        (leader, True, False),
        (make_admin(), True, False),
        (author, False, True),
        (other, False, False),
        (make_facilitator(), False, False),
    ):
        community.forget_standings()
        assert rules.can_decide_held(fresh(person), held) == decides
        assert rules.can_mend_held(fresh(person), held) == mends
        assert rules.can_withdraw_held(fresh(person), held) == mends
    community.archived_at = timezone.now()
    assert not rules.can_decide_held(fresh(leader), held)
    assert not rules.can_mend_held(fresh(author), held)


def test_author_and_facilitator_find_it_where_it_will_stand(community, leader, author, client):
    topic = make_topic(community, title="Labs")
    opening, answer = opened(community, author), topics.reply(by=author, topic=topic, body=f"<p>{MARK}</p>")
    client.cookies["django_language"] = "en"
    for person in (author, leader):
        client.force_login(person)
        assert opening.get_absolute_url() in client.get(community.get_absolute_url()).content.decode()
        page = client.get(topic.get_absolute_url()).content.decode()
        assert answer.get_absolute_url() in page
        assert "Waits for a facilitator" in page
        assert client.get(answer.get_absolute_url()).status_code == 200
    assert "Let it appear" in client.get(answer.get_absolute_url()).content.decode()
    assert MARK in client.get("/desk/").content.decode()
    assert MARK in client.get(f"{community.get_absolute_url()}facilitation/").content.decode()
    assert "2 texts wait until you let them appear" in client.get("/").content.decode()
    assert MARK in str([list(rows) for rows in kept_about(author).values()])


# What waits --------------------------------------------------------------------------------------------


def test_form_sent_twice_is_held_once(community, author, client):
    client.force_login(author)
    topic, nonce = make_topic(community), uuid4()
    for _ in range(2):
        client.post(topic.get_absolute_url(), {"body": f"<p>{MARK}</p>", "nonce": nonce})
    for _ in range(2):
        client.post(
            f"{community.get_absolute_url()}topics/new/",
            {"kind": "question", "title": MARK, "body": f"<p>{MARK}</p>", "nonce": uuid4() if _ else nonce},
        )
    assert HeldPost.objects.filter(topic=topic).count() == 1
    assert not Post.objects.filter(author=author).exists()


def test_newcomers_wait_until_a_first_text_appeared(leader, author, community):
    Community.objects.update(moderation=Moderation.NEWCOMERS)
    community.refresh_from_db()
    held = opened(community, author)
    assert isinstance(held, HeldPost)
    topic = decisions.release(by=leader, held=held).topic
    assert isinstance(topics.reply(by=author, topic=topic, body="<p>More</p>"), Post)


def test_facilitator_who_also_wrote_is_not_held(community, leader):
    assert isinstance(opened(community, leader), Topic)


def test_setting_is_chosen_by_facilitators(community, leader, client):
    client.force_login(leader)
    url = f"{community.get_absolute_url()}edit/"
    fields = {"name": "Makers", "purpose": "To make.", "access": "open", "language": "en"}
    client.post(url, {**fields, "moderation": "newcomers"})
    assert Community.objects.get(pk=community.pk).moderation == Moderation.NEWCOMERS
    client.post(url, fields)
    assert Community.objects.get(pk=community.pk).moderation == Moderation.NEWCOMERS
    assert client.post(url, {**fields, "moderation": "never"}).status_code == 200


def test_database_keeps_decisions_whole(community, author):
    held = make_held(community, author)
    for wrong in (
        {"state": "gone"},
        {"state": HeldState.RELEASED},
        {"state": HeldState.RETURNED, "decided_at": timezone.now(), "decided_by": author},
        {"body": ""},
        {"title": ""},
        {"decided_at": timezone.now()},
        {"reason": "Why"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            HeldPost.objects.filter(pk=held.pk).update(**wrong)


def test_pages_cost_the_same_for_one_and_thirty(community, leader, author, client):
    topic = make_topic(community)
    urls = [community.get_absolute_url(), topic.get_absolute_url(), "/desk/", "/"]

    def cost():
        counts = []
        for url in urls:
            assert client.get(url).status_code == 200
            with CaptureQueriesContext(connection) as captured:
                client.get(url)
            counts.append(len(captured))
        return counts

    def fill(times):
        for _ in range(times):
            make_held(community)
            make_held(topic=topic)
            make_post(topic)

    client.force_login(leader)
    fill(1)
    few = cost()
    fill(15)
    assert cost() == few
    assert max(few[:2]) <= 10
