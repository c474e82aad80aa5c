"""The machine's clock steps back an hour: nothing happens twice, nobody is kept out, what is written stays in its order."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from communities.actions import topic as deeds
from munistem.commons.guards.limits import count_hit
from munistem.commons.guards.models import Hit
from munistem.commons.mail.actions import requeue
from munistem.commons.mail.models import MailState, OutgoingMail
from munistem.commons.notices.digests import mail_digests
from munistem.commons.notices.models import Notice, Rhythm
from tests.communities.factories import make_community, make_membership, make_topic
from tests.moments import at, stop_clock

pytestmark = pytest.mark.django_db
MORNING = at("2026-11-26 08:00")  # a Thursday


def test_digest_of_a_morning_goes_out_once(monkeypatch, tell_now):
    stop_clock(monkeypatch, MORNING - timedelta(hours=3))
    topic = make_topic(make_community(access="open"))
    writer = make_membership(topic.community).person
    deeds.reply(by=writer, topic=topic, body="<p>News</p>")
    tell_now()
    assert Notice.objects.update(rhythm=Rhythm.DAILY, mailed_at=None) == 1  # to whoever opened the topic
    told = []
    for hours in (0, -1, -2, 0, 1):
        stop_clock(monkeypatch, MORNING + timedelta(hours=hours))
        told.append(mail_digests(Rhythm.DAILY))
    assert told == [1, 0, 0, 0, 0]


def test_who_is_signed_in_stays_so_and_reads_what_was_written_after(client, monkeypatch):
    topic = make_topic(make_community(access="open"))
    person = make_membership(topic.community).person
    client.force_login(person)
    now = timezone.now()
    for words, hours in (("Before", 0), ("After", -1)):
        stop_clock(monkeypatch, now + timedelta(hours=hours))
        call_command("clearsessions")
        form = {"body": f"<p>{words} the step</p>"}
        assert client.post(topic.get_absolute_url(), form).status_code == 302
    page = client.get(topic.get_absolute_url()).content.decode()
    assert 0 < page.index("Before the step") < page.index("After the step")


def test_letter_that_went_out_does_not_go_again_and_one_that_waits_is_not_given_up(monkeypatch):
    now = timezone.now()
    for state in (MailState.SENT, MailState.FAILED):
        OutgoingMail.objects.create(state=state, recipients="a@example.org", subject="News", message=b"x")
    found = []
    for hours in (-1, 0, 3):
        stop_clock(monkeypatch, now + timedelta(hours=hours))
        found.append(requeue())
    assert found == [0, 0, 1]


def test_limit_does_not_keep_anybody_out_until_the_clock_catches_up():
    for _ in range(5):
        count_hit("knock", 300, 5)
    assert count_hit("knock", 300, 5) == 6
    with connection.cursor() as cursor:  # the clock went back an hour: all this has not been yet
        cursor.execute(
            f"UPDATE {Hit._meta.db_table} SET times = array(SELECT used + interval '1 hour' FROM unnest(times) used)"
        )
    assert count_hit("knock", 300, 5) == 1


def test_what_the_clock_asks_for_is_asked_once_for_each_of_its_times():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'procrastinate_periodic_defers'::regclass AND contype = 'u'"
        )
        assert cursor.fetchall() == [("UNIQUE (task_name, periodic_id, defer_timestamp)",)]
