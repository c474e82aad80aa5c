"""Mail that comes in, from a mail server by LMTP or out of a mailbox by IMAP; services of others use the webhooks."""

import os
import signal
import threading
import time

from django.core.management.base import BaseCommand, CommandError

from munistem.commons.mail.addresses import is_open
from munistem.commons.mail.imap import fetch
from munistem.commons.mail.lmtp import gate

LOCAL = {"127.0.0.1", "::1", "localhost"}


class Command(BaseCommand):
    help = (
        "Take mail in: --lmtp 127.0.0.1:8024 listens, --imap imaps://user:password@host/INBOX fetches once."
    )

    def add_arguments(self, parser):
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--lmtp", metavar="HOST:PORT", help="listen for the mail server of this machine")
        way.add_argument(
            "--imap",
            metavar="URL",
            nargs="?",
            const="",
            help="fetch what is unread; without URL that of INBOUND_IMAP, which other accounts of the machine cannot see",
        )
        parser.add_argument("--every", type=int, metavar="SECONDS", help="fetch again and again")
        parser.add_argument(
            "--anywhere", action="store_true", help="listen to other machines too; a firewall must guard it"
        )

    def handle(self, *args, **options):
        if not is_open():
            raise CommandError("Set INBOUND_DOMAIN: the domain at which the portal takes mail.")
        if options["lmtp"]:
            self.listen(*place_of(options["lmtp"]), is_guarded=options["anywhere"])
        else:
            self.fetch(options["imap"] or os.environ.get("INBOUND_IMAP", ""), options["every"])

    def listen(self, host: str, port: int, *, is_guarded: bool) -> None:
        if host not in LOCAL and not is_guarded:
            raise CommandError(
                "LMTP believes whoever speaks it: listen on 127.0.0.1, or add --anywhere behind a firewall."
            )
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_told: ended.set())
        listener = gate(host, port)
        listener.start()
        self.stdout.write(f"Mail is taken at {host}:{port} (LMTP).")
        self.stdout.flush()
        ended.wait()
        listener.stop()

    def fetch(self, url: str, seconds: int | None) -> None:
        if not url.startswith(("imap://", "imaps://")):
            raise CommandError("Name the mailbox: imaps://user:password@host/INBOX")
        while True:
            self.stdout.write(f"{fetch(url)} new mails.")
            self.stdout.flush()
            if not seconds:
                return
            time.sleep(seconds)


def place_of(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise CommandError("--lmtp wants HOST:PORT, for example 127.0.0.1:8024")
    return host.strip("[]"), int(port)
