"""Webhooks of mail services, and the form under a letter of the trial: both end at the same door as every mail."""

import base64
import hmac
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from communities.actions.topic import reply
from communities.models import Attachment, Post
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.models import Bounce, IncomingMail, IncomingState
from munistem.front.views.letters import newest
from tests.communities.factories import make_membership, make_topic

pytestmark = pytest.mark.django_db
KEY = "munistem:" + "s" * 20


@pytest.fixture(autouse=True)
def _open(settings):
    settings.INBOUND_SECRET = "s" * 20
    settings.ANYMAIL = {"WEBHOOK_SECRET": KEY}


@pytest.fixture
def member():
    return make_membership(make_topic().community).person


def post(client, address: str, told: object, key: str = KEY):
    secret = "Basic " + base64.b64encode(key.encode()).decode()
    return client.post(
        address, json.dumps(told), content_type="application/json", headers={"Authorization": secret}
    )


def postmark(sender: str, to: str, text: str = "It worked with us.") -> dict:
    return {
        "FromFull": {"Email": sender, "Name": "Dana"},
        "From": sender,
        "ToFull": [{"Email": to, "Name": "", "MailboxHash": ""}],
        "To": to,
        "OriginalRecipient": to,
        "Subject": "Re: First lab",
        "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
        "Date": "Thu, 26 Nov 2026 16:59:01 +0200",
        "TextBody": text,
        "HtmlBody": f"<p>{text}</p>",
        "Headers": [
            {"Name": "Message-ID", "Value": "<one@member.example>"},
            {"Name": "Return-Path", "Value": f"<{sender}>"},
        ],
        "Attachments": [
            {
                "Name": "plan.txt",
                "Content": base64.b64encode(b"plan").decode(),
                "ContentType": "text/plain",
                "ContentLength": 4,
            }
        ],
    }


def test_mail_of_a_service_is_posted(client, member, run_jobs):
    topic = make_topic(author=member, community=member.memberships.get().community)
    told = postmark(member.email, address_of("topic", topic.pk, member.pk))
    for _twice in range(2):
        assert post(client, "/mail/inbound/postmark/", told).status_code == 200
    run_jobs()
    answer = Post.objects.get(topic=topic, number=2)
    assert (answer.author, answer.body) == (member, "<p>It worked with us.</p>")
    assert Attachment.objects.get().file.name == "plan.txt"
    assert IncomingMail.objects.get().state == IncomingState.TAKEN


def test_mail_of_a_service_that_sends_forms_is_posted(client, member, run_jobs, settings):
    topic = make_topic(author=member, community=member.memberships.get().community)
    to = address_of("topic", topic.pk, member.pk)
    told = {
        "timestamp": "1795681231",
        "token": "t" * 50,
        "signature": hmac.new(b"key", b"1795681231" + b"t" * 50, "sha256").hexdigest(),
        "recipient": to,
        "sender": member.email,
        "from": member.email,
        "subject": "Re: מעבדה",
        "body-plain": "אצלנו זה עבד.",
        "message-headers": json.dumps(
            [["From", member.email], ["To", to], ["Subject", "x"], ["Message-Id", "<two@member.example>"]]
        ),
        "attachment-count": "1",
        "attachment-1": SimpleUploadedFile("plan.txt", b"plan", "text/plain"),
    }
    settings.ANYMAIL |= {"MAILGUN_WEBHOOK_SIGNING_KEY": "key"}
    secret = "Basic " + base64.b64encode(KEY.encode()).decode()
    response = client.post("/mail/inbound/mailgun/", told, headers={"Authorization": secret})
    assert response.status_code == 200
    run_jobs()
    answer = Post.objects.get(topic=topic, number=2)
    assert answer.body == "<p>אצלנו זה עבד.</p>"
    assert Attachment.objects.get(post=answer).file.name == "plan.txt"


