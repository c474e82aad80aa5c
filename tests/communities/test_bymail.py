"""Mail as a door: answers, new topics and answers of calendars, by their owners alone."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.utils import timezone, translation

from communities.actions.membership import leave
from communities.actions.topic import lock_topic, reply
from communities.emails.calendar import invitation, uid_of
from communities.enums import Access, Coming, MembershipState
from communities.models import Attachment, Community, Invitee, Membership, Post, Topic
from munistem.commons.mail import receiving
from munistem.commons.mail.addresses import address_of, read_address
from munistem.commons.mail.incoming import parse
from munistem.commons.mail.models import Bounce, IncomingMail, IncomingState, OutgoingMail
from munistem.commons.mail.quoting import MARKERS
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_facilitator,
    make_meeting,
    make_membership,
    make_topic,
)
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    return make_topic(title="First lab")


@pytest.fixture
def member(topic):
    return make_membership(topic.community).person


def written(
    sender, to: str, text: str = "It worked with us.", subject: str = "Re: First lab", **headers
) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = getattr(sender, "email", sender)
    message["To"], message["Subject"] = to, subject
    message["Message-ID"] = headers.pop("number", f"<{timezone.now().timestamp()}@member.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


@pytest.fixture
def send(run_jobs):
    """Send a mail in, through the door and the worker; answers what became of it."""

    def deliver(message: EmailMessage | bytes, to: str = "", **options) -> IncomingMail:
        raw = message if isinstance(message, bytes) else message.as_bytes()
        receiving.receive(raw, to or str(message["To"]), **options)
        run_jobs()
        return IncomingMail.objects.latest("pk")

    return deliver


def answers() -> list[str]:
    """Letters that answer a mail, each after the address it goes to; those that tell of posts are others."""
    told = [letter for letter in outbox.outbox if letter.extra_headers["Auto-Submitted"] == "auto-replied"]
    return [f"{letter.to[0]}: {letter.body}" for letter in told]


# Addresses -------------------------------------------------------------------------------------------------


def test_address_is_short_and_says_who_and_what():
    address = address_of("community", 10**15, 10**15)
    local, _at, domain = address.partition("@")
    assert len(local) <= 64
    assert address == address.lower()
    assert domain == "reply.munistem.example"
    found = read_address(address.upper())
    assert (found.kind, found.thing, found.person) == ("community", 10**15, 10**15)


def test_address_cannot_be_made_from_another():
    kind, thing, person, signature = address_of("topic", 5, 7).partition("@")[0].split("-")
    for forged in ((kind, "6", person), (kind, thing, "8"), ("community", thing, person)):
        assert read_address("-".join((*forged, signature)) + "@reply.munistem.example") is None
    assert read_address(f"topic-5-7-{'a' * 20}@reply.munistem.example") is None
    assert read_address(address_of("topic", 5, 7).replace("reply.", "other.")) is None


def test_without_a_domain_there_are_no_addresses(settings, topic, member):
    address = address_of("topic", topic.pk, member.pk)
    settings.INBOUND_DOMAIN = ""
    assert address_of("topic", topic.pk, member.pk) == ""
    assert read_address(address) is None
    assert receiving.receive(b"", address) is False


# Letters that can be answered --------------------------------------------------------------------------------


def letter_after_reply(topic, reader):
    reply(by=make_membership(topic.community).person, topic=topic, body="<p>Have you tried?</p>")
    mail_notices(Notice.objects.filter(reader=reader).values_list("pk", flat=True))
    (letter,) = outbox.outbox
    return letter


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_letter_of_a_topic_can_be_answered(topic, language, settings):
    topic.author.language = language
    topic.author.save()
    letter = letter_after_reply(topic, topic.author)
    assert letter.reply_to == [address_of("topic", topic.pk, topic.author.pk)]
    assert letter.body.startswith(MARKERS[language])
    assert MARKERS[language] in letter.alternatives[0][0]


def test_without_a_domain_the_letter_says_where_to_answer(topic, settings):
    settings.INBOUND_DOMAIN = ""
    topic.author.language = "en"
    topic.author.save()
    letter = letter_after_reply(topic, topic.author)
    assert letter.reply_to == []
    assert "Answer in the portal" in letter.body
    assert MARKERS["en"] not in letter.body


# Answers -----------------------------------------------------------------------------------------------------


def test_mail_is_posted_under_its_writers_name(send, topic, member):
    row = send(
        written(
            member,
            address_of("topic", topic.pk, member.pk),
            "Hello all,\n\nit worked: https://x.example/a\n\n> old",
        )
    )
    post = Post.objects.get(topic=topic, number=2)
    assert (post.author, row.state, row.what) == (member, IncomingState.TAKEN, f"communities.post:{post.pk}")
    assert "<p>Hello all,</p><p>it worked: <a" in post.body
    assert 'href="https://x.example/a"' in post.body
    assert bytes(row.message) == b""
    assert answers() == []


def test_mail_that_comes_twice_is_posted_once(send, topic, member):
    to = address_of("topic", topic.pk, member.pk)
    message = written(member, to)
    first = send(message)
    assert receiving.receive(message.as_bytes(), to.upper()) is False
    assert receiving.receive(message.as_bytes(), to) is False
    receiving.take_in(first.pk)
    assert topic.posts.count() == 2


def test_numbers_of_others_do_not_keep_a_mail_out(send, topic, member):
    """Whoever sends the number of somebody's mail beforehand cannot make that mail count as sent."""
    to = address_of("topic", topic.pk, member.pk)
    send(written("thief@attacker.example", to, number="<one@member.example>"))
    assert send(written(member, to, number="<one@member.example>")).state == IncomingState.TAKEN


