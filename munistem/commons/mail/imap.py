"""Mail fetched from a mailbox, for those whose mail server cannot hand it over."""

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from urllib.parse import unquote, urlsplit

from munistem.commons.mail.addresses import read_address
from munistem.commons.mail.incoming import LONGEST_HEAD, MOST_BYTES, heads
from munistem.commons.mail.receiving import TooMany, receive_all

MOST_AT_ONCE = 200
PATIENCE = 60  # seconds
#: Where mail servers and people write to whom a mail goes; the surest first.
TO = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc")
ADDRESS = re.compile(r"[a-z0-9-]{1,64}@[a-z0-9.-]{1,255}", re.IGNORECASE)


@contextmanager
def mailbox(url: str) -> Iterator[imaplib.IMAP4]:
    """An open mailbox: imaps://user:password@host/folder, or imap:// on the same machine."""
    parts = urlsplit(url)
    kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    server = kind(
        parts.hostname or "localhost",
        parts.port or (993 if parts.scheme == "imaps" else 143),
        timeout=PATIENCE,
    )
    try:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        server.select(quoted(unquote(parts.path.strip("/")) or "INBOX"))
        yield server
    finally:
        server.logout()


def quoted(folder: str) -> str:
    return '"{}"'.format(folder.replace("\\", "\\\\").replace('"', '\\"'))


def fetch(url: str) -> int:
    """Keep every unread mail of a mailbox, then mark it as read; returns how many were ours and new.

    One that is kept but not yet marked when the line breaks is fetched again and known by its number.
    """
    count = 0
    with mailbox(url) as server:
        _state, found = server.uid("search", "UNSEEN")
        for number in (found[0] or b"").split()[:MOST_AT_ONCE]:
            uid = number.decode()
            try:
                count += keep(message_of(server, uid))
            except TooMany:
                continue  # stays unread until the hour is over
            server.uid("store", uid, "+FLAGS.SILENT", "(\\Seen)")
    return count


def message_of(server: imaplib.IMAP4, uid: str) -> bytes:
    """The mail; b"" for one that is larger than we take."""
    _state, told = server.uid("fetch", uid, "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(piece for piece in told if isinstance(piece, bytes)))
    if size and int(size[1]) > MOST_BYTES:
        return b""
    _state, told = server.uid("fetch", uid, "(BODY.PEEK[])")
    return next((piece[1] for piece in told if isinstance(piece, tuple)), b"")


def keep(raw: bytes) -> int:
    """Keep a mail for each of our addresses that it names; returns for how many it was new."""
    top = BytesHeaderParser().parsebytes(raw[:LONGEST_HEAD], headersonly=True)
    named = [address for header in TO for line in heads(top, header) for address in ADDRESS.findall(line)]
    ours = [address.lower() for address in named if read_address(address)]
    returned_to = heads(top, "Return-Path")
    return receive_all(raw, ours, envelope_sender=returned_to[0].strip() if returned_to else None)
