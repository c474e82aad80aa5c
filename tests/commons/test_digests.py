"""Digests: on which mornings, for whom, what stands in them; and what rests on Shabbat."""

import random
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.actions import topic as deeds
from munistem.commons.audit.actions import key
from munistem.commons.mail.actions import record_bounce
from munistem.commons.notices.actions import tell
from munistem.commons.notices.choices import choose_scope
from munistem.commons.notices.digests import is_working, mail_digests, slot
from munistem.commons.notices.held import mail_held
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Event, Notice, Rhythm
from tests.communities.factories import make_community, make_membership, make_topic

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 11, 26, 9)


@pytest.fixture(autouse=True)
def _rests(settings):
    settings.MAIL_RESTS = True


def at(*clock: int) -> datetime:
    return timezone.make_aware(datetime(*clock))


def happen(topic, readers, *, when, kind="topic_opened", reason="member", **data):
    event = tell(
        kind,
        topic,
        readers,
        reason=reason,
        scope=key(topic.community),
        thread=key(topic),
        title=topic.title,
        community=topic.community.name,
        post=topic.posts.first().pk,
        **data,
    )
    if event:
        Event.objects.filter(pk=event.pk).update(happened_at=when)
    return event


def text_of(message) -> str:
    parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)
    return parsed.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("rhythm", "now", "morning"),
    [
        # an ordinary week of November 2026: the 26th is a Thursday
        ("daily", (2026, 11, 26, 7, 5), (2026, 11, 26, 7)),
        ("daily", (2026, 11, 26, 6, 55), (2026, 11, 25, 7)),
        ("daily", (2026, 11, 27, 9), (2026, 11, 26, 7)),  # Friday is nobody's working day
        ("daily", (2026, 11, 28, 9), None),  # Shabbat
        ("daily", (2026, 11, 29, 8), (2026, 11, 29, 7)),
        ("weekly", (2026, 11, 29, 7, 10), (2026, 11, 29, 7)),
        ("weekly", (2026, 12, 2, 9), (2026, 11, 29, 7)),  # a worker that slept
        # Rosh Hashanah 5787 is a Shabbat and a Sunday, 5785 a Thursday and a Friday
        ("weekly", (2026, 9, 13, 9), None),
        ("weekly", (2026, 9, 14, 8), (2026, 9, 14, 7)),
        ("daily", (2024, 10, 3, 9), None),
        ("daily", (2024, 10, 6, 8), (2024, 10, 6, 7)),
        # the clocks change on the night to Friday, 26 March, and to Sunday, 25 October 2026
        ("weekly", (2026, 3, 29, 7, 1), (2026, 3, 29, 7)),
        ("weekly", (2026, 10, 25, 7, 1), (2026, 10, 25, 7)),
    ],
)
def test_digests_come_on_working_mornings(rhythm, now, morning):
    assert slot(rhythm, at(*now)) == (at(*morning) if morning else None)


def runs_of(year: int, minute: int) -> list[datetime]:
    """When the clock asks for digests: of UTC, as in notices/tasks.py."""
    first = datetime(year, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=day) for day in range(366) if (first + timedelta(days=day)).year == year]
    return [day.replace(hour=hour, minute=minute) for day in days for hour in (4, 5, 6, 7)]


@pytest.mark.parametrize("year", [2024, 2026, 2027])
def test_a_year_by_the_clock(year):
    """Whatever the holidays and the two changes of the clock: each working morning soon after seven, each week once."""
    served: dict[str, dict[datetime, datetime]] = {Rhythm.DAILY: {}, Rhythm.WEEKLY: {}}
    for rhythm, minute in ((Rhythm.DAILY, 5), (Rhythm.WEEKLY, 10)):
        for now in runs_of(year, minute):
            if (morning := slot(rhythm, now)) and morning.year == year:
                served[rhythm].setdefault(morning, now)
    begin = at(year, 1, 1, 7)
    days = [begin.date() + timedelta(days=day) for day in range(366)]
    working = [at(day.year, day.month, day.day, 7) for day in days if day.year == year and is_working(day)]
    assert list(served[Rhythm.DAILY]) == working
    for mornings in served.values():
        assert all(now - morning <= timedelta(minutes=10) for morning, now in mornings.items())
    weeks = [(morning.date() + timedelta(days=1)).isocalendar()[:2] for morning in served[Rhythm.WEEKLY]]
    assert len(weeks) == len(set(weeks))
    assert len(weeks) in {52, 53}


