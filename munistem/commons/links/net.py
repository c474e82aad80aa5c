"""One careful request: the host is resolved once, every address judged, and the connection made to that very address.

So no name that points into our own network, at once or a moment later (DNS rebinding), and no redirect leads there.
"""

import http.client
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings

SECONDS = 12.0
SECONDS_TO_CONNECT = 5.0
SECONDS_TO_LOOK_UP = 4.0
MOST_LOOKUPS = 8
LOOKUPS = threading.BoundedSemaphore(MOST_LOOKUPS)
MOST_REDIRECTS = 4
MOST_ADDRESSES = 8
LONGEST_URL = 2_000
PIECE = 64 * 1024
PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]+")
REDIRECTS = {301, 302, 303, 307, 308}
#: Inside addresses that some versions of ``ipaddress`` take for public, and ways to write others down.
CLOSED = [
    ipaddress.ip_network(net)
    for net in (
        *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "fec0::/10"),
    )
]


class Refused(Exception):
    """This address is not asked: it is not public, not of the web, or leads on without end."""


class Unreached(Exception):
    """Nobody answered, or not with what was asked for; perhaps another time."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, however it is written."""
    try:
        found: Any = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return (
        found.is_global
        and not (found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback)
        and not any(found in net for net in CLOSED if net.version == found.version)
    )


@dataclass(frozen=True)
class Guard:
    """What may be asked, and how names are looked up; another one is for tests only."""

    is_open: Callable[[str], bool] = is_public
    ports: frozenset[int] = frozenset(PORTS.values())
    resolve: Callable[..., Any] = socket.getaddrinfo


@dataclass(frozen=True)
class Place:
    """An address of the web, taken apart and found fit to be asked."""

    url: str
    scheme: str
    host: str
    port: int
    target: str


@dataclass
class Answer:
    """What came: the address at which the redirects ended, the kind of content, its charset as declared."""

    url: str
    kind: str
    charset: str
    is_cut: bool = False
    size: int = field(default=0)


def place_of(url: str, guard: Guard) -> Place:
    """Take an address apart; raises Refused for what is none of the web, hides a password, or names another port."""
    if len(url) > LONGEST_URL or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused("not an address")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if ":" in host else host.encode("idna").decode().lower()
    except (ValueError, UnicodeError) as error:
        raise Refused("not an address") from error
    if parts.scheme not in PORTS or not HOST.fullmatch(host) or "@" in parts.netloc:
        raise Refused("not an address of the web")
    port = port or PORTS[parts.scheme]
    if port not in guard.ports:
        raise Refused("another port than those of the web")
    safe = "%/:@!$&'()*+,;=-._~"
    target = quote(parts.path or "/", safe=safe) + (
        f"?{quote(parts.query, safe=safe + '?')}" if parts.query else ""
    )
    return Place(parts._replace(fragment="").geturl(), parts.scheme, host, port, target)


