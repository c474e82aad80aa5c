"""Mail handed over by a mail server (LMTP) or fetched from a mailbox (IMAP): over real connections, kept before it is said so."""

import re
import smtplib
import socket
import socketserver
import threading
from email import policy
from email.message import EmailMessage

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from munistem.commons.mail import imap, lmtp, receiving
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.incoming import parse
from munistem.commons.mail.models import IncomingMail, IncomingState

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO = address_of("topic", 1, 1), address_of("topic", 1, 2)


def mail(to: str = ONE, number: str = "<one@member.example>") -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = "dana@karmiel.example", to, "שלום"
    message["Message-ID"] = number
    message.set_content("שלום רב\n.\n..\n")
    return message.as_bytes()


@pytest.fixture
def server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listener = lmtp.gate("127.0.0.1", port)
    listener.start()
    yield port
    listener.stop()


@pytest.fixture
def client(server):
    with smtplib.LMTP("127.0.0.1", server) as connection:
        yield connection


def test_mail_is_kept_for_each_address(client):
    assert client.sendmail("dana@karmiel.example", [ONE, TWO], mail()) == {}
    assert client.getreply()[0] == 250  # of the second recipient: the standard library reads but one
    assert client.sendmail("dana@karmiel.example", [ONE.upper()], mail()) == {}
    rows = IncomingMail.objects.order_by("address")
    assert [row.address for row in rows] == sorted([ONE, TWO])
    assert parse(bytes(rows[0].message)).text == "שלום רב\n.\n.."


def test_unknown_address_is_refused_while_the_sender_listens(client):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail(
            "dana@karmiel.example", ["topic-1-1-aaaaaaaaaaaaaaaaaaaa@reply.munistem.example"], mail()
        )
    ((code, _words),) = refused.value.recipients.values()
    assert code == 550
    assert not IncomingMail.objects.exists()


def test_mail_from_nobody_is_noted_as_such(client):
    client.sendmail("", [ONE], mail())
    assert IncomingMail.objects.get().envelope_sender == "<>"


def test_mail_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr(client, "esmtp_features", {})
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("dana@karmiel.example", [ONE], mail() + b"x" * 70 + b"\r\n" + b"y" * 31_000_000)
    assert refused.value.smtp_code in (500, 552)
    assert not IncomingMail.objects.exists()


def test_mail_server_keeps_what_we_could_not(client, monkeypatch):
    def away(*_told, **_named):
        raise OperationalError

    monkeypatch.setattr(lmtp, "receive", away)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("dana@karmiel.example", [ONE], mail())
    assert refused.value.smtp_code == 451


def test_too_much_mail_waits(client, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_AN_HOUR", 1)
    client.sendmail("dana@karmiel.example", [ONE], mail())
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("dana@karmiel.example", [ONE], mail(number="<two@member.example>"))
    assert refused.value.smtp_code == 452


# A mailbox ---------------------------------------------------------------------------------------------------


class Mailbox(socketserver.StreamRequestHandler):
    """As much of an IMAP server as a fetch needs."""

    def handle(self):
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, verb, *words = line.split(" ")
            answer = getattr(self, f"on_{verb.lower()}", lambda _words: None)(words)
            if answer == "bye":
                return
            self.say(f"{tag} {answer or 'OK done'}")

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def on_capability(self, words):
        self.say("* CAPABILITY IMAP4rev1")

    def on_login(self, words):
        return (
            None
            if words[1].strip('"') == "se cret" or " ".join(words[1:]).strip('"') == "se cret"
            else "NO wrong"
        )

    def on_select(self, words):
        self.server.folder = " ".join(words)
        self.say(f"* {len(self.server.mails)} EXISTS")

    def on_logout(self, words):
        self.say("* BYE")

    def on_uid(self, words):
        verb, *rest = words
        if verb.lower() == "search":
            unseen = [str(uid) for uid in self.server.mails if uid not in self.server.seen]
            self.say("* SEARCH " + " ".join(unseen))
        elif verb.lower() == "store":
            self.server.seen.add(int(rest[0]))
        elif "SIZE" in rest[1]:
            size = self.server.sizes.get(int(rest[0]), len(self.server.mails[int(rest[0])]))
            self.say(f"* 1 FETCH (UID {rest[0]} RFC822.SIZE {size})")
        else:
            raw = self.server.mails[int(rest[0])]
            self.say(f"* 1 FETCH (UID {rest[0]} BODY[] {{{len(raw)}}}")
            self.wfile.write(raw + b")\r\n")


@pytest.fixture
def mailbox():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.daemon_threads = True
        server.mails, server.seen, server.sizes, server.folder = {}, set(), {}, ""
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        server.url = f"imap://portal:se%20cret@127.0.0.1:{server.server_address[1]}/Mail%20in"
        yield server
        server.shutdown()
        thread.join()


def test_unread_mail_is_kept_then_marked(mailbox):
    mailbox.mails = {
        3: b"Delivered-To: " + ONE.upper().encode() + b"\r\n" + mail(to="portal@munistem.example"),
        4: mail(to="somebody@else.example", number="<two@x>"),
        5: b"Return-Path: <>\r\n" + mail(to=f"Portal <{TWO}>", number="<three@x>"),
    }
    assert imap.fetch(mailbox.url) == 2
    assert imap.fetch(mailbox.url) == 0
    assert mailbox.seen == {3, 4, 5}
    assert mailbox.folder == '"Mail in"'
    rows = {row.address: row.envelope_sender for row in IncomingMail.objects.all()}
    assert rows == {ONE: "", TWO: "<>"}


def test_mail_stays_unread_when_it_could_not_be_kept(mailbox, monkeypatch):
    mailbox.mails = {3: mail()}

    def away(*_told, **_named):
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(imap, "receive_all", away)
        with pytest.raises(OperationalError):
            imap.fetch(mailbox.url)
    assert mailbox.seen == set()
    assert imap.fetch(mailbox.url) == 1


def test_huge_mail_is_passed_over(mailbox):
    mailbox.mails, mailbox.sizes = {3: mail()}, {3: 99_000_000}
    assert imap.fetch(mailbox.url) == 0
    assert mailbox.seen == {3}


# The command ---------------------------------------------------------------------------------------------------


def test_command_fetches_once(mailbox, capsys, monkeypatch):
    mailbox.mails = {3: mail()}
    call_command("receive_mail", imap=mailbox.url)
    assert re.search("1 new", capsys.readouterr().out)
    monkeypatch.setenv("INBOUND_IMAP", mailbox.url)
    call_command("receive_mail", "--imap")
    assert re.search("0 new", capsys.readouterr().out)
    assert IncomingMail.objects.get().state == IncomingState.WAITING


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lmtp": "0.0.0.0:8024"}, "127.0.0.1"),
        ({"lmtp": "nonsense"}, "HOST:PORT"),
        ({"imap": "https://x"}, "Name the mailbox"),
    ],
)
def test_command_says_what_it_wants(options, words):
    with pytest.raises(CommandError, match=words):
        call_command("receive_mail", **options)


def test_command_wants_a_domain(settings):
    settings.INBOUND_DOMAIN = ""
    with pytest.raises(CommandError, match="INBOUND_DOMAIN"):
        call_command("receive_mail", lmtp="127.0.0.1:8024")