def test_scripts_of_a_mail_stay_words(send, topic, member):
    send(
        written(
            member,
            address_of("topic", topic.pk, member.pk),
            "<script>alert(1)</script> <img src=x onerror=y>",
        )
    )
    body = Post.objects.get(topic=topic, number=2).body
    assert "<script" not in body
    assert "<img" not in body
    assert "&lt;script&gt;" in body


def test_from_another_confirmed_address(send, topic, member):
    to = address_of("topic", topic.pk, member.pk)
    EmailAddress.objects.create(user=member, email="Private@home.example", verified=True)
    EmailAddress.objects.create(user=member, email="not-yet@home.example", verified=False)
    assert send(written("private@HOME.example", to)).state == IncomingState.TAKEN
    assert send(written("not-yet@home.example", to)).state == IncomingState.REFUSED


def attach(message, name: str, content: bytes) -> EmailMessage:
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def test_files_are_kept_as_uploads_are(send, topic, member):
    message = attach(written(member, address_of("topic", topic.pk, member.pk)), "תקציב.txt", "שקלים".encode())
    send(message)
    (attachment,) = Attachment.objects.filter(post__topic=topic)
    assert attachment.file.name == "תקציב.txt"
    with attachment.file.blob.open() as file:
        assert file.read().decode() == "שקלים"


def test_files_that_are_not_taken_are_named(send, topic, member):
    member.language = "en"
    member.save()
    message = attach(
        written(member, address_of("topic", topic.pk, member.pk)), "game.exe", b"MZ\x90\0" + b"\0" * 99
    )
    send(attach(message, "plan.txt", b"plan"))
    assert [row.file.name for row in Attachment.objects.filter(post__topic=topic)] == ["plan.txt"]
    (told,) = answers()
    assert told.startswith(member.email)
    assert "game.exe" in told
    assert "is not a kind of file we take" in told


def test_files_alone_are_an_answer(send, topic, member):
    send(attach(written(member, address_of("topic", topic.pk, member.pk), ""), "plan.txt", b"plan"))
    assert "plan.txt" in Post.objects.get(topic=topic, number=2).body


# What comes back ---------------------------------------------------------------------------------------------


def closed(topic, member):
    lock_topic(by=make_facilitator(topic.community), topic=topic)


def archived(topic, member):
    Community.objects.filter(pk=topic.community_id).update(archived_at=timezone.now())


def left(topic, member):
    leave(by=member, community=topic.community)


def left_open(topic, member):
    Community.objects.filter(pk=topic.community_id).update(access=Access.OPEN)
    left(topic, member)


def hidden(topic, member):
    Topic.objects.filter(pk=topic.pk).update(
        hidden_at=timezone.now(), hidden_by=topic.author, hidden_reason="Private"
    )


