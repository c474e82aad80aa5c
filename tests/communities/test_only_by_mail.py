"""A member who never opens the portal: summary, answer, file, what comes back, stop. Over SMTP and LMTP, as in earnest."""

import email
import re
import smtplib
import socket
from datetime import timedelta
from email import policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as django_settings
from django.utils import timezone

from communities.actions.topic import open_topic, reply
from communities.models import Attachment, Post
from munistem.commons.mail import lmtp
from munistem.commons.mail.models import Bounce
from munistem.commons.mail.quoting import MARKERS
from munistem.commons.notices.choices import choose
from munistem.commons.notices.digests import mail_digests
from munistem.commons.notices.models import Event, Rhythm
from tests.commons.factories import pdf
from tests.commons.test_incoming import MAILS
from tests.communities.factories import make_community, make_membership
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = {"he": "יש לנו מעבדה ניידת להשאלה.", "ar": "لدينا مختبر متنقل للإعارة."}
PLANS = {"he": "תוכנית המעבדה.pdf", "ar": "خطة المختبر.pdf"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postbox:
    """The mail server of everybody: (from whom, to whom, letter)."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((envelope.mail_from, envelope.rcpt_tos[0], letter))
        return "250 taken"

    def to(self, address: str) -> list[tuple[str, EmailMessage]]:
        return [(sender, letter) for sender, to, letter in self.letters if to == address]


@pytest.fixture
def postbox(settings):
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "munistem.commons.mail.backends.QueueBackend"
    settings.EMAIL_CARRIER = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


@pytest.fixture
def hand_in(run_jobs):
    """Hand a mail to the portal as its mail server would, and let the worker do what it asks."""
    gate = lmtp.gate("127.0.0.1", free_port())
    gate.start()

    def send(raw: bytes, sender: str, to: str) -> None:
        with smtplib.LMTP("127.0.0.1", gate.port) as server:
            assert server.sendmail(sender, [to], re.sub(rb"\r?\n", b"\r\n", raw)) == {}
        run_jobs()

    yield send
    gate.stop()


def as_program(
    sender: str, to: str, text: str, letter: EmailMessage, file: tuple[str, bytes] | None = None
) -> bytes:
    """A mail as Gmail makes it of an answer: plain text and HTML, the letter quoted below."""
    old = letter.get_body(("plain",)).get_content()
    said = "On Thu, Nov 26, 2026 at 9:58 AM muni:STEM <portal@munistem.example> wrote:"
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, f"Re: {letter['Subject']}"
    mail["Message-ID"], mail["In-Reply-To"] = (
        f"<{timezone.now().timestamp()}@mail.gmail.com>",
        letter["Message-ID"],
    )
    mail.set_content("\n".join([text, "", said, "", *(f"> {line}" for line in old.splitlines())]))
    page = letter.get_body(("html",)).get_content()
    mail.add_alternative(
        f'<div dir="rtl">{text}</div><div class="gmail_quote"><div class="gmail_attr">{said}</div>{page}</div>',
        subtype="html",
    )
    if file:
        mail.add_attachment(file[1], maintype="application", subtype="pdf", filename=file[0])
    return mail.as_bytes()


@pytest.mark.parametrize("language", ["he", "ar"])
def test_member_takes_part_by_mail_alone(client, postbox, hand_in, run_jobs, language):
    community = make_community(language=language)
    asking = make_membership(community).person
    person = make_member(email="dana@karmiel.example", language=language)
    make_membership(community, person)
    choose(by=asking, rhythms={"followed": Rhythm.BELL, "topics": Rhythm.BELL})
    topic = open_topic(
        by=asking, community=community, kind="question", title="מעבדה ראשונה", body="<p>למי יש?</p>"
    )
    run_jobs()

    # the summary of the week
    Event.objects.update(happened_at=timezone.now() - timedelta(days=8))
    assert mail_digests("weekly") == 1
    run_jobs()
    ((_sender, summary),) = postbox.to(person.email)
    assert summary["Content-Language"] == language
    page = summary.get_body(("html",)).get_content()
    (address,) = set(re.findall(r'href="mailto:(topic-[^"?]+)', page))
    assert address in summary.get_body(("plain",)).get_content()

    # an answer to it, at the link beside the discussion
    hand_in(as_program(person.email, address, ANSWERS[language], summary), person.email, address)
    assert Post.objects.get(topic=topic, number=2).body == f"<p>{ANSWERS[language]}</p>"

    # an answer to the summary itself comes back with the reason
    hand_in(as_program(person.email, summary["Reply-To"], "??", summary), person.email, summary["Reply-To"])
    assert topic.posts.count() == 2
    assert "??" in postbox.to(person.email)[-1][1].get_body(("plain",)).get_content()

    # somebody asks back; the letter is answered with a file
    choose(by=person, rhythms={"followed": Rhythm.AT_ONCE})
    reply(by=asking, topic=topic, body="<p>יש תוכנית?</p>")
    run_jobs()
    came_from, letter = postbox.to(person.email)[-1]
    assert letter.get_body(("plain",)).get_content().startswith(MARKERS[language])
    assert letter["Reply-To"] == address
    plan = (PLANS[language], pdf("Lab"))
    hand_in(as_program(person.email, address, ANSWERS[language], letter, plan), person.email, address)
    assert Attachment.objects.get(post__topic=topic, post__number=4).file.name == PLANS[language]

    # no more of this, in one click and without signing in
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = letter["List-Unsubscribe"].strip(" <>").removeprefix(django_settings.BASE_URL)
    assert client.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    count = len(postbox.to(person.email))
    reply(by=asking, topic=topic, body="<p>תודה!</p>")
    run_jobs()
    assert len(postbox.to(person.email)) == count

    # the mailbox is closed: what comes back pauses mail
    hand_in((MAILS / "bounce-postfix-unknown.eml").read_bytes(), "", came_from)
    assert Bounce.objects.filter(address=person.email).exists()