def test_worker_that_slept_two_days_sends_one_digest_with_all_of_it():
    membership = make_membership()
    reader, community = membership.person, membership.community
    choose_scope(by=reader, rhythms={key(community): Rhythm.DAILY})
    for day in (29, 30):
        happen(make_topic(community, title=f"Of the {day}th"), [reader], when=at(2026, 11, day, 12))
    happen(make_topic(community, title="Of this morning"), [reader], when=at(2026, 12, 1, 9, 30))
    assert mail_digests(Rhythm.DAILY, now=at(2026, 12, 1, 10)) == 1
    text = text_of(mail.outbox[-1])
    assert "Of the 29th" in text
    assert "Of the 30th" in text
    assert "Of this morning" not in text  # tomorrow's
    assert mail_digests(Rhythm.DAILY, now=at(2026, 12, 1, 11)) == 0
    assert mail_digests(Rhythm.DAILY, now=at(2026, 12, 2, 7, 5)) == 1
    assert "Of this morning" in text_of(mail.outbox[-1])


def test_digest_is_grouped_by_community_newest_first_and_tells_nothing_twice():
    reader = make_membership(make_community(name="Robots")).person
    robots = reader.memberships.get().community
    labs = make_membership(make_community(name="Labs"), person=reader).community
    when = at(2026, 11, 26, 10)
    for number in range(14):
        happen(
            make_topic(robots, title=f"Robot {number:02}"), [reader], when=when + timedelta(minutes=number)
        )
    happen(make_topic(labs, title="Lasers"), [reader], when=when + timedelta(hours=2))
    read = happen(make_topic(labs, title="Read meanwhile"), [reader], when=when)
    Notice.objects.filter(event=read).update(read_at=timezone.now())
    assert mail_digests(Rhythm.WEEKLY, now=at(2026, 11, 28, 12)) == 0
    assert mail_digests(Rhythm.WEEKLY, now=at(2026, 11, 29, 7, 10)) == 1
    text = text_of(mail.outbox[-1])
    assert text.index("Lasers") < text.index("Robot 13") < text.index("Robot 04") < text.index("and 4 more")
    assert "Robot 03" not in text
    assert "Read meanwhile" not in text
    assert "You received this because" in text
    assert mail.outbox[-1].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    happen(make_topic(labs, title="On Monday"), [reader], when=at(2026, 11, 30, 10))
    assert mail_digests(Rhythm.WEEKLY, now=at(2026, 12, 1, 7, 10)) == 0  # the next comes on Sunday
    assert mail_digests(Rhythm.WEEKLY, now=at(2026, 12, 6, 7, 10)) == 1
    assert "On Monday" in text_of(mail.outbox[-1])
    assert "Lasers" not in text_of(mail.outbox[-1])


def test_many_answers_are_one_line():
    reader = make_membership().person
    topic = make_topic(reader.memberships.get().community, title="Kits")
    for minute in range(3):
        happen(topic, [reader], when=at(2026, 11, 26, 10, minute), kind="replied", reason="follower")
    assert mail_digests(Rhythm.WEEKLY, now=at(2026, 11, 29, 7, 10)) == 1
    text = text_of(mail.outbox[-1])
    assert text.count("Kits") == 1
    assert "3 new answers in" in text


def test_nothing_is_mailed_when_nothing_may_be_seen_or_mails_come_back():
    gone, bounced = make_membership(), make_membership()
    when = at(2026, 11, 26, 10)
    for membership in (gone, bounced):
        happen(make_topic(membership.community), [membership.person], when=when)
    gone.delete()
    record_bounce(bounced.person.email, "hard")
    assert mail_digests(Rhythm.WEEKLY, now=at(2026, 11, 29, 8)) == 0
    assert not mail.outbox


