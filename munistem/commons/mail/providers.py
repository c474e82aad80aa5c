"""Services that take mail for us and tell by webhook what came, and what came back; django-anymail knows how each speaks."""

from typing import Any

from anymail import signals

from munistem.commons.mail.actions import record_bounce
from munistem.commons.mail.incoming import MEGABYTE
from munistem.commons.mail.receiving import receive_all

MOST_BYTES = 42 * MEGABYTE  # a mail of the largest size, packed into JSON
GONE = {signals.RejectReason.BOUNCED, signals.RejectReason.INVALID, signals.RejectReason.SPAM}


def listen() -> None:
    signals.inbound.connect(take_inbound, dispatch_uid="munistem.inbound")
    signals.tracking.connect(take_tracking, dispatch_uid="munistem.tracking")


def take_inbound(sender: Any, event: Any, esp_name: str, **_more: Any) -> None:
    """Keep a mail that a service took for us; raises TooMany."""
    message = event.message
    named = [message.envelope_recipient, *(one.addr_spec for one in (*message.to, *message.cc))]
    sent_by = message.envelope_sender
    receive_all(message.as_bytes(), [one.lower() for one in named if one], envelope_sender=sent_by)


def take_tracking(sender: Any, event: Any, esp_name: str, **_more: Any) -> None:
    """Pause notices to an address from which mail came back for good, or whose owner called it unwanted."""
    kind = signals.EventType
    is_gone = event.event_type == kind.BOUNCED or (
        event.event_type == kind.REJECTED and event.reject_reason in GONE
    )
    if event.recipient and (is_gone or event.event_type == kind.COMPLAINED):
        said = event.mta_response or event.description or ""
        record_bounce(event.recipient, "hard", reason=f"{esp_name}: {event.event_type} {said}")
