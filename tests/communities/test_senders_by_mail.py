"""Who sends a mail: strangers, forgers and machines post nothing, and letters that come back pause mail."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from munistem.commons.mail import receiving
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.models import Bounce, IncomingMail, IncomingState, OutgoingMail
from tests.commons.factories import written
from tests.communities.factories import (
    make_membership,
    make_topic,
)
from tests.communities.test_bymail import answers, letter_after_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    return make_topic(title="First lab")


@pytest.fixture
def member(topic):
    return make_membership(topic.community).person


# Strangers and forgers ---------------------------------------------------------------------------------


def test_unknown_sender_posts_nothing_and_gets_nothing(send, topic, member):
    """The address in From may be anybody's: it is the owner of the address who is told, without the words."""
    member.language = "en"
    member.save()
    row = send(written("thief@attacker.example", address_of("topic", topic.pk, member.pk), "Buy my pills"))
    assert row.state == IncomingState.REFUSED
    assert topic.posts.count() == 1
    (told,) = answers()
    assert told.startswith(member.email)
    assert "thief@attacker.example" in told
    assert "pills" not in told


def test_member_cannot_use_the_address_of_another(send, topic, member):
    other = make_membership(topic.community).person
    other.language = "en"
    other.save()
    row = send(written(other, address_of("topic", topic.pk, member.pk), "Not mine"))
    assert row.state == IncomingState.REFUSED
    assert topic.posts.count() == 1
    (told,) = answers()
    assert told.startswith(other.email)
    assert "made for another person" in told
    assert "Not mine" not in told


def test_sender_whom_our_mail_server_found_false_posts_nothing(send, topic, member, settings):
    settings.INBOUND_AUTHSERV = "mx.example"
    to = address_of("topic", topic.pk, member.pk)
    forged = written(member, to, Authentication_Results="mx.example; dmarc=fail header.from=x")
    assert send(forged).state == IncomingState.REFUSED
    assert send(written(member, to)).state == IncomingState.REFUSED
    domain = member.email.partition("@")[2]
    true = written(member, to, Authentication_Results=f"mx.example; dmarc=pass header.from={domain}")
    assert send(true).state == IncomingState.TAKEN
    assert topic.posts.count() == 2


def test_vouched_stranger_gets_a_clear_answer(send, topic, member, settings):
    settings.INBOUND_AUTHSERV = "mx.example"
    to = address_of("topic", topic.pk, member.pk)
    row = send(written("dana@private.example", to, Authentication_Results="mx.example; dmarc=pass"))
    assert row.state == IncomingState.REFUSED
    assert [letter.to for letter in outbox.outbox] == [["dana@private.example"]]
    assert outbox.outbox[0].extra_headers["Auto-Submitted"] == "auto-replied"


def test_answers_to_one_address_are_few(send, topic, member):
    to = address_of("topic", topic.pk, member.pk)
    for number in range(9):
        send(written("thief@attacker.example", to, number=f"<{number}@x>"))
    assert len(outbox.outbox) == receiving.MOST_ANSWERS_A_DAY


def test_too_much_mail_to_one_address_is_not_taken(topic, member):
    to = address_of("topic", topic.pk, member.pk)
    for number in range(receiving.MOST_AN_HOUR):
        receiving.receive(written(member, to, number=f"<{number}@x>").as_bytes(), to)
    with pytest.raises(receiving.TooMany):
        receiving.receive(written(member, to, number="<last@x>").as_bytes(), to)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<x.example>"},
        {"X_Autoreply": "yes"},
    ],
)
def test_machines_are_not_answered(send, topic, member, headers):
    to = address_of("topic", topic.pk, member.pk)
    assert send(written(member, to, **headers)).state == IncomingState.IGNORED
    assert send(written("thief@attacker.example", to, **headers)).state == IncomingState.IGNORED
    assert send(written(member, to), envelope_sender="<>").state == IncomingState.IGNORED
    assert send(written(member, to), envelope_sender="").state == IncomingState.IGNORED
    assert topic.posts.count() == 1
    assert outbox.outbox == []


