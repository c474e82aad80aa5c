"""Mail as it comes in, read into what the portal needs of it; hostile, huge and broken mail included."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser

from django.conf import settings

from munistem.commons.mail.bodies import text_of_html, unfolded
from munistem.commons.mail.charsets import decode, header
from munistem.commons.mail.quoting import CUT, answer_in
from munistem.commons.text.names import harmless, harmless_text

MEGABYTE = 1024 * 1024
MOST_BYTES = 30 * MEGABYTE  # what mail servers pass on at most
MOST_BOUNDARIES, MOST_PARTS = 60, 150
LONGEST_HEAD = 256 * 1024
LONGEST_PARAMETERS = 4_000
LONGEST_FROM = 2_000  # patterns of addresses take time by the square
LONGEST_TEXT = 300_000
PARAMETERS = re.compile(rb"^content-(?:type|disposition)\s*:", re.IGNORECASE | re.MULTILINE)
FOLD_ENDS = re.compile(rb"\n(?![ \t])")
SMALL_PICTURE = 40 * 1024  # logos of signatures; what is pasted on purpose is larger
#: Parts that mail programs add for each other.
NOISE = re.compile(
    r"smime\.p7[sm]|signature\.asc|att\d+\.(?:txt|html?)|oledata\.mso|image\d{3}\.(?:wmz|emz)", re.I
)
ADDRESS = re.compile(r"[^\s<>,;:()\"\[\]@]+@[^\s<>,;:()\"\[\]@]+\.[^\s<>,;:()\"\[\]@]+")
#: What is said beside an address: quoted names, in which a quote may stand behind a backslash, and remarks in brackets.
ASIDE = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')
AWAY = re.compile(
    r"\s*(?:auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|מענה אוטומטי|תשובה אוטומטית|תגובה אוטומטית"
    r"|הודעה אוטומטית|מחוץ למשרד|رد تلقائي|الرد التلقائي|رد آلي|خارج المكتب)\b",
    re.I,
)
DAEMONS = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|auto(?:reply|responder))(?:[+-].*)?@",
    re.I,
)


class Unreadable(Exception):
    """The mail is too large or too odd to be taken apart; the words say how."""


@dataclass(frozen=True)
class Enclosed:
    """A file that came with a mail."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Verdict:
    """What a mail server says of a letter that it could not deliver (RFC 3464)."""

    action: str
    status: str
    words: str
    addresses: tuple[str, ...] = ()  # of whom it speaks, as written to and as passed on, in small letters


@dataclass(frozen=True)
class Incoming:
    """A mail. sender: in small letters, "" unless there is exactly one; text: what the sender wrote, without what it answers
    and signature; files: that can be kept; left_out: names of parts that cannot; calendars: calendar parts; machine: what
    kind of machine wrote it, "" for a person; vouched: whether our own mail server says that the sender is who it says,
    None when it is not asked; verdict: of a mail that came back.
    """

    message_id: str
    sender: str
    subject: str
    text: str
    files: tuple[Enclosed, ...]
    left_out: tuple[str, ...]
    calendars: tuple[bytes, ...]
    machine: str
    vouched: bool | None
    verdict: Verdict | None


def parse(raw: bytes) -> Incoming:
    """Read a mail; raises Unreadable and nothing else, in bounded time and memory."""
    refuse_hostile(raw)
    try:
        message: Message = BytesParser().parsebytes(raw)
        return read(message, raw)
    except (
        MessageError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
        RecursionError,
    ) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:200]) from error


def refuse_hostile(raw: bytes) -> None:
    """Raise Unreadable for what would take the reader too long: nested without end, or headers by the million."""
    if len(raw) > MOST_BYTES:
        raise Unreadable("too large")
    if len(re.findall(rb"boundary", raw, re.I)) > MOST_BOUNDARIES:
        raise Unreadable("too many parts in parts")
    head = re.split(rb"\r?\n\r?\n", raw[: LONGEST_HEAD + 4], maxsplit=1)[0]
    if len(head) > LONGEST_HEAD:
        raise Unreadable("headers too long")
    if raw.count(b"\n") > 20_000 + len(raw) // 50 or raw.count(b"\r") > raw.count(b"\n") + 1_000:
        raise Unreadable("too many lines")
    for count, found in enumerate(PARAMETERS.finditer(raw)):
        piece = raw[found.end() : found.end() + LONGEST_PARAMETERS]
        if count > 4 * MOST_PARTS or (len(piece) == LONGEST_PARAMETERS and not FOLD_ENDS.search(piece)):
            raise Unreadable("too many parts, or what is said of one is too long")