def looked_up(place: Place, guard: Guard, seconds: float) -> list[Any]:
    """What the resolver of the system says of a host, which knows no time limit of its own; raises Unreached.

    It is asked on a thread of its own. One that never answers keeps its thread; when as many as MOST_LOOKUPS wait so,
    nothing more is asked until one of them is done.
    """
    if not LOOKUPS.acquire(blocking=False):
        raise Unreached("too many names are being looked up")
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask_resolver() -> None:
        try:
            answers.put(guard.resolve(place.host, place.port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 – told to who waits
            answers.put(error)
        finally:
            LOOKUPS.release()

    threading.Thread(target=ask_resolver, name="name lookup", daemon=True).start()
    try:
        found = answers.get(timeout=max(0.1, min(SECONDS_TO_LOOK_UP, seconds)))
    except queue.Empty:
        raise Unreached("its name was not found in time") from None
    if isinstance(found, Exception):
        raise Unreached("no such host") from found
    return found


def addresses_of(place: Place, guard: Guard, seconds: float = SECONDS) -> list[tuple[int, Any]]:
    """Family and socket address of each address of a host, all of them public; raises Refused, Unreached."""
    found = looked_up(place, guard, seconds)
    rows = [(family, address) for family, _type, _proto, _name, address in found[:MOST_ADDRESSES]]
    if not rows or not all(guard.is_open(str(address[0])) for _family, address in rows):
        raise Refused("not a public address")
    return rows


def dial(place: Place, guard: Guard, ends_at: float) -> socket.socket:
    """A connection to one of the addresses that were judged, and to no other."""
    for family, address in addresses_of(place, guard, ends_at - time.monotonic()):
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(max(0.1, min(SECONDS_TO_CONNECT, ends_at - time.monotonic())))
            line.connect(address)
            if not guard.is_open(str(line.getpeername()[0])):
                raise Refused("not a public address")
            return line
        except Refused:
            line.close()
            raise
        except OSError:
            line.close()
    raise Unreached("no connection")


@contextmanager
def connected(place: Place, guard: Guard, ends_at: float) -> Iterator[http.client.HTTPConnection]:
    """A connection that is cut when the time is over, however slowly the other side speaks."""
    line = dial(place, guard, ends_at)
    left = max(0.1, ends_at - time.monotonic())
    lines = [line]
    clock = threading.Timer(left, cut, [lines])
    clock.daemon = True
    clock.start()
    connection = http.client.HTTPConnection(place.host, place.port)
    try:
        line.settimeout(left)
        if place.scheme == "https":
            secured = ssl.create_default_context().wrap_socket(
                line, server_hostname=place.host, do_handshake_on_connect=False
            )
            lines[0] = line = secured
            secured.do_handshake()
        connection.sock = line
        yield connection
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreached(type(error).__name__) from error
    finally:
        clock.cancel()
        connection.close()
        line.close()


def cut(lines: list[socket.socket]) -> None:
    """End whatever is being waited for; a secured line is cut as the plain one below it is."""
    with suppress(OSError):
        socket.socket.shutdown(lines[0], socket.SHUT_RDWR)


def fetch(
    url: str,
    target: BinaryIO,
    *,
    kinds: tuple[str, ...],
    most: int,
    cuts: bool = False,
    guard: Guard | None = None,
) -> Answer:
    """Write what stands at an address into ``target``; follows redirects, each judged as the first was.

    kinds: beginnings of content types; most: bytes, beyond which it is cut off (``cuts``) or given up. Raises Refused for
    what is never asked, Unreached for what did not answer so.
    """
    guard = guard or Guard()
    ends_at = time.monotonic() + SECONDS
    for _hop in range(MOST_REDIRECTS + 1):
        place = place_of(url, guard)
        with connected(place, guard, ends_at) as connection:
            response = ask(connection, place)
            if response.status in REDIRECTS and (to := response.headers.get("Location")):
                url = urljoin(place.url, to.strip())
                continue
            return take(response, place, target, kinds=kinds, most=most, cuts=cuts)
    raise Refused("led on too often")


def ask(connection: http.client.HTTPConnection, place: Place) -> http.client.HTTPResponse:
    is_usual = place.port == PORTS[place.scheme]
    name = f"[{place.host}]" if ":" in place.host else place.host
    headers = {
        "Host": name if is_usual else f"{name}:{place.port}",
        "User-Agent": f"muniSTEM link preview (+{settings.BASE_URL})",
        "Accept": "text/html,application/xhtml+xml,image/*;q=0.8",
        "Accept-Encoding": "gzip, identity",
        "Accept-Language": "he,ar;q=0.8,en;q=0.6",
        "Connection": "close",
    }
    connection.request("GET", place.target, headers=headers)
    return connection.getresponse()


def take(
    response: http.client.HTTPResponse,
    place: Place,
    target: BinaryIO,
    *,
    kinds: tuple[str, ...],
    most: int,
    cuts: bool,
) -> Answer:
    kind = response.headers.get_content_type()
    if response.status != 200 or not kind.startswith(kinds):
        raise Unreached(f"status {response.status}, {kind}")
    answer = Answer(place.url, kind, str(response.headers.get_content_charset() or ""))
    for piece in unpacked(response):
        room = most - answer.size
        target.write(piece[:room])
        answer.size += min(len(piece), room)
        if len(piece) > room:
            if not cuts:
                raise Unreached("too large")
            answer.is_cut = True
            break
    target.flush()
    return answer


def unpacked(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body piece by piece; what is packed is unpacked no faster than it is read, so that nothing can burst."""
    packed = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in {"", "identity", "gzip", "x-gzip"}:
        raise Unreached("packed in a way that was not asked for")
    if packed in {"", "identity"}:
        while piece := response.read1(PIECE):
            yield piece
        return
    opener = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        while piece := response.read1(PIECE):
            while piece and not opener.eof:
                if out := opener.decompress(piece, PIECE):
                    yield out
                piece = opener.unconsumed_tail
    except zlib.error as error:
        raise Unreached("badly packed") from error