def test_own_letters_are_no_mail_to_us(send, topic, member):
    """A letter of ours that comes to an address of ours makes no circle."""
    letter = letter_after_reply(topic, topic.author)
    outbox.outbox.clear()
    raw = letter.message().as_bytes()
    assert send(raw, address_of("topic", topic.pk, topic.author.pk)).state == IncomingState.IGNORED
    assert outbox.outbox == []


def test_person_who_left_is_nobody(send, topic, member):
    member.is_active = False
    member.save()
    assert send(written(member, address_of("topic", topic.pk, member.pk))).state == IncomingState.REFUSED
    assert outbox.outbox == []


def test_hostile_mail_is_put_away(topic, member):
    to = address_of("topic", topic.pk, member.pk)
    assert receiving.receive(b"a: b\n" * 200_000, to)
    row = IncomingMail.objects.get()
    assert (row.state, bytes(row.message)) == (IncomingState.IGNORED, b"")


def test_what_fails_is_tried_again(topic, member, monkeypatch, run_jobs):
    to = address_of("topic", topic.pk, member.pk)
    receiving.receive(written(member, to).as_bytes(), to)
    row = IncomingMail.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr("communities.actions.bymail.body_of", lambda *_told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            receiving.take_in(row.pk)
    row.refresh_from_db()
    assert (row.state, row.tries) == (IncomingState.FAILED, 1)
    IncomingMail.objects.update(came_at=timezone.now() - timedelta(hours=2))
    assert receiving.requeue_incoming() == 1
    run_jobs()
    assert topic.posts.count() == 2
    assert receiving.requeue_incoming() == 0


def test_mail_is_forgotten_after_a_month(send, topic, member):
    send(written(member, address_of("topic", topic.pk, member.pk)))
    IncomingMail.objects.update(came_at=timezone.now() - timedelta(days=29))
    assert receiving.forget_incoming() == 0
    IncomingMail.objects.update(came_at=timezone.now() - timedelta(days=31))
    assert receiving.forget_incoming() == 1


# Mail that comes back ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pauses"),
    [
        ("bounce-postfix-unknown", True),
        ("bounce-exchange-unknown", True),
        ("bounce-full", False),
        ("bounce-late", False),
        ("bounce-spam", False),
        ("en-iphone", False),
        ("auto-he-exchange", False),
    ],
)
def test_letters_that_come_back_for_good_pause_mail(send, name, pauses):
    from tests.commons.test_incoming import MAILS

    letter = OutgoingMail.objects.create(recipients="dana@karmiel.example", subject="x", message=b"x")
    send((MAILS / f"{name}.eml").read_bytes(), address_of("bounce", letter.pk), envelope_sender="<>")
    assert Bounce.objects.filter(address="dana@karmiel.example").exists() == pauses
    assert outbox.outbox == []


def test_letter_to_several_pauses_mail_to_the_one_it_came_back_from(send):
    from tests.commons.test_incoming import MAILS

    raw = (MAILS / "bounce-postfix-unknown.eml").read_bytes()
    to = "Ahmed <ahmed@nazareth.example>, Dana <dana@karmiel.example>, Noa <noa@haifa.example>"
    letter = OutgoingMail.objects.create(recipients=to, subject="x", message=b"x")
    send(raw.replace(b"dana@", b"dan@"), address_of("bounce", letter.pk), envelope_sender="<>")
    assert not Bounce.objects.exists()
    send(
        raw.replace(b"Message-ID: <", b"Message-ID: <2-"),
        address_of("bounce", letter.pk),
        envelope_sender="<>",
    )
    assert list(Bounce.objects.values_list("address", flat=True)) == ["dana@karmiel.example"]


def test_bounces_of_letters_we_did_not_send_pause_nothing(send, topic, member):
    from tests.commons.test_incoming import MAILS

    raw = (MAILS / "bounce-postfix-unknown.eml").read_bytes()
    send(raw, address_of("topic", topic.pk, member.pk), envelope_sender="<>")
    send(raw, address_of("bounce", 12345), envelope_sender="<>")
    assert not Bounce.objects.exists()
