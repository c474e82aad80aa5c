"""``python -m bench.live``: 500 idle readers of one topic – asking again, and server-sent events – beside people who read."""

import argparse
import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bench.asking import cookie_of
from bench.load import load
from bench.network import DATA, Network, environment, ready
from bench.serving import memory_of, processor_of, served

HERE = Path(__file__).parent
LIVE = Network("live", people=600, topics=400, posts=8_000, items=50)
THREADS = "--threads=520"  # connections are not spread evenly; who gets no thread waits for good
WAYS: dict[str, dict[str, Any]] = {
    "asking again": {"path": "/live/", "settings": "munistem.settings"},
    "events, a thread each": {"path": "/stream/thread/", "options": (THREADS,)},
    "events, ASGI": {
        "path": "/stream/loop/",
        "options": ("--worker-class=asgi",),
        "application": "bench.asgi:application",
    },
}


class Readers:
    """Idle readers of a topic in a thread of their own; notes who was answered, when, and what failed."""

    def __init__(self, port: int, path: str, cookies: list[str], every: float):
        self.port, self.path, self.cookies, self.every = port, path, cookies, every
        self.answered: dict[int, float] = {}
        self.bodies, self.unchanged, self.failures, self.is_over = 0, 0, 0, False
        self.slowest = 0.0
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()), daemon=True)

    async def run(self) -> None:
        read = self.listen if "stream" in self.path else self.ask
        tasks = [asyncio.create_task(read(number, cookie)) for number, cookie in enumerate(self.cookies)]
        while not self.is_over:
            await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def question(self, cookie: str, tag: str = "") -> bytes:
        lines = [f"GET {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}"]
        lines += [f"If-None-Match: {tag}"] if tag else []
        return ("\r\n".join([*lines, "", ""])).encode()

    async def ask(self, number: int, cookie: str) -> None:
        """As static/js/live.js does, a new connection each time, as after the server's keep-alive."""
        tag = ""
        await asyncio.sleep(self.every * number / len(self.cookies))
        while True:
            begun = time.perf_counter()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(self.question(cookie, tag))
                head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)).decode()
                writer.close()
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                self.failures += 1
            else:
                status = int(head.split(" ", 2)[1])
                self.unchanged += status == 304
                if status == 200:
                    self.bodies += 1
                    self.answered[number] = time.perf_counter()
                    tag = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("etag: "))
                elif status != 304:
                    self.failures += 1
                self.slowest = max(self.slowest, time.perf_counter() - begun)
            await asyncio.sleep(max(0.0, self.every - (time.perf_counter() - begun)))

    async def listen(self, number: int, cookie: str) -> None:
        await asyncio.sleep(8 * number / len(self.cookies))  # they do not all come in one instant
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(self.question(cookie))
            while line := await reader.readline():
                if line.startswith(b"data:"):
                    self.bodies += 1
                    self.answered[number] = time.perf_counter()
            self.failures += 1  # it was closed from the other side
        except OSError:
            self.failures += 1


@contextlib.contextmanager
def reading(readers: Readers) -> Iterator[None]:
    readers.thread.start()
    try:
        yield
    finally:
        readers.is_over = True
        readers.thread.join(30)


def connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where datname = current_database()")
        return cursor.fetchone()[0]


def told_after(readers: Readers, topic: Any) -> list[float]:
    """Seconds until each reader knew of an answer, as far as they did within some time."""
    from communities.actions.topic import reply
    from communities.models import Membership

    member = Membership.objects.active().filter(community=topic.community).order_by("pk").first().person
    begun = time.perf_counter()
    reply(by=member, topic=topic, body="<p>Yes.</p>")
    time.sleep(min(readers.every, 20) + 3)
    return sorted(moment - begun for moment in readers.answered.values() if moment > begun)


def measure(way: str, count: int, every: float, seconds: float) -> dict[str, Any]:
    """One way: what people who read get beside so many idle readers, and what these hold."""
    from communities.models import Topic
    from members.models import User

    topic = Topic.objects.filter(community__access="open", post_count__gte=10, locked_at=None).order_by("pk")[
        0
    ]
    people = User.objects.filter(is_active=True, is_staff=False).order_by("pk")[:count]
    cookies = [cookie_of(person.email) for person in people]
    plan = WAYS[way]
    path = f"{plan['path']}?topic={topic.pk}&after={topic.post_count}"
    page, cookie = f"/topics/{topic.pk}/", cookie_of("manager@munistem.example")
    database = int((DATA / "pg" / "postmaster.pid").read_text().split()[0])
    row: dict[str, Any] = {"way": way, "readers": len(cookies)}
    settings = plan.get("settings", "bench.stream_settings")
    application = plan.get("application", "munistem.wsgi:application")
    with (
        served("bench.floor_settings") as (floor, _),
        served(settings, *plan.get("options", ()), application=application) as (port, pid),
    ):
        load(port, page, cookie=cookie, seconds=2)

        def beside() -> dict[str, float]:
            ground = load(floor, "/", cookie=cookie, concurrency=8, seconds=seconds / 2)
            before = processor_of(pid, database)
            ours = load(port, page, cookie=cookie, concurrency=8, seconds=seconds)
            cost = (processor_of(pid, database) - before) / len(ours.times) * 1000
            more = load(floor, "/", cookie=cookie, concurrency=8, seconds=seconds / 2)
            ratio = 2 * ours.rps / ((ground.rps + more.rps) or 1)
            return {"ratio": round(ratio, 2), "processor_ms": round(cost, 1), "failures": ours.failures}

        row["alone"] = {**beside(), "megabytes": round(memory_of(pid))}
        readers = Readers(port, path, cookies, every)
        with reading(readers):
            time.sleep(every + 2 if "stream" not in path else 14)
            row["held"] = len(readers.answered)
            before = processor_of(pid, database)
            time.sleep(every)
            row["idle_share"] = round((processor_of(pid, database) - before) / every, 3)
            row["beside"] = {"ratio": beside()["ratio"], "megabytes": round(memory_of(pid))}
            row["connections"] = connections()
            times = told_after(readers, topic)
            row |= {"told": len(times), "failures": readers.failures}
            if times:
                row["told_after"] = {
                    "median": round(times[len(times) // 2], 1),
                    "last": round(times[-1], 1),
                }
            row["questions"] = {"200": readers.bodies, "304": readers.unchanged}
    print(json.dumps(row))
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--every", type=float, default=15, help="seconds between two questions of a reader")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--ways", nargs="*", choices=list(WAYS), default=list(WAYS))
    options = parser.parse_args()
    environment(LIVE)
    import django

    django.setup()
    from munistem import pgdev

    try:
        ready(LIVE)
        rows = [measure(way, options.readers, options.every, options.seconds) for way in options.ways]
    finally:
        pgdev.stop(DATA / "pg")
    target = HERE / "results" / f"live-{date.today():%F}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
