"""Answers of calendars by mail: for their owner alone, and to the date that stands."""

from email import message_from_bytes

import pytest
from django.core import mail as outbox
from django.utils import timezone, translation

from communities.emails.calendar import invitation, uid_of
from communities.enums import Coming
from communities.models import Invitee
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.models import IncomingState
from tests.commons.factories import written
from tests.communities.factories import (
    make_meeting,
    make_membership,
)
from tests.communities.test_bymail import answers
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db


def calendar_mail(name: str, meeting, **changes: str) -> bytes:
    from tests.commons.test_incoming import MAILS

    raw = (MAILS / f"{name}.eml").read_bytes()
    if b"base64\n\nQkVHSU4" in raw:  # Outlook packs it
        message = message_from_bytes(raw)
        part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
        text = part.get_payload(decode=True).replace(b"the-uid", uid_of(meeting).encode())
        part.set_payload(text)
        del part["Content-Transfer-Encoding"]
        return message.as_bytes()
    raw = raw.replace(b"the-uid", uid_of(meeting).encode())
    for old, new in changes.items():
        raw = raw.replace(old.encode(), new.encode())
    return raw


@pytest.fixture
def meeting():
    return make_meeting()


@pytest.fixture
def invited(meeting):
    person = make_member(email="dana@karmiel.example")
    make_membership(meeting.community, person)
    Invitee.objects.create(meeting=meeting, person=person)
    return person


def test_invitation_is_answered_at_an_address_of_the_person(meeting, invited):
    with translation.override("en"):
        text = invitation(meeting, invited, None).decode().replace("\r\n ", "")
    assert f"mailto:{address_of('meeting', meeting.pk, invited.pk)}" in text


@pytest.mark.parametrize(
    ("name", "answer", "state"),
    [
        ("calendar-google-accepted", Coming.COMING, IncomingState.TAKEN),
        ("calendar-outlook-declined", Coming.NO, IncomingState.TAKEN),
        ("calendar-apple-tentative", Coming.SILENT, IncomingState.IGNORED),
    ],
)
def test_calendars_answer_for_their_owner(send, meeting, invited, name, answer, state):
    row = send(calendar_mail(name, meeting), address_of("meeting", meeting.pk, invited.pk))
    assert (Invitee.objects.get(person=invited).answer, row.state) == (answer, state)
    assert outbox.outbox == []


@pytest.mark.parametrize(
    "changes",
    [
        {"dana@karmiel.example": "eve@karmiel.example"},
        {"METHOD:REPLY": "METHOD:REQUEST"},
        {"UID:": "UID:x"},
        {"BEGIN:VEVENT": "BEGIN:VTODO"},
        {"ACCEPTED": "DELETED"},
    ],
)
def test_other_calendars_answer_nothing(send, meeting, invited, changes):
    row = send(
        calendar_mail("calendar-google-accepted", meeting, **changes),
        address_of("meeting", meeting.pk, invited.pk),
    )
    assert (Invitee.objects.get(person=invited).answer, row.state) == (Coming.SILENT, IncomingState.IGNORED)


def test_answer_to_an_older_date_is_none(send, meeting, invited):
    meeting.sequence = 2
    meeting.save()
    send(calendar_mail("calendar-google-accepted", meeting), address_of("meeting", meeting.pk, invited.pk))
    assert Invitee.objects.get(person=invited).answer == Coming.SILENT


def test_who_joins_online_stays_so(send, meeting, invited):
    Invitee.objects.update(answer=Coming.ONLINE, answered_at=timezone.now())
    send(calendar_mail("calendar-google-accepted", meeting), address_of("meeting", meeting.pk, invited.pk))
    assert Invitee.objects.get(person=invited).answer == Coming.ONLINE


def test_words_to_the_address_of_calendars_come_back(send, meeting, invited):
    invited.language = "en"
    invited.save()
    to = address_of("meeting", meeting.pk, invited.pk)
    assert send(written(invited, to, "I come with Rami.")).state == IncomingState.RETURNED
    (told,) = answers()
    assert "I come with Rami." in told
    assert meeting.get_absolute_url() in told
    assert send(written("thief@attacker.example", to, "x")).state == IncomingState.REFUSED


def test_address_of_another_answers_not_for_me(send, meeting, invited):
    other = make_membership(meeting.community).person
    send(calendar_mail("calendar-google-accepted", meeting), address_of("meeting", meeting.pk, other.pk))
    assert set(Invitee.objects.values_list("answer", flat=True)) == {Coming.SILENT}
