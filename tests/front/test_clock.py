"""What runs by the clock or by hand, once or twice."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from communities.models import Topic
from members.models import LocalAuthority
from munistem.commons.audit.models import AuditEvent
from munistem.commons.mail.addresses import address_of, read_address
from munistem.commons.notices.models import Event, Notice, Rhythm
from munistem.commons.search import checks
from munistem.front.management.commands import prepare, reindex
from tests.communities.factories import make_community, make_topic
from tests.members.factories import make_user

pytestmark = pytest.mark.django_db


def said(command: str, *words: str, **options) -> str:
    out = io.StringIO()
    call_command(command, *words, stdout=out, **options)
    return out.getvalue()


def make_notice(reader, rhythm, **fields):
    topic = make_topic(make_community(access="open"))
    event = Event.objects.create(kind="topic_opened", subject=f"communities.topic:{topic.pk}")
    return Notice.objects.create(event=event, reader=reader, reason="member", rhythm=rhythm, **fields)


def test_gathered_mails_go_out_once_however_often_they_are_asked_for():
    readers = [make_user(), make_user()]
    for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY, Rhythm.BELL):
        make_notice(readers[0], rhythm)
    make_notice(readers[1], Rhythm.AT_ONCE)
    Event.objects.update(happened_at=timezone.now() - timedelta(days=8))
    said("send_digests")
    waiting = Notice.objects.filter(mailed_at__isnull=True)
    assert {notice.rhythm for notice in waiting} == {Rhythm.BELL, Rhythm.AT_ONCE}
    later = make_notice(readers[0], Rhythm.DAILY)
    said("send_digests")
    later.refresh_from_db()
    assert later.mailed_at is None  # the next one comes tomorrow


def test_everything_due_can_be_done_by_hand_twice():
    for _ in range(2):
        done = said("run_due")
    assert set(done.split()) == {
        periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()
    }
    assert {"notices.mail_daily", "members.do_due", "house.take_up_stalled", "mail.try_again"} <= set(
        done.split()
    )


def test_search_columns_are_written_anew(monkeypatch):
    topics = [make_topic(make_community(), title=f"Robots {number}") for number in range(5)]
    Topic.objects.update(search_vector=None, search_title="")
    monkeypatch.setattr(reindex, "PIECE", 2)
    assert "communities.topic: 5" in said("reindex", "communities.topic")
    assert set(Topic.objects.matching("robots")) == set(topics)


def test_interrupted_reindexing_goes_on_where_it_stopped(monkeypatch):
    topics = [make_topic(make_community(), title=f"Robots {number}") for number in range(5)]
    monkeypatch.setattr(reindex, "PIECE", 2)
    indexed = []

    def index(row):
        if len(indexed) == 3:
            raise KeyboardInterrupt
        indexed.append(row)

    monkeypatch.setattr(reindex, "index", index)
    with pytest.raises(KeyboardInterrupt):
        said("reindex", "communities.topic")
    assert cache.get("reindex:communities.topic") == topics[1].pk
    monkeypatch.setattr(reindex, "index", lambda row: indexed.append(row))
    assert "communities.topic: 3" in said("reindex", "communities.topic")
    assert cache.get("reindex:communities.topic") is None
    assert "communities.topic: 5" in said("reindex", "communities.topic")


def test_reindexing_names_the_tables_it_knows():
    with pytest.raises(CommandError, match=r"Known: .*knowledge\.item"):
        said("reindex", "knowledge.review")


def test_preparing_twice_changes_nothing():
    said("prepare")
    before = LocalAuthority.objects.count()
    assert before == 259
    assert [line.split()[0] for line in said("prepare").splitlines()] == [
        step.split("_")[0] for step in prepare.STEPS
    ]
    assert LocalAuthority.objects.count() == before


def test_database_that_is_blind_to_hebrew_is_refused(monkeypatch):
    assert run_checks(tags=["database"], databases=["default"]) == []
    monkeypatch.setattr(checks, "SEES", "SELECT false")
    [error] = run_checks(tags=["database"], databases=["default"])
    assert error.id == "search.E001"


def test_everybody_or_some_are_signed_out(client):
    people = [make_user() for _ in range(2)]
    clients = [type(client)() for _ in people]
    for one, person in zip(clients, people, strict=True):
        one.force_login(person)
    assert said("end_sessions", people[0].email.upper()) == "1 people were signed out.\n"
    assert [one.get("/me/profile/").status_code for one in clients] == [302, 200]
    assert said("end_sessions", is_of_all=True) == "1 sessions ended.\n"
    assert clients[1].get("/me/profile/").status_code == 302
    deeds = AuditEvent.objects.order_by("pk").values_list("deed", flat=True)
    assert list(deeds)[-2:] == ["sign_out_person", "end_all_sessions"]


def test_nobody_is_signed_out_by_mistake(client):
    client.force_login(make_user())
    for words in ((), ("nobody@example.org",)):
        with pytest.raises(CommandError):
            call_command("end_sessions", *words)
    assert client.get("/me/profile/").status_code == 200


def test_what_was_signed_with_the_key_before_holds_until_that_goes(client, settings):
    client.force_login(make_user())
    answered = address_of("topic", 5, 7)
    before, settings.SECRET_KEY = settings.SECRET_KEY, "new" * 20
    settings.SECRET_KEY_FALLBACKS = [before]
    assert client.get("/me/profile/").status_code == 200
    assert read_address(answered).thing == 5
    assert address_of("topic", 5, 7) != answered
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer" * 12, []
    assert read_address(answered) is None
