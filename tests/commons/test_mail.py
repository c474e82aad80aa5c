"""Letters leave through the queue: written with the deed, handed over by the worker, tried again, forgotten."""

import socketserver
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage, get_connection
from django.db import OperationalError, transaction
from django.utils import timezone

from munistem.commons.mail import actions
from munistem.commons.mail.backends import QueueBackend, Written
from munistem.commons.mail.letters import Letter, post
from munistem.commons.mail.models import MailState, OutgoingMail
from tests.members.factories import make_admin

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"
QUEUE = "munistem.commons.mail.backends.QueueBackend"
LETTER = Letter(
    subject="שלום: עולם", lines=["שורה ראשונה", "سطر ثانٍ"], unsubscribe="https://portal.example/stop/"
)


@pytest.fixture(autouse=True)
def _queued(settings):
    settings.EMAIL_BACKEND = QUEUE


@pytest.fixture
def carrier(settings):
    """A mail server that keeps what it is given."""
    received = []

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 carrier")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                self.say({b"DATA": "354 go on", b"QUIT": "221 bye"}.get(verb, "250 fine"))
                if verb == b"QUIT":
                    return
                if verb == b"DATA":
                    lines = []
                    while (line := self.rfile.readline()) != b".\r\n":
                        lines.append(line)
                    received.append(b"".join(lines))
                    self.say("250 taken")

        def say(self, words):
            self.wfile.write(words.encode() + b"\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Talk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        settings.EMAIL_CARRIER = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield received
        server.shutdown()
        thread.join()


def write(letter=LETTER, to="dana@portal.example") -> OutgoingMail:
    post(letter, to=to, language="he")
    return OutgoingMail.objects.latest("pk")


def test_letter_goes_out_by_smtp_once(carrier, run_jobs):
    row = write()
    run_jobs()
    actions.hand_over(row.pk)
    assert len(carrier) == 1
    head, _, _body = carrier[0].partition(b"\r\n\r\n")
    assert b'From: "muni:STEM" <' in head
    assert b"To: dana@portal.example" in head
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert max(map(len, carrier[0].split(b"\r\n"))) <= 998
    row.refresh_from_db()
    assert (row.state, row.error) == (MailState.SENT, "")


def test_letter_names_the_portal_and_no_machine(settings):
    settings.BASE_URL = "https://portal.example"
    number = Written(write()).extra_headers["Message-ID"]
    assert number.endswith("@portal.example>")


def test_service_of_others_finds_the_parts_of_a_letter():
    """Carriers that speak to a service (django-anymail) build their own message from these."""
    written = Written(write())
    assert written.subject == LETTER.subject
    assert written.to == ["dana@portal.example"]
    assert "שורה ראשונה" in written.body
    [(page, kind)] = written.alternatives
    assert kind == "text/html"
    assert 'dir="rtl"' in page
    assert written.extra_headers["List-Unsubscribe"] == f"<{LETTER.unsubscribe}>"
    get_connection("django.core.mail.backends.locmem.EmailBackend").send_messages([written])
    assert mail.outbox[-1].subject == LETTER.subject


def test_attachment_of_a_letter_arrives(carrier):
    message = EmailMessage("Plan", "See there", to=["dana@portal.example"])
    message.attach("plan.pdf", b"%PDF-1.4", "application/pdf")
    message.send()
    row = OutgoingMail.objects.latest("pk")
    assert [(part[0], part[1]) for part in Written(row).attachments] == [("plan.pdf", b"%PDF-1.4")]
    actions.hand_over(row.pk)
    assert b"application/pdf" in carrier[0]


def test_letter_of_a_deed_that_failed_is_never_sent(run_jobs):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    assert not OutgoingMail.objects.exists()
    assert run_jobs() == 0


def test_failure_is_noted_and_tried_again_later(settings, carrier, run_jobs):
    row = write()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    with pytest.raises(OSError, match="refused"):
        actions.hand_over(row.pk)
    row.refresh_from_db()
    assert row.state == MailState.FAILED
    assert "refused" in row.error
    settings.EMAIL_PORT = port
    assert actions.requeue() == 0  # its own job is still at it
    OutgoingMail.objects.update(queued_at=timezone.now() - timedelta(hours=3))
    assert actions.requeue() == 1
    run_jobs()
    row.refresh_from_db()
    assert (row.state, len(carrier)) == (MailState.SENT, 1)
    assert actions.requeue() == 0


def test_letter_that_nobody_takes_is_given_up(run_jobs):
    row = write()
    OutgoingMail.objects.update(queued_at=timezone.now() - timedelta(days=5))
    assert actions.requeue() == 0
    row.refresh_from_db()
    assert row.state == MailState.WAITING


def test_letters_sent_long_ago_are_forgotten():
    old, fresh, waiting = write(), write(), write()
    OutgoingMail.objects.filter(pk__in=[old.pk, fresh.pk]).update(
        state=MailState.SENT, sent_at=timezone.now()
    )
    OutgoingMail.objects.filter(pk=old.pk).update(sent_at=timezone.now() - timedelta(days=31))
    assert actions.forget_sent() == 1
    assert set(OutgoingMail.objects.all()) == {fresh, waiting}


def test_report_of_a_missing_database_does_not_fail_in_turn(monkeypatch):
    def fail(rows):
        raise OperationalError("away")

    monkeypatch.setattr(OutgoingMail.objects, "bulk_create", fail)
    message = EmailMessage("Error", "words", to=["admin@portal.example"])
    assert QueueBackend(fail_silently=True).send_messages([message]) == 0
    with pytest.raises(OperationalError):
        QueueBackend().send_messages([message])


def test_admin_sees_what_failed_and_why_and_not_what_was_written(client, settings):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    row = write()
    OutgoingMail.objects.update(state=MailState.FAILED, error="ConnectionRefusedError: nobody there")
    client.force_login(make_admin())
    assert "dana@portal.example" in client.get("/admin/commons/outgoingmail/").content.decode()
    page = client.get(f"/admin/commons/outgoingmail/{row.pk}/change/").content.decode()
    assert "nobody there" in page
    assert "שורה ראשונה" not in page
