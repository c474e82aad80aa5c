"""Mail as a door: addresses, letters that can be answered, answers and new topics, and what comes back to its writer."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.utils import timezone

from communities.actions.membership import leave
from communities.actions.topic import lock_topic, reply
from communities.emails import tell_of_reply
from communities.enums import Access, MembershipState
from communities.models import Attachment, Community, Membership, Post, Topic
from munistem.commons.mail import receiving
from munistem.commons.mail.addresses import address_of, read_address
from munistem.commons.mail.incoming import parse
from munistem.commons.mail.models import IncomingState
from munistem.commons.mail.quoting import MARKERS
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from tests.commons.factories import written
from tests.communities.factories import (
    make_facilitator,
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


def answers() -> list[str]:
    """Letters that answer a mail, each after the address it goes to; those that tell of posts are others."""
    told = [letter for letter in outbox.outbox if letter.extra_headers["Auto-Submitted"] == "auto-replied"]
    return [f"{letter.to[0]}: {letter.body}" for letter in told]


# Addresses ---------------------------------------------------------------------------------------------


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


# Letters that can be answered --------------------------------------------------------------------------


def letter_after_reply(topic, reader):
    post = reply(by=make_membership(topic.community).person, topic=topic, body="<p>Have you tried?</p>")
    tell_of_reply(post.pk, "replied")
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


# Answers -----------------------------------------------------------------------------------------------


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


def test_mail_of_the_corpus_becomes_posts(send, topic):
    from tests.commons.test_incoming import ANSWERS, MAILS

    dana = make_member(email="dana@karmiel.example")
    make_membership(topic.community, dana)
    to = address_of("topic", topic.pk, dana.pk)
    for name in ANSWERS:
        assert send((MAILS / f"{name}.eml").read_bytes(), to).state == IncomingState.TAKEN, name
    assert topic.posts.count() == 1 + len(ANSWERS)
    assert parse((MAILS / "he-iphone.eml").read_bytes()).text[:2] == "כן"


# What comes back ---------------------------------------------------------------------------------------


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


# New topics --------------------------------------------------------------------------------------------


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