def test_large_mail_of_a_service_is_taken(client, member):
    told = postmark(member.email, address_of("topic", 1, member.pk), "x" * 5_000_000)
    assert post(client, "/mail/inbound/postmark/", told).status_code == 200
    assert IncomingMail.objects.count() == 1


@pytest.mark.parametrize("key", ["", "munistem:", "munistem:wrong", "s" * 20])
def test_without_the_secret_nothing_is_taken(client, member, key):
    told = postmark(member.email, address_of("topic", 1, member.pk))
    assert post(client, "/mail/inbound/postmark/", told, key).status_code == 403
    assert post(client, "/mail/tracking/postmark/", told, key).status_code == 403
    assert not IncomingMail.objects.exists()


def test_without_a_secret_of_ours_the_door_is_shut(client, settings):
    settings.INBOUND_SECRET, settings.ANYMAIL = "", {"WEBHOOK_SECRET": "munistem:"}
    assert post(client, "/mail/inbound/postmark/", {}, "munistem:").status_code == 403


@pytest.mark.parametrize(
    "address", ["/mail/inbound/nobody/", "/mail/tracking/nobody/", "/mail/other/postmark/"]
)
def test_unknown_services_have_no_address(client, address):
    assert post(client, address, {}).status_code == 404


def test_a_flood_is_asked_to_wait(client, member, monkeypatch):
    monkeypatch.setattr("munistem.commons.mail.receiving.MOST_AN_HOUR", 0)
    told = postmark(member.email, address_of("topic", 1, member.pk))
    assert post(client, "/mail/inbound/postmark/", told).status_code == 429


@pytest.mark.parametrize(
    ("told", "pauses"),
    [
        ({"RecordType": "Bounce", "Type": "HardBounce", "Email": "Dana@karmiel.example"}, True),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": "dana@karmiel.example"}, True),
        ({"RecordType": "Bounce", "Type": "Transient", "Email": "dana@karmiel.example"}, False),
        ({"RecordType": "Delivery", "Recipient": "dana@karmiel.example"}, False),
    ],
)
def test_what_a_service_tells_of_letters_is_noted(client, told, pauses):
    assert post(client, "/mail/tracking/postmark/", {"MessageID": "x", **told}).status_code == 200
    assert Bounce.objects.filter(address="dana@karmiel.example").exists() == pauses


# The form of the trial -----------------------------------------------------------------------------------------


@pytest.fixture
def letter(settings, tmp_path, run_jobs):
    """A letter of a topic in the trial, as its address."""
    settings.DEMO = True
    settings.EMAIL_FOLDER = tmp_path
    settings.EMAIL_BACKEND = "munistem.commons.mail.backends.QueueBackend"
    settings.EMAIL_CARRIER = "munistem.commons.mail.backends.FolderBackend"
    topic = make_topic()
    reply(by=make_membership(topic.community).person, topic=topic, body="<p>Have you tried?</p>")
    run_jobs()
    return re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"/dev/mail/\1-\2-\3-\4-\5/", newest()[0].stem)


def test_letter_of_the_trial_is_answered_like_any_mail(client, letter, read, run_jobs):
    assert "Send the mail" in read(letter)
    plan = SimpleUploadedFile("plan.txt", b"plan")
    response = client.post(f"{letter}answer/", {"text": "Yes, we did.\n\nTwice.", "files": plan})
    assert response.status_code == 302
    run_jobs()
    answer = Post.objects.latest("pk")
    assert answer.body == "<p>Yes, we did.</p><p>Twice.</p>"
    assert answer.author == answer.topic.author
    assert Attachment.objects.get(post=answer).file.name == "plan.txt"


def test_empty_answer_is_asked_for_words(client, letter):
    response = client.post(f"{letter}answer/", {"text": ""})
    assert response.status_code == 422
    assert "Write something" in response.content.decode()
    assert not IncomingMail.objects.exists()


def test_real_portal_takes_no_answers_of_the_trial(client, letter, settings):
    settings.DEMO = settings.TRIAL = False
    assert client.post(f"{letter}answer/", {"text": "x"}).status_code == 404
