"""A door for the mail server on the same machine: LMTP (RFC 2033), each recipient answered by itself."""

import logging
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from asgiref.sync import sync_to_async
from django.db import Error, close_old_connections

from munistem.commons.mail.addresses import read_address
from munistem.commons.mail.incoming import MOST_BYTES
from munistem.commons.mail.receiving import TooMany, receive

MOST_RECIPIENTS = 20
PATIENCE = 120  # seconds
log = logging.getLogger("munistem.mail")


class Doorkeeper:
    """Refuses addresses that are none while the sender still listens, and says that a mail is taken once it is kept."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if read_address(address) is None:
            return "550 5.1.1 There is no such address here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        keep = sync_to_async(keep_for, thread_sensitive=True)
        said = [await keep(envelope.content, one, envelope.mail_from or "") for one in envelope.rcpt_tos]
        return "\r\n".join(said)


def keep_for(raw: bytes, recipient: str, envelope_sender: str) -> str:
    """Keep a mail; the line that says so to the mail server."""
    close_old_connections()
    try:
        receive(raw, recipient, envelope_sender=envelope_sender)
    except TooMany:
        return "452 4.2.1 Too much mail for this address; try again later"
    except Error:
        log.exception("A mail could not be kept; the mail server will try again")
        return "451 4.3.0 Not kept; try again later"
    finally:
        close_old_connections()
    return "250 2.0.0 Kept"


class Gate(Controller):
    """Listens for the mail server at a port of this machine."""

    def factory(self) -> LMTP:
        return LMTP(self.handler, data_size_limit=MOST_BYTES, timeout=PATIENCE, ident="muniSTEM")


def gate(host: str, port: int) -> Gate:
    return Gate(Doorkeeper(), hostname=host, port=port)
