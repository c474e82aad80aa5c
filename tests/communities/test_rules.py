"""Who may see and do what: rules and querysets compared over one table of persons × situations."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from communities import rules
from communities.enums import Access, MeetingState, MembershipState, TopicKind
from communities.models import Attachment, Community, Meeting, Membership, Post, Topic
from members.models import User
from munistem.commons.audit.actions import key
from munistem.commons.notices.kinds import KINDS, seers_among
from munistem.commons.notices.models import Event
from tests.communities.factories import (
    make_attachment,
    make_community,
    make_facilitator,
    make_meeting,
    make_member,
    make_membership,
    make_post,
    make_topic,
    make_user,
)
from tests.members.factories import fresh, make_admin, make_representative

pytestmark = pytest.mark.django_db


def make_former_member(community):
    """Still has a membership row, but acts for no organisation any more."""
    mandate = make_representative()
    make_membership(community, mandate.person)
    mandate.until_on = timezone.localdate()
    mandate.save()
    return mandate.person


def make_deactivated(community):
    person = make_membership(community).person
    User.objects.filter(pk=person.pk).update(is_active=False)
    return person


def in_state(state):
    return lambda community: make_membership(community, state=state).person


PERSONS = {
    "visitor": lambda community: None,
    "registered": lambda community: make_user(),
    "outsider": lambda community: make_member(),
    "invited": in_state(MembershipState.INVITED),
    "asked": in_state(MembershipState.ASKED),
    "declined": in_state(MembershipState.DECLINED),
    "left": in_state(MembershipState.LEFT),
    "removed": in_state(MembershipState.REMOVED),
    "member": in_state(MembershipState.ACTIVE),
    "former": make_former_member,
    "deactivated": make_deactivated,
    "facilitator": make_facilitator,
    "facilitator elsewhere": lambda community: make_facilitator(make_community()),
    "knowledge manager": lambda community: make_user(is_knowledge_manager=True),
    "admin": lambda community: make_admin(),
}


class World:
    """One community of an access with topics and posts, shown and hidden, by a member."""

    def __init__(self, access):
        self.community = make_community(access=access)
        self.author = make_membership(self.community).person
        hidden = {"hidden_at": timezone.now(), "hidden_by": self.author, "hidden_reason": "Personal details"}
        self.topic = make_topic(self.community, self.author)
        self.post = make_post(self.topic, self.author)
        self.hidden_post = make_post(self.topic, self.author, **hidden)
        self.hidden_topic = make_topic(self.community, self.author, **hidden)
        make_post(self.hidden_topic, self.author)
        make_attachment(self.post)
        make_attachment(self.hidden_post)
        planner = make_admin()
        self.meeting = make_meeting(self.community, planner)
        self.draft = make_meeting(self.community, planner, state=MeetingState.DRAFT)


@pytest.mark.parametrize("access", Access.values)
def test_rules_and_querysets_are_twins(access):
    world = World(access)
    persons = {name: make(world.community) for name, make in PERSONS.items()} | {"author": world.author}
    for name, person in persons.items():
        for model, rule in [
            (Community, rules.can_see_community),
            (Membership, rules.can_see_membership),
            (Topic, rules.can_see_topic),
            (Post, rules.can_see_post),
            (Meeting, rules.can_see_meeting),
        ]:
            by_query = set(model.objects.visible_to(fresh(person)).values_list("pk", flat=True))
            reader = fresh(person)
            by_rule = {thing.pk for thing in model.objects.all() if rule(reader, thing)}
            assert by_query == by_rule, (name, model.__name__)
        readable = set(Community.objects.readable_by(fresh(person)).values_list("pk", flat=True))
        assert readable == {
            one.pk for one in Community.objects.all() if rules.can_read_community(fresh(person), one)
        }, name
        for community in Community.objects.all():
            if rules.can_read_community(fresh(person), community):
                mine = Topic.objects.filter(community=community)
                assert set(mine.readable_in(community, fresh(person))) == set(
                    mine.visible_to(fresh(person))
                ), name
        for topic in Topic.objects.visible_to(fresh(person)).select_related("community"):
            posts = Post.objects.filter(topic=topic)
            assert set(posts.readable_in(topic, fresh(person))) == set(posts.visible_to(fresh(person))), name


@pytest.mark.parametrize("access", Access.values)
@pytest.mark.parametrize("thing", ["topic", "hidden_topic"])
def test_asked_for_many_readers_at_once_it_is_the_same_who_see(access, thing, django_assert_num_queries):
    world = World(access)
    people = [make(world.community) for name, make in PERSONS.items() if name != "visitor"] + [world.author]
    topic = getattr(world, thing)
    for kind in (KINDS[code] for code in ("topic_opened", "replied")):
        event = Event.objects.create(kind=kind.code, subject=key(topic))
        one_by_one = {person.pk for person in people if kind.visible(fresh(person), [event])}
        readers = list(map(fresh, people))
        with django_assert_num_queries(3):  # the topic, for whom they act, how they stand
            assert seers_among(readers, event) == one_by_one
        gone = Event.objects.create(kind=kind.code, subject=f"communities.topic:{topic.pk + 999}")
        assert seers_among(readers, gone) == set()


SEES = {
    # who: open, by request, closed – c community, t topics, h hidden topics and posts
    "visitor": ("ct", "c", ""),
    "registered": ("ct", "c", ""),
    "outsider": ("ct", "c", ""),
    "invited": ("ct", "c", "c"),
    "asked": ("ct", "c", ""),
    "declined": ("ct", "c", ""),
    "left": ("ct", "c", ""),
    "removed": ("ct", "c", ""),
    "member": ("ct", "ct", "ct"),
    "former": ("ct", "c", ""),
    "deactivated": ("ct", "c", ""),
    "facilitator": ("cth", "cth", "cth"),
    "facilitator elsewhere": ("ct", "c", ""),
    "knowledge manager": ("ct", "c", ""),
    "admin": ("cth", "cth", "cth"),
}


@pytest.mark.parametrize(("place", "access"), list(enumerate(Access.values)))
def test_what_each_person_sees(place, access):
    world, seen = World(access), {}
    for who in SEES:
        person = PERSONS[who](world.community)
        shown = "c" * (world.community in Community.objects.visible_to(fresh(person)))
        shown += "t" * (world.post in Post.objects.visible_to(fresh(person)))
        assert (world.topic in Topic.objects.visible_to(fresh(person))) == ("t" in shown), who
        is_hidden_seen = world.hidden_topic in Topic.objects.visible_to(fresh(person))
        assert (world.hidden_post in Post.objects.visible_to(fresh(person))) == is_hidden_seen, who
        posts = Post.objects.visible_to(fresh(person)).filter(topic__community=world.community)
        files = Attachment.objects.filter(post__in=posts)
        assert files.count() == ("t" in shown) + is_hidden_seen, who
        seen[who] = shown + "h" * is_hidden_seen
    assert seen == {who: written[place] for who, written in SEES.items()}


MAY = {
    # who: what they may do in an open community · in one by request · in a closed one
    "visitor": ("", "", ""),
    "registered": ("report", "", ""),
    "outsider": ("join helpful report", "ask", ""),
    "invited": ("accept helpful report", "accept", "accept"),
    "asked": ("join helpful report withdraw", "withdraw", "withdraw"),
    "declined": ("join helpful report", "ask", ""),
    "left": ("join helpful report", "ask", ""),
    "removed": ("helpful report", "ask", ""),
    "member": ("find helpful leave post reply report",) * 3,
    "former": ("report", "", ""),
    "deactivated": ("report", "", ""),
    "facilitator": (
        "announce answer edit find helpful hide invite moderate pin post reply report",
        *("announce answer edit find helpful hide invite moderate pin post reply report",) * 2,
    ),
    "facilitator elsewhere": ("join helpful report", "ask", ""),
    "knowledge manager": ("join helpful report", "ask", ""),
    "admin": (
        "answer edit helpful hide invite join moderate pin report",
        "answer ask edit helpful hide invite moderate pin report",
        "answer edit helpful hide invite moderate pin report",
    ),
}


def deeds_of(user, world):
    community, topic, post = world.community, world.topic, world.post
    may = {
        "accept": rules.can_answer_invitation(user, community),
        "announce": rules.can_announce(user, community),
        "answer": rules.can_accept_post(user, post),
        "ask": rules.can_ask(user, community),
        "edit": rules.can_edit_post(user, post),
        "find": rules.can_find_people(user, community),
        "helpful": rules.can_mark_helpful(user, post),
        "hide": rules.can_hide_post(user, post),
        "invite": rules.can_invite(user, community),
        "join": rules.can_join(user, community),
        "leave": rules.can_leave(user, community),
        "moderate": rules.can_moderate(user, community),
        "pin": rules.can_pin_topic(user, topic) and rules.can_lock_topic(user, topic),
        "post": rules.can_post_topic(user, community),
        "reply": rules.can_reply(user, topic),
        "report": rules.can_report_post(user, post),
        "withdraw": rules.can_withdraw_request(user, community),
    }
    return " ".join(sorted(deed for deed, is_allowed in may.items() if is_allowed))


@pytest.mark.parametrize(("place", "access"), list(enumerate(Access.values)))
def test_what_each_person_may_do(place, access):
    world, may = World(access), {}
    for who in MAY:
        person = PERSONS[who](world.community)
        world.community.forget_standings()
        world.post.topic.community.forget_standings()
        may[who] = deeds_of(fresh(person), world)
    assert may == {who: " ".join(sorted(deeds[place].split())) for who, deeds in MAY.items()}


def test_author_edits_and_accepts_until_the_topic_is_locked():
    world = World(Access.REQUEST)
    author = fresh(world.author)
    assert rules.can_edit_post(author, world.post)
    assert rules.can_accept_post(author, make_post(world.topic))
    assert not rules.can_accept_post(author, world.topic.posts.get(number=1))
    assert not rules.can_accept_post(author, world.hidden_post)
    assert not rules.can_mark_helpful(author, world.post)
    assert not rules.can_report_post(author, world.post)
    world.topic.locked_at = timezone.now()
    assert not rules.can_reply(author, world.topic)
    assert not rules.can_edit_post(author, world.post)


def test_only_what_asks_can_be_answered():
    for kind in TopicKind:
        topic = make_topic(kind=kind)
        asks = kind in {TopicKind.QUESTION, TopicKind.HELP}
        assert rules.can_accept_answer(fresh(topic.author), topic) == asks


def test_author_who_left_may_no_longer_edit():
    world = World(Access.OPEN)
    Membership.objects.filter(person=world.author).update(state=MembershipState.LEFT)
    world.community.forget_standings()
    assert not rules.can_edit_post(fresh(world.author), Post.objects.get(pk=world.post.pk))


def test_nothing_is_written_in_an_archived_community():
    world = World(Access.OPEN)
    world.community.archived_at = timezone.now()
    facilitator = fresh(make_facilitator(world.community))
    for rule in (rules.can_post_topic, rules.can_announce, rules.can_invite, rules.can_join):
        assert not rule(facilitator, world.community)
    assert not rules.can_join(fresh(make_member()), world.community)
    assert not rules.can_reply(facilitator, world.topic)
    assert not rules.can_edit_post(facilitator, world.post)
    assert rules.can_see_topic(facilitator, world.topic)


def test_last_facilitator_stays():
    community = make_community()
    first = make_facilitator(community)
    row = community.memberships.get(person=first)
    assert not rules.can_leave(first, community)
    assert not rules.can_remove_member(make_admin(), row)
    assert not rules.can_end_facilitation(first, row)
    second = make_facilitator(community)
    assert rules.can_leave(first, community)
    assert rules.can_remove_member(make_admin(), row)
    assert rules.can_end_facilitation(first, row)
    assert not rules.can_end_facilitation(second, row)
    assert not rules.can_remove_member(second, row)
    User.objects.filter(pk=second.pk).update(is_active=False)
    assert not rules.can_leave(first, community)


def test_facilitators_decide_on_people():
    community = make_community()
    facilitator, member = make_facilitator(community), make_membership(community)
    asked = make_membership(community, state=MembershipState.ASKED)
    invited = make_membership(community, state=MembershipState.INVITED)
    other = make_facilitator(make_community())
    for rule, row in [
        (rules.can_decide_request, asked),
        (rules.can_withdraw_invitation, invited),
        (rules.can_make_facilitator, member),
        (rules.can_remove_member, member),
    ]:
        assert rule(facilitator, row)
        assert not rule(other, row)
        assert not rule(member.person, row)
        assert not rule(AnonymousUser(), row)
    assert not rules.can_decide_request(facilitator, member)


def test_history_is_for_the_network():
    world = World(Access.OPEN)
    assert rules.can_see_history(fresh(make_member()), world.post)
    assert not rules.can_see_history(fresh(make_user()), world.post)
    assert not rules.can_see_history(AnonymousUser(), world.post)
    assert not rules.can_see_history(fresh(make_member()), world.hidden_post)