def read(message: Message, raw: bytes) -> Incoming:
    parts = list(leaves(message))
    sender = sender_of(message)
    plain, page = texts_of(parts)
    files, left_out = files_of(parts, page)
    return Incoming(
        message_id=head(message, "Message-ID")[:300] or hashlib.sha256(raw).hexdigest(),
        sender=sender,
        subject=harmless(head(message, "Subject"))[:500],
        text=answer_of(plain, page),
        files=files,
        left_out=left_out,
        calendars=tuple(content(part) for part in parts if part.get_content_type() == "text/calendar"),
        machine=machine_of(message, sender),
        vouched=vouched(message, sender),
        verdict=verdict_of(message),
    )


def head(message: Message, name: str) -> str:
    return next(iter(heads(message, name)), "")


def heads(message: Message, name: str) -> list[str]:
    """All headers of a name, readable; the uppermost first."""
    raw = message.raw_items()  # type: ignore[attr-defined]
    return [header(value) for key, value in raw if key.lower() == name.lower()]


def leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in their order; mails inside of mails count as one part."""
    waiting, count = [message], 0
    while waiting:
        part, count = waiting.pop(), count + 1
        if count > MOST_PARTS:
            raise Unreadable("too many parts")
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting.extend(reversed(part.get_payload()))  # type: ignore[arg-type]
        else:
            yield part


def sender_of(message: Message) -> str:
    """The one address in From; "" when there is none or more than one: such mail is meant to deceive."""
    named = heads(message, "From")
    bare = ASIDE.sub(" ", named[0]) if len(named) == 1 and len(named[0]) <= LONGEST_FROM else ""
    found = {address.lower() for address in ADDRESS.findall(bare)}
    return found.pop() if len(found) == 1 else ""


def content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def file_name(part: Message) -> str:
    """As the sender's program wrote it, by any of the ways in which they do."""
    name = part.get_filename() or ""
    return harmless(header(name)) if name else ""


