"""A small load client: keep-alive connections, closed loop, one process."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from random import randrange
from urllib.parse import quote, urlencode

#: What a form sends, told anew for each request: (cookie, fields).
Form = Callable[[int], tuple[str, dict[str, str]]]


@dataclass
class Result:
    """Requests a second and the times of all requests in milliseconds."""

    rps: float = 0.0
    times: list[float] = field(default_factory=list)
    failures: int = 0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0

    def __add__(self, other: "Result") -> "Result":
        """Two equally long stretches as one."""
        return Result((self.rps + other.rps) / 2, [*self.times, *other.times], self.failures + other.failures)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), None
    )
    if length is None:
        raise ValueError("answer without Content-Length")
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def _worker(port: int, request: Callable[[], bytes], wanted: int, until: float, result: Result) -> None:
    connection = None
    while time.perf_counter() < until:
        asked = request()
        begun = time.perf_counter()
        try:
            connection = connection or await asyncio.open_connection("127.0.0.1", port)
            status = await _ask(*connection, asked)
        except (OSError, asyncio.IncompleteReadError):
            connection = None
            continue
        if status != wanted:
            result.failures += 1
        result.times.append((time.perf_counter() - begun) * 1000)
    if connection:
        connection[1].close()


async def _run(
    port: int, request: Callable[[], bytes], wanted: int, concurrency: int, seconds: float
) -> Result:
    result = Result()
    begun = time.perf_counter()
    await asyncio.gather(
        *(_worker(port, request, wanted, begun + seconds, result) for _ in range(concurrency)),
    )
    result.rps = len(result.times) / (time.perf_counter() - begun)
    return result


def request_of(method: str, path: str, cookie: str, body: bytes = b"", number: int = 0) -> bytes:
    """One request; the number tells one reader's address from another's, as a proxy would name it."""
    lines = [f"{method} {quote(path, safe='/?=&%')} HTTP/1.1", "Host: 127.0.0.1", "Connection: keep-alive"]
    lines.append(f"X-Forwarded-For: 10.{number // 65_536 % 256}.{number // 256 % 256}.{number % 256}")
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def load(
    port: int,
    *paths: str,
    cookie: str = "",
    cookies: Sequence[str] = (),
    concurrency: int = 16,
    seconds: float = 5,
) -> Result:
    """Ask one address of the server on this machine, or several in turn, for some seconds with so many connections, as one
    reader or many in turn.
    """
    numbers, readers = count(randrange(2**23)), cycle(cookies or [cookie])

    def request() -> bytes:
        number = next(numbers)
        return request_of("GET", paths[number % len(paths)], next(readers), number=number)

    return asyncio.run(_run(port, request, 200, concurrency, seconds))


def post(
    port: int, path: Callable[[int], str], form: Form, *, concurrency: int = 8, seconds: float = 5
) -> Result:
    """Send a form of its own each time, as browsers do: every answer leads on (302)."""
    numbers = count()

    def request() -> bytes:
        number = next(numbers)
        cookie, fields = form(number)
        return request_of("POST", path(number), cookie, urlencode(fields).encode())

    return asyncio.run(_run(port, request, 302, concurrency, seconds))
