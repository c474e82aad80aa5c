"""A worker that is killed while it hands letters over: nobody gets one twice, and at most one letter is in doubt."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from munistem.commons.mail import actions
from munistem.commons.mail.letters import Letter, compose
from munistem.commons.mail.models import Bounce, MailState, OutgoingMail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
COUNT, KILLED_AFTER = 40, 15
WORKER = """
import sys, django
django.setup()
from munistem.commons.mail.actions import hand_over_all
hand_over_all(int(key) for key in sys.argv[1:])
"""


class Sink:
    """A mail server that counts what it takes and refuses who is not there."""

    def __init__(self):
        self.taken, self.enough = [], threading.Event()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("full"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        self.taken += envelope.rcpt_tos
        if len(self.taken) >= KILLED_AFTER:
            self.enough.set()
        return "250 taken"


@pytest.fixture
def sink(settings, unused_tcp_port_of_ours):
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=unused_tcp_port_of_ours, ready_timeout=60)
    controller.start()
    settings.EMAIL_BACKEND = "munistem.commons.mail.backends.QueueBackend"
    settings.EMAIL_CARRIER = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_tcp_port_of_ours
    yield handler
    controller.stop()


@pytest.fixture
def unused_tcp_port_of_ours():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(*addresses: str) -> list[int]:
    """Queue a letter to each; returns their keys."""
    for address in addresses:
        letter = Letter(subject="News", lines=["Words"], key=f"news:{address}")
        compose(letter, to=address, language="he").send()
    return list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))


def worker(keys: list[int], port: int) -> subprocess.Popen:
    database = connection.settings_dict
    place = f"{database['USER']}:{database['PASSWORD']}@/{database['NAME']}"
    url = f"postgresql://{place}?host={database['HOST']}&port={database['PORT']}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "DEBUG": "1",
        "PYTHONPATH": str(django_settings.BASE_DIR),
        "DJANGO_SETTINGS_MODULE": "munistem.settings",
    }
    return subprocess.Popen([sys.executable, "-c", WORKER, *map(str, keys)], env=environment)


def test_killed_worker_leaves_every_recipient_with_one_letter(sink, unused_tcp_port_of_ours):
    addresses = [f"person{number}@portal.example" for number in range(COUNT)]
    keys = write(*addresses)
    process = worker(keys, unused_tcp_port_of_ours)
    try:
        assert sink.enough.wait(300)  # it starts slowly where much goes on
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    actions.hand_over_all(keys)  # the job is taken up by another worker
    OutgoingMail.objects.filter(state=MailState.HANDING).update(begun_at=timezone.now() - timedelta(hours=1))
    doubtful = actions.name_doubtful()
    assert doubtful <= 1
    assert len(sink.taken) == len(set(sink.taken))
    sent = OutgoingMail.objects.filter(state=MailState.SENT).values_list("recipients", flat=True)
    assert len(sent) == COUNT - doubtful
    assert set(sent) <= set(sink.taken)


def test_letter_of_the_same_key_is_queued_once(sink):
    assert len(write("dana@portal.example", "dana@portal.example", "rami@portal.example")) == 2


def test_refused_recipient_is_a_bounce_and_a_full_mailbox_is_tried_again(sink):
    keys = write("nobody@portal.example", "full@portal.example", "dana@portal.example")
    actions.hand_over_all(keys)
    states = dict(OutgoingMail.objects.values_list("recipients", "state"))
    assert states == {
        "nobody@portal.example": MailState.REFUSED,
        "full@portal.example": MailState.FAILED,
        "dana@portal.example": MailState.SENT,
    }
    assert list(Bounce.objects.values_list("address", flat=True)) == ["nobody@portal.example"]
    assert actions.send_again(keys[0])
    assert not actions.send_again(keys[2])
    actions.record_bounce("rami@portal.example", "soft")
    assert Bounce.objects.count() == 1