def test_mails_at_once_are_held_until_rest_ends():
    membership = make_membership()
    topic = make_topic(membership.community, author=membership.person)
    friday = at(2026, 11, 27, 16)
    event = happen(topic, [membership.person], when=friday, kind="replied", reason="author")
    keys = list(Notice.objects.filter(event=event).values_list("pk", flat=True))
    assert mail_notices(keys, now=friday) == 0
    assert mail_held(now=at(2026, 11, 28, 12)) == 0
    assert mail_held(now=at(2026, 11, 28, 20, 50)) == 1
    assert mail_notices(keys, now=at(2026, 11, 28, 20, 51)) == 1
    assert mail_held(now=at(2026, 11, 28, 21)) == 0
    assert mail_notices(keys, now=at(2026, 11, 28, 21, 1)) == 0
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_digest_readers_hear_of_the_same_events_as_immediate_ones(seed):
    """Three members who chose differently, whatever happens and whenever the worker looks, are told the same."""
    chance = random.Random(seed)
    community = make_community()
    readers = {
        rhythm: make_membership(community).person for rhythm in (Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY)
    }
    for rhythm, person in readers.items():
        choose_scope(by=person, rhythms={key(community): rhythm})
    heard = {rhythm: [] for rhythm in readers}
    now, happened, topics = at(2026, 11, 22, 6), [], []
    while now < at(2026, 12, 7, 12):
        now += timedelta(minutes=chance.randrange(200, 1400))
        if not topics or chance.random() < 0.6:
            topics.append(make_topic(community, title=f"T{len(topics):03}"))
        kind, reason = ("replied", "follower") if chance.random() < 0.4 else ("topic_opened", "member")
        if now < at(2026, 12, 5, 12):
            event = happen(chance.choice(topics), readers.values(), when=now, kind=kind, reason=reason)
            happened.append(event.pk)
        before = set(Notice.objects.filter(mailed_at__isnull=False).values_list("pk", flat=True))
        waiting = Notice.objects.waiting_for_mail(Rhythm.AT_ONCE)
        mail_notices(list(waiting.values_list("pk", flat=True)), now=now)
        for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY):
            mail_digests(rhythm, now=now)
        mailed = Notice.objects.filter(mailed_at__isnull=False).exclude(pk__in=before)
        for rhythm, person in readers.items():
            heard[rhythm] += mailed.filter(reader=person).values_list("event", flat=True)
    for events in heard.values():
        assert sorted(events) == happened  # each once
    assert len([one for one in mail.outbox if readers[Rhythm.WEEKLY].email in one.to]) in {2, 3}


def test_telling_many_costs_no_more_queries_than_telling_one(django_assert_num_queries):
    community = make_community()
    people = [make_membership(community).person for _ in range(12)]
    topic = make_topic(community)
    counts = []
    for readers in (people[:1], people):
        for person in readers:
            choose_scope(by=person, rhythms={key(community): Rhythm.AT_ONCE})
        with CaptureQueriesContext(connection) as queries:
            happen(topic, readers, when=timezone.now())
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_mailing_many_costs_as_many_queries_as_mailing_few():
    community = make_community()
    topic = make_topic(community, body="<p>We meet on Monday.</p>")
    counts = []
    for number in (2, 12):
        people = [make_membership(community).person for _ in range(number)]
        for person in people:
            choose_scope(by=person, rhythms={key(community): Rhythm.AT_ONCE})
        event = happen(topic, people, when=timezone.now())
        keys = list(Notice.objects.filter(event=event).values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            assert mail_notices(keys, now=at(2026, 11, 24, 9)) == number
        counts.append(len(queries))
        assert "We meet on Monday." in text_of(mail.outbox[-1])
    assert counts[0] == counts[1]


def test_mails_of_a_topic_are_one_thread_of_one_list(run_jobs, settings):
    settings.MAIL_RESTS = False
    author, reader = make_membership(), None
    community = author.community
    reader = make_membership(community)
    choose_scope(by=reader.person, rhythms={key(community): Rhythm.AT_ONCE})
    topic = deeds.open_topic(
        by=author.person, community=community, kind="question", title="Kits?", body="<p>Which?</p>"
    )
    deeds.choose_for_topic(by=reader.person, topic=topic, wish="follow")
    run_jobs()
    deeds.reply(by=author.person, topic=topic, body="<p>These.</p>")
    run_jobs()
    first, second = (
        message_from_bytes(one.message().as_bytes(), policy=policy.default)
        for one in mail.outbox
        if one.to == [reader.person.email]
    )
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert first["List-Id"] == second["List-Id"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert "via muni:STEM" in str(first["From"])
    assert author.person.email not in first.as_string()
    assert f"communities.community-{community.pk}." in str(first["List-Id"])
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for label in ("about this topic", "from this community", "Only essential"):
        assert label in first.get_body(("plain",)).get_content()