def is_enclosed(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(file_name(part))


def texts_of(parts: list[Message]) -> tuple[str, str]:
    """What stands in the mail as plain text, and as HTML."""
    plain, page = [], []
    for part in parts:
        kind = part.get_content_type()
        if kind not in {"text/plain", "text/html"} or is_enclosed(part):
            continue
        text = decode(content(part)[: 4 * LONGEST_TEXT], str(part.get_param("charset") or ""))
        if kind == "text/html":
            page.append(text)
        elif str(part.get_param("format") or "").lower() == "flowed":
            plain.append(unfolded(text, drops_space=str(part.get_param("delsp") or "").lower() == "yes"))
        else:
            plain.append(text)
    return "\n".join(plain)[:LONGEST_TEXT], "\n".join(page)


def answer_of(plain: str, page: str) -> str:
    """What the sender wrote. The marks in HTML are surer than patterns in plain text, and its lines are whole."""
    marked = text_of_html(page) if page else ""
    if CUT in marked and (answer := answer_in(marked)):
        return harmless_text(answer.replace(CUT, ""))
    text = plain if plain.strip() else marked
    return harmless_text(answer_in(text).replace(CUT, ""))


def files_of(parts: list[Message], page: str) -> tuple[tuple[Enclosed, ...], tuple[str, ...]]:
    """Files to keep, and names of what cannot be: mails within the mail, and what Outlook packs into winmail.dat."""
    files, left_out = [], []
    for part in parts:
        name, kind = file_name(part), part.get_content_type()
        if kind == "message/rfc822" and part.get_content_disposition() == "attachment":
            left_out.append(name or "message.eml")
        elif kind == "application/ms-tnef" or name.lower() == "winmail.dat":
            left_out.append(name or "winmail.dat")
        elif is_enclosed(part) and kind != "text/calendar" and not NOISE.fullmatch(name):
            data = content(part)
            if not is_logo(part, data, page):
                files.append(Enclosed(name or f"file.{part.get_content_subtype()}", data))
    return tuple(files), tuple(left_out)


def is_logo(part: Message, data: bytes, page: str) -> bool:
    """A small picture that the HTML of the mail shows."""
    number = head(part, "Content-ID").strip("<>")
    is_picture = part.get_content_maintype() == "image"
    return bool(is_picture and number and len(data) < SMALL_PICTURE and f"cid:{number}" in page)


def machine_of(message: Message, sender: str) -> str:
    """What kind of machine wrote a mail; "" when a person did."""
    kind = message.get_content_type()
    if kind == "multipart/report":
        return "bounce" if message.get_param("report-type") == "delivery-status" else "receipt"
    said = head(message, "Auto-Submitted").lower()
    if (said and not said.startswith("no")) or AWAY.match(head(message, "Subject")):
        return "auto-reply"
    if head(message, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}:
        return "list"
    if any(head(message, name) for name in ("List-Id", "List-Unsubscribe", "Feedback-ID")):
        return "list"
    names = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Mail-Autoreply")
    if any(head(message, name) for name in names) or DAEMONS.match(sender):
        return "auto-reply"
    return ""


def verdict_of(message: Message) -> Verdict | None:
    """What a report of failed delivery says of its first recipient."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in leaves(message):
        if part.get_content_type() == "message/delivery-status":
            for block in part.get_payload()[1:3]:  # type: ignore[index]
                if isinstance(block, Message) and block.get("Action"):
                    words = head(block, "Diagnostic-Code")[:300]
                    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", head(block, "Status"))
                    said = "\n".join(head(block, name) for name in ("Original-Recipient", "Final-Recipient"))
                    named = tuple(dict.fromkeys(map(str.lower, ADDRESS.findall(said[:LONGEST_FROM]))))
                    return Verdict(
                        head(block, "Action").lower()[:20], status[0] if status else "", words, named
                    )
    return None


# What our own mail server says of the sender ---------------------------------------------------------------


def vouched(message: Message, sender: str) -> bool | None:
    """Whether the mail server named in INBOUND_AUTHSERV found the sender's domain true; None without that setting.

    Only the uppermost header of that server counts: it stands above all that came with the mail.
    """
    if not settings.INBOUND_AUTHSERV:
        return None
    lines = heads(message, "Authentication-Results")
    said = [line[:LONGEST_PARAMETERS] for line in lines if is_ours(line)]
    domain = sender.rpartition("@")[2]
    if not said or not domain:
        return False
    if verdict := next((line for line in said if "dmarc=" in line.lower()), ""):
        judged = re.findall(r"\bheader\.from=([\w.-]+)", verdict, re.I)
        is_of_sender = all(
            is_within(domain, one) for one in judged
        )  # servers may read an odd From otherwise than we
        return bool(re.search(r"\bdmarc=pass\b", verdict, re.I)) and is_of_sender
    return passes(said[0], domain)


def is_ours(line: str) -> bool:
    return line.split(";")[0].lower().split()[:1] == [settings.INBOUND_AUTHSERV.lower()]


def passes(line: str, domain: str) -> bool:
    """Whether a signature or the sending server is one of the sender's own domain (or of a domain above it)."""
    signed = re.findall(r"\bdkim=pass\b[^;]*?\bheader\.[di]=@?([\w.-]+)", line, re.I)
    sent = re.findall(r"\bspf=pass\b[^;]*?\bsmtp\.mailfrom=(?:[^\s;@]*@)?([\w.-]+)", line, re.I)
    return any(is_within(domain, one) for one in signed + sent)


def is_within(domain: str, other: str) -> bool:
    """Whether a domain is another one or below it."""
    return domain == other.lower() or domain.endswith(f".{other.lower()}")
