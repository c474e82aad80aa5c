"""The facilitators' page: who opens it, what its figures say, what waits; and greeting newcomers once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from communities import rules
from communities.actions import greeting as deeds
from communities.actions.membership import TooLate
from communities.emails import prepared_text, reach_of_topic
from communities.enums import Access, Coming, MembershipState, TopicKind
from communities.models import Greeting, GreetingText, Helpful, Membership, Minutes, Topic
from communities.models import facilitation as looks
from communities.views.facilitation import figures_of, said_span, silent, unanswered, unminuted
from munistem.commons.audit.actions import key
from munistem.commons.audit.models import AuditEvent
from munistem.commons.days.working import working_days_before
from munistem.commons.notices.actions import choose
from munistem.commons.notices.choices import choose_scope
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from munistem.commons.reports.models import Report
from tests.communities.factories import (
    make_agenda_item,
    make_community,
    make_facilitator,
    make_invitee,
    make_meeting,
    make_member,
    make_membership,
    make_post,
    make_topic,
    make_user,
)
from tests.members.factories import make_admin
from tests.moments import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def page(community):
    return f"/communities/{community.slug}/facilitation/"


def door(row):
    return f"/communities/{row.community.slug}/people/{row.pk}/greet/"


def long_ago(row, days=200):
    Membership.objects.filter(pk=row.pk).update(since=timezone.now() - timedelta(days=days))
    return row


# Working days --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-25 10:00", "2026-11-22 10:00"),  # Wednesday to Sunday
        ("2026-11-23 10:00", "2026-11-18 10:00"),  # Monday, over the weekend, to Wednesday
        ("2026-11-28 13:00", "2026-11-24 00:00"),  # on Shabbat the clock has stood since Thursday's end
        ("2026-09-15 09:00", "2026-09-09 09:00"),  # over Rosh Hashanah, which is Saturday and Sunday
        ("2026-10-27 09:00", "2026-10-22 09:00"),  # over the night in which the clocks go back
    ],
)
def test_three_working_days_leave_out_weekends_and_holy_days(now, since):
    assert working_days_before(at(now), 3) == at(since)


# Who opens it --------------------------------------------------------------------------------------------

ANSWERS = {
    "visitor": (302, 404),
    "registered": (403, 404),
    "outsider": (403, 404),
    "member": (403, 403),
    "facilitator": (200, 200),
    "facilitator elsewhere": (403, 404),
    "admin": (200, 200),
}
MAKERS = {
    "registered": lambda community: make_user(),
    "outsider": lambda community: make_member(),
    "member": lambda community: make_membership(community).person,
    "facilitator": make_facilitator,
    "facilitator elsewhere": lambda community: make_facilitator(),
    "admin": lambda community: make_admin(),
}


@pytest.mark.parametrize("who", ANSWERS)
def test_page_is_for_those_who_lead(client, who):
    statuses = []
    for access in (Access.REQUEST, Access.CLOSED):
        community = make_community(access=access)
        newcomer = make_membership(community)
        if who in MAKERS:
            client.force_login(MAKERS[who](community))
        statuses.append(client.get(page(community)).status_code)
        assert client.post(page(community)).status_code == (405 if who != "visitor" else 302)
        greeted = client.post(door(newcomer), {"text": "Welcome!"}).status_code
        assert (greeted == 302 and Greeting.objects.filter(membership=newcomer).exists()) == (
            who in {"facilitator", "admin"}
        )
    expected = (302, 302) if who == "visitor" else ANSWERS[who]
    assert tuple(statuses) == expected


def test_tab_is_shown_to_those_who_lead_alone(client, community, leader):
    assert page(community) in client.get(community.get_absolute_url()).content.decode()
    client.force_login(make_membership(community).person)
    assert page(community) not in client.get(community.get_absolute_url()).content.decode()


# Figures -------------------------------------------------------------------------------------------------


def test_who_did_something_this_month_is_counted(community):
    """Of seven members five did something in May, each something else; what was done in April or elsewhere is not counted."""
    may, april = at("2026-05-03 10:00"), at("2026-04-30 23:59")
    rows = [make_membership(community) for _ in range(7)]
    people = [row.person for row in rows]
    topic = make_topic(community, people[0], created_at=may)
    make_post(topic, people[1], created_at=at("2026-05-01 00:01"))
    meeting = make_meeting(community, people[0])
    make_invitee(meeting, people[2], answer=Coming.NO, answered_at=may)
    item = make_agenda_item(meeting, proposed_by=people[3])
    item.__class__.objects.filter(pk=item.pk).update(created_at=may)
    Helpful.objects.create(post=topic.posts.first(), person=people[4])
    Helpful.objects.update(marked_at=may)
    make_topic(community, people[5], created_at=april)
    make_topic(make_community(), people[6], created_at=may)
    make_invitee(meeting, people[6])
    members = Membership.objects.filter(community=community).present()
    assert looks.count_active(members, at("2026-05-01 00:00")) == {"everyone": 7, "active": 5}
    with translation.override("en"):
        figures = figures_of(community, at("2026-05-20 12:00"))
    assert figures[0]["number"] == "71%"
    assert figures[0]["about"].startswith("5 of 7 members")


def test_half_the_first_answers_come_sooner(community):
    start = timezone.now() - timedelta(days=20)
    for hours in (1, 5, 30):
        topic = make_topic(community, created_at=start)
        make_post(
            topic, topic.author, created_at=start + timedelta(minutes=1)
        )  # the asker's own word is none
        make_post(topic, created_at=start + timedelta(hours=hours))
        make_post(topic, created_at=start + timedelta(hours=hours + 40))
    make_topic(community, created_at=start)
    told = make_topic(community, created_at=start, kind=TopicKind.ANNOUNCEMENT)
    make_post(told, created_at=start + timedelta(days=9))
    found = looks.first_answers(Topic.objects.filter(community=community))
    assert found == {"median": timedelta(hours=5), "count": 3}


def test_hidden_answer_is_none(community):
    topic = make_topic(community)
    hidden = {"hidden_at": timezone.now(), "hidden_by": topic.author, "hidden_reason": "Advertising"}
    make_post(topic, **hidden)
    assert looks.first_answers(Topic.objects.all()) == {"median": None, "count": 0}


def test_time_is_said_in_one_unit():
    with translation.override("en"):
        said = [said_span(timedelta(**span)) for span in ({"seconds": 5}, {"minutes": 100}, {"hours": 50})]
    assert said == ["1 minute", "2 hours", "2 days"]


def test_empty_community_has_a_page_too(client):
    community = make_community()
    client.force_login(make_admin())
    text = client.get(page(community)).content.decode()
    assert "0%" in text
    assert "Nothing waits for you here" in text


# What waits ----------------------------------------------------------------------------------------------


def test_questions_wait_over_three_working_days(community):
    now = at("2026-11-25 10:00")
    late = make_topic(community, created_at=at("2026-11-22 09:59"))
    make_topic(community, created_at=at("2026-11-22 10:01"))
    answered = make_topic(community, created_at=at("2026-11-15 09:00"))
    make_post(answered)
    make_topic(community, created_at=at("2026-11-15 09:00"), kind=TopicKind.CASE)
    make_topic(created_at=at("2026-11-15 09:00"))
    pile = unanswered(community, now)
    assert (pile.count, [row.title for row in pile.rows]) == (1, [late.title])


def test_silent_members_stand_with_their_last_contact(community):
    now = timezone.now()
    never, once, lately = (long_ago(make_membership(community)) for _ in range(3))
    make_membership(community)  # came just now
    long_ago(make_membership(community, state=MembershipState.LEFT))
    make_topic(community, once.person, created_at=now - timedelta(days=100))
    make_topic(community, lately.person, created_at=now - timedelta(days=5))
    pile = silent(community, make_admin(), now)
    assert [row.title for row in pile.rows] == [never.person.name, once.person.name]
    assert pile.rows[1].since == now - timedelta(days=100)


def test_meetings_wait_for_their_minutes(community):
    leader = make_facilitator(community)
    now = timezone.now()
    held = make_meeting(community, leader, starts_at=now - timedelta(days=3))
    begun = make_meeting(community, leader, starts_at=now - timedelta(days=5))
    Minutes.objects.create(community=community, meeting=begun, created_by=leader)
    make_meeting(community, leader)
    make_meeting(starts_at=now - timedelta(days=3))
    pile = unminuted(community, now)
    assert [row.url for row in pile.rows] == [held.get_absolute_url(), f"/meetings/{begun.pk}/minutes/"]


def test_every_row_has_its_next_step(client, community, leader):
    newcomer = make_membership(community)
    asked = make_membership(community, state=MembershipState.ASKED, note="I teach physics")
    quiet = long_ago(make_membership(community))
    question = make_topic(community, newcomer.person, created_at=timezone.now() - timedelta(days=20))
    post = make_post(make_topic(community, newcomer.person))
    Report.objects.create(
        subject=key(post), url=post.get_absolute_url(), why="advertising", reporter=quiet.person
    )
    text = client.get(page(community)).content.decode()
    people = f"/communities/{community.slug}/people"
    assert f'href="{door(newcomer)}"' in text
    assert f'action="{people}/{asked.pk}/admit/"' in text
    assert f'href="{people}/{asked.pk}/decline/"' in text
    assert "I teach physics" in text
    assert f'href="/people/{quiet.person.uuid}/"' in text
    assert f'href="{question.get_absolute_url()}"' in text
    assert f'href="{post.get_absolute_url()}"' in text
    response = client.post(f"{people}/{asked.pk}/admit/", {"facilitation": "1"})
    assert response.headers["Location"] == page(community)
    assert Membership.objects.get(pk=asked.pk).is_active


def test_lists_are_short_and_lead_on(client, community, leader):
    for _ in range(10):
        make_topic(community, leader, created_at=timezone.now() - timedelta(days=20))
    text = client.get(page(community)).content.decode()
    assert text.count("Answer or pass on") == 8
    assert "See all 10" in text


def test_page_takes_the_same_few_queries_for_1_and_for_30(client, community, leader):
    def grow():
        make_membership(community)
        long_ago(make_membership(community))
        make_membership(community, state=MembershipState.ASKED)
        make_topic(community, leader, created_at=timezone.now() - timedelta(days=20))
        make_meeting(community, leader, starts_at=timezone.now() - timedelta(days=2))
        post = make_post(make_topic(community, leader))
        Report.objects.create(
            subject=key(post), url=post.get_absolute_url(), why="other", reporter=make_user()
        )

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(page(community)).status_code == 200
        return len(caught)

    grow()
    before = queries()
    for _ in range(29):
        grow()
    assert queries() == before
    assert before <= 15


# Greeting ------------------------------------------------------------------------------------------------


def test_who_may_be_greeted_is_the_same_by_rule_and_by_query():
    community = make_community()
    leader, other = make_facilitator(community), make_facilitator(community)
    for state in MembershipState:
        make_membership(community, state=state)
    members = Membership.objects.filter(community=community).exclude(person=leader)
    by_query = set(looks.to_greet(members.present(), timezone.now() - timedelta(days=30)))
    by_rule = {row for row in members if rules.can_greet(leader, row) and row.person != other}
    assert by_query == by_rule
    assert len(by_rule) == 1


def test_prepared_text_is_in_the_language_of_the_newcomer(client, community, leader):
    row = make_membership(community, make_member(language="ar"))
    GreetingText.objects.create(community=community, language="ar", text="أهلا وسهلا")
    GreetingText.objects.create(community=community, language="he", text="ברוכים הבאים")
    response = client.get(door(row))
    assert response.context["form"].initial["text"] == "أهلا وسهلا"
    with translation.override("he"):
        assert community.name in prepared_text(community, "en")


def test_greeting_goes_out_once_however_often_it_is_clicked(client, community, leader):
    row = make_membership(community)
    for text in ("Welcome, colleague!", "Welcome again!"):
        response = client.post(door(row), {"text": text})
        assert response.headers["Location"] == page(community)
    assert client.get(door(row)).headers["Location"] == page(community)
    assert Greeting.objects.get().text == "Welcome, colleague!"
    assert Greeting.objects.get().sent_by == leader
    notice = Notice.objects.get()
    assert (notice.reader, notice.event.kind, notice.event.scope) == (row.person, "greeted", key(community))
    assert AuditEvent.objects.filter(deed="greet_member", actor=leader).count() == 1
    assert row.person.name not in [found["title"] for found in client.get(page(community)).context["people"]]
    with pytest.raises(IntegrityError), transaction.atomic():
        Greeting.objects.create(membership=row, text="Hello", sent_by=leader)


def test_letter_carries_the_greeting(community, leader):
    row = make_membership(community, make_member(name="Noa", language="en"))
    deeds.greet(by=leader, membership=row, text="Good to have you.\n\nSee you on Sunday.")
    mail_notices([Notice.objects.get().pk])
    letter = mail.outbox[-1]
    assert letter.to == [row.person.email]
    for part in ("Noa", "Good to have you.", "See you on Sunday.", leader.name):
        assert part in letter.body


def test_words_are_kept_when_asked(client, community, leader):
    first, second = (make_membership(community, make_member(language="en")) for _ in range(2))
    client.post(door(first), {"text": "Our own words", "is_kept": "on"})
    assert client.get(door(second)).context["form"].initial["text"] == "Our own words"
    client.post(door(second), {"text": "Other words"})
    assert GreetingText.objects.get().text == "Our own words"


@pytest.mark.parametrize("text", ["", "   ", "x" * 2_001])
def test_bad_greeting_keeps_what_was_typed_and_sends_nothing(client, community, leader, text):
    row = make_membership(community)
    response = client.post(door(row), {"text": text})
    assert response.status_code == 200
    assert response.context["form"].errors["text"]
    assert not Greeting.objects.exists()
    assert not Notice.objects.exists()


def test_nobody_is_greeted_who_left_or_in_what_was_closed_down(client, community, leader):
    row = make_membership(community, state=MembershipState.LEFT)
    assert client.post(door(row), {"text": "Welcome"}).status_code == 403
    with pytest.raises(TooLate):
        deeds.greet(by=leader, membership=row, text="Welcome")
    other = make_membership(community)
    community.archived_at = timezone.now()
    community.save()
    assert client.post(door(other), {"text": "Welcome"}).status_code == 403
    assert client.get(page(community)).status_code == 200


# Before a message to all ---------------------------------------------------------------------------------


def test_form_says_whom_an_announcement_reaches(client, community, leader):
    weekly, at_once, muted, gone, bell = (make_membership(community).person for _ in range(5))
    make_membership(community, state=MembershipState.LEFT)
    choose(by=at_once, rhythms={"topics": "at_once"})
    choose(by=bell, rhythms={"topics": "bell"})
    choose_scope(by=muted, rhythms={key(community): "nothing"})
    choose_scope(by=gone, rhythms={key(community): "daily"})
    found = reach_of_topic(community, by=leader)
    assert found == {"at_once": 1, "digest": 2, "bell": 1, "not_at_all": 1, "bounced": 0}
    address = f"/communities/{community.slug}/topics/new/"
    text = client.get(address).content.decode()
    assert "one by mail at once" in text
    assert "2 in a gathered mail" in text
    assert "one has muted it" in text
    client.force_login(weekly)
    assert "in a gathered mail" not in client.get(address).content.decode()