def removed_from_network(topic, member):
    member.mandates[0].delete()


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        (closed, "closed for answers"),
        (archived, "was closed down"),
        (left, "cannot read this discussion any more"),
        (left_open, "Only members of"),
        (hidden, "cannot read this discussion any more"),
        (removed_from_network, "cannot read this discussion any more"),
    ],
)
def test_text_comes_back_with_the_reason(send, topic, member, happened, words):
    member.language = "en"
    member.save()
    happened(topic, member)
    row = send(written(member, address_of("topic", topic.pk, member.pk), "My precious words."))
    assert row.state == IncomingState.RETURNED
    assert topic.posts.count() == 1
    (told,) = answers()
    assert told.startswith(member.email)
    assert words in told
    assert "My precious words." in told
    if "cannot read" in words:
        assert topic.title not in told.replace("Re: First lab", "")


def test_text_that_is_too_long_comes_back_whole(send, topic, member):
    text = "Long words. " * 5_000 + "The end."
    row = send(written(member, address_of("topic", topic.pk, member.pk), text))
    assert row.state == IncomingState.RETURNED
    (letter,) = outbox.outbox
    parsed = message_from_bytes(letter.message().as_bytes(), policy=policy.default)
    (file,) = parsed.iter_attachments()
    assert file.get_content().split() == text.split()


def test_mail_without_words_comes_back(send, topic, member):
    row = send(written(member, address_of("topic", topic.pk, member.pk), f"{MARKERS['he']}\n> old"))
    assert row.state == IncomingState.RETURNED
    assert len(outbox.outbox) == 1


def test_too_many_posts_come_back(send, topic, member, monkeypatch):
    monkeypatch.setattr("communities.actions.bymail.MOST_POSTS", 2)
    to = address_of("topic", topic.pk, member.pk)
    states = [send(written(member, to, f"Words {number}")).state for number in range(3)]
    assert states == [IncomingState.TAKEN, IncomingState.TAKEN, IncomingState.RETURNED]


# Strangers and forgers ---------------------------------------------------------------------------------------


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


# New topics --------------------------------------------------------------------------------------------------


def test_mail_to_the_community_opens_a_topic(send):
    person = make_membership().person
    person.language = "en"
    person.save()
    community = Community.objects.get()
    send(
        written(
            person,
            address_of("community", community.pk, person.pk),
            "Who has one?\n-- \nDana",
            "Fwd: Re: Robotics league",
        )
    )
    topic = Topic.objects.get()
    assert (topic.title, topic.author, topic.kind) == ("Robotics league", person, "question")
    assert topic.posts.get().body == "<p>Who has one?</p>"
    (told,) = answers()
    assert "was opened in" in told
    assert told.startswith(person.email)
    assert f"/topics/{topic.pk}/" in told


@pytest.mark.parametrize(
    ("subject", "text", "title"),
    [
        ("", "One line.\nMore.", "One line."),
        ("השב: מעבדה", "x", "מעבדה"),
        ("word " * 60, "x", ("word " * 29).strip() + "…"),
    ],
)
def test_title_of_a_topic_by_mail(send, subject, text, title):
    membership = make_membership()
    send(
        written(
            membership.person,
            address_of("community", membership.community.pk, membership.person.pk),
            text,
            subject,
        )
    )
    assert Topic.objects.get().title == title


def test_who_left_opens_no_topic(send):
    membership = make_membership()
    person, community = membership.person, membership.community
    Membership.objects.update(state=MembershipState.REMOVED)
    row = send(written(person, address_of("community", community.pk, person.pk)))
    assert row.state == IncomingState.RETURNED
    assert not Topic.objects.exists()
    assert community.name not in answers()[0]


# Calendars ---------------------------------------------------------------------------------------------------


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


# Mail that comes back ----------------------------------------------------------------------------------------


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


def test_mail_of_the_corpus_becomes_posts(send, topic):
    from tests.commons.test_incoming import ANSWERS, MAILS

    dana = make_member(email="dana@karmiel.example")
    make_membership(topic.community, dana)
    to = address_of("topic", topic.pk, dana.pk)
    for name in ANSWERS:
        assert send((MAILS / f"{name}.eml").read_bytes(), to).state == IncomingState.TAKEN, name
    assert topic.posts.count() == 1 + len(ANSWERS)
    assert parse((MAILS / "he-iphone.eml").read_bytes()).text[:2] == "כן"
