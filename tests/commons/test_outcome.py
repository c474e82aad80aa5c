"""What became of an announcement: each reader is counted once, by what happened to their letter."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from munistem.commons.mail.models import Bounce, MailState, OutgoingMail
from munistem.commons.notices.models import Event, Notice, Rhythm
from munistem.commons.notices.outcome import outcome
from tests.commons.factories import make_person

pytestmark = pytest.mark.django_db
NONE = {
    "delivered": 0,
    "bounced": 0,
    "doubtful": 0,
    "on_the_way": 0,
    "digest": 0,
    "digest_waiting": 0,
    "bell": 0,
}


@pytest.fixture
def event():
    return Event.objects.create(kind="topic_opened", subject="communities.topic:7")


def told(event, rhythm=Rhythm.AT_ONCE, state="", mailed=True, **fields):
    reader = make_person()
    now = timezone.now()
    Notice.objects.create(
        event=event,
        reader=reader,
        reason="member",
        rhythm=rhythm,
        mailed_at=now if mailed else None,
        **fields,
    )
    if state:
        OutgoingMail.objects.create(
            key=f"{event.pk}:{reader.pk}", recipients=reader.email, subject="", message=b"", state=state
        )
    return reader


def found():
    return outcome("topic_opened", "communities.topic:7")


@pytest.mark.parametrize(
    ("rhythm", "state", "mailed", "where"),
    [
        (Rhythm.AT_ONCE, MailState.SENT, True, ["delivered"]),
        (Rhythm.AT_ONCE, "", True, ["delivered"]),  # sent a month ago, the letter forgotten
        (Rhythm.AT_ONCE, MailState.REFUSED, True, ["bounced"]),
        (Rhythm.AT_ONCE, MailState.DOUBTFUL, True, ["doubtful"]),
        (Rhythm.AT_ONCE, MailState.WAITING, True, ["on_the_way"]),
        (Rhythm.AT_ONCE, MailState.HANDING, True, ["on_the_way"]),
        (Rhythm.AT_ONCE, MailState.FAILED, True, ["on_the_way"]),
        (Rhythm.AT_ONCE, "", False, ["on_the_way"]),  # held over Shabbat
        (Rhythm.WEEKLY, "", True, ["digest"]),
        (Rhythm.DAILY, "", False, ["digest", "digest_waiting"]),
        (Rhythm.BELL, "", False, ["bell"]),
    ],
)
def test_reader_is_counted_by_what_happened(event, rhythm, state, mailed, where):
    told(event, rhythm, state, mailed)
    assert found() == {**NONE, **dict.fromkeys(where, 1)}


def test_who_read_it_in_the_portal_first_gets_no_mail(event):
    told(event, mailed=False, read_at=timezone.now())
    assert found() == {**NONE, "bell": 1}


def test_what_the_server_took_and_sent_back_later_came_back(event):
    reader = told(event, state=MailState.SENT)
    Bounce.objects.create(address=reader.email.lower())
    assert found() == {**NONE, "bounced": 1}
    Bounce.objects.update(happened_at=timezone.now() + timedelta(days=30))
    assert found() == {**NONE, "delivered": 1}, "of another letter, a month later"


def test_other_events_do_not_count(event):
    told(Event.objects.create(kind="replied", subject=event.subject))
    told(Event.objects.create(kind="topic_opened", subject="communities.topic:70"))
    assert found() == NONE


def test_counting_asks_one_query(event):
    for _number in range(30):
        told(event, state=MailState.SENT)
    with CaptureQueriesContext(connection) as queries:
        assert found() == {**NONE, "delivered": 30}
    assert len(queries) == 1
