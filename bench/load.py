"""A small load client: keep-alive connections, closed loop, one process."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Result:
    """Requests a second and the times of all requests in milliseconds."""

    rps: float = 0.0
    times: list[float] = field(default_factory=list)
    failures: int = 0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


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


async def _worker(port: int, request: bytes, until: float, result: Result) -> None:
    connection = None
    while time.perf_counter() < until:
        begun = time.perf_counter()
        try:
            connection = connection or await asyncio.open_connection("127.0.0.1", port)
            status = await _ask(*connection, request)
        except (OSError, asyncio.IncompleteReadError):
            connection = None
            continue
        if status != 200:
            result.failures += 1
        result.times.append((time.perf_counter() - begun) * 1000)
    if connection:
        connection[1].close()


async def _run(port: int, request: bytes, concurrency: int, seconds: float) -> Result:
    result = Result()
    begun = time.perf_counter()
    await asyncio.gather(
        *(_worker(port, request, begun + seconds, result) for _ in range(concurrency)),
    )
    result.rps = len(result.times) / (time.perf_counter() - begun)
    return result


def load(port: int, path: str, *, cookie: str = "", concurrency: int = 16, seconds: float = 5) -> Result:
    """Ask one address of the server on this machine for some seconds with so many connections."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: keep-alive"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    return asyncio.run(_run(port, request, concurrency, seconds))
