"""Two sets of web processes behind nginx, one primary, one replica: what it brings, and what happens when parts die.

    BENCH_DIR=.local/scale python -m bench.scale        # some minutes; see scale.md here

One machine stands for four, so that not requests a second but the processor's time of each part tells what more machines bring.
"""

import argparse
import contextlib
import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench.cluster import (
    Server,
    Standby,
    await_answer,
    pooled,
    pooler_of,
    proxied,
    running_web,
    standby_of,
    web_set,
)
from bench.network import DATA, SMALL, environment, leave, ready
from bench.serving import free_port, machine, postmaster, processor_of

Row = dict[str, Any]


class Machines:
    """The parts that run, and the processor's time of each."""

    def __init__(self, standby: Standby, poolers: list[Server]):
        self.standby, self.poolers = standby, poolers
        address = f"postgresql://postgres@/{SMALL.name}?host={standby.host}&port={standby.port}"
        self.one = {"DATABASE_URL": address, "TRUSTED_PROXIES": "1"}
        self.through_pooler = self.one | {
            "DATABASE_URL": self.through("rw"),
            "DATABASE_POOLER": "transaction",
            "DATABASE_DIRECT_URL": address,
        }
        self.with_replica = self.through_pooler | {"DATABASE_REPLICA_URL": self.through("ro")}

    def through(self, way: str) -> str:
        return f"postgresql://postgres@/{SMALL.name}?host={pooler_of(self.standby, way)}&port=6432"

    def used(self, webs: list[Server], proxy: Server) -> dict[str, float]:
        return {
            "web": processor_of(*(web.pid for web in webs)),
            "primary": processor_of(postmaster()),
            "replica": processor_of(self.standby.pid),
            "pooler": processor_of(*(pooler.pid for pooler in self.poolers)),
            "proxy": processor_of(proxy.pid),
        }


def measure(machines: Machines, seconds: float) -> Iterator[Row]:
    """Pages through one set and two, with and without pooler and replica; what each part used for one answer."""
    from bench.asking import MEMBER, chosen, cookie_of, pages
    from bench.load import load

    asked = chosen(pages(), "topic, list of topics, item, communities, search common word")
    cookies = {"visitor": "", MEMBER: cookie_of("manager@munistem.example")}
    leave()
    ways = {
        "one set": (1, machines.one),
        "two sets": (2, machines.one),
        "two sets, pooler": (2, machines.through_pooler),
        "two sets, pooler, replica": (2, machines.with_replica),
    }
    for way, (count, surroundings) in ways.items():
        with ExitStack() as stack:
            webs = [stack.enter_context(web_set(free_port(), **surroundings)) for _ in range(count)]
            proxy = stack.enter_context(proxied(*(web.port for web in webs)))
            for page in asked:
                for who, cookie in cookies.items():
                    load(proxy.port, page.path, cookie=cookie, seconds=1.5)
                    before = machines.used(webs, proxy)
                    result = load(proxy.port, page.path, cookie=cookie, seconds=seconds)
                    after = machines.used(webs, proxy)
                    answers = max(len(result.times), 1)
                    each = {part: round((after[part] - before[part]) * 1000 / answers, 2) for part in after}
                    yield {
                        "way": way, "page": page.name, "who": who, "rps": round(result.rps, 1),
                        "p50": round(result.percentile(0.5), 1), "p95": round(result.percentile(0.95), 1),
                        "failures": result.failures, "ms": each,
                    }  # fmt: skip


# What happens when parts die ----------------------------------------------------------------------------


class Asking:
    """Readers and writers who do not stop; every answer that is not as it should be is kept."""

    def __init__(self, port: int, paths: list[str], replies: Any):
        self.port, self.paths, self.replies = port, paths, replies
        self.read = self.slowest = 0.0
        self.faults: list[str] = []
        self.kept: list[tuple[str, str]] = []
        self.unseen: list[str] = []
        self.numbers, self.lock, self.is_over = iter(range(10**9)), threading.Lock(), False

    def __enter__(self) -> "Asking":
        deeds = [self.reader] * 4 + [self.writer] * 2
        self.threads = [threading.Thread(target=deed) for deed in deeds]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_words: Any) -> None:
        self.is_over = True
        for thread in self.threads:
            thread.join(60)

    def ask(
        self, method: str, path: str, cookie: str = "", fields: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        body = urlencode(fields).encode() if fields else None
        headers = {"Host": "127.0.0.1", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        begun = time.perf_counter()
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, quote(path, safe="/?=&%"), body, headers)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
            given = "; ".join(
                value.partition(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"
            )
            return answer.status, text or (answer.getheader("Location") or "").partition("#")[0], given
        finally:
            line.close()
            self.slowest = max(self.slowest, time.perf_counter() - begun)

    def until_over(self, deed: Callable[[], None]) -> None:
        while not self.is_over:
            try:
                deed()
            except (OSError, HTTPException) as error:
                self.faults.append(f"{time.strftime('%T')} {type(error).__name__} {error}")

    def reader(self) -> None:
        def read() -> None:
            number = next(self.numbers)
            status, text, _given = self.ask("GET", self.paths[number % len(self.paths)])
            self.read += 1
            if status != 200 or "</html>" not in text:
                self.faults.append(f"{time.strftime('%T')} {status} of a page")

        self.until_over(read)

    def writer(self) -> None:
        """Answer in a topic, then look whether the answer is there, as a browser that keeps its cookies."""

        def write() -> None:
            with self.lock:
                number = next(self.numbers)
            cookie, fields = self.replies.form(number)
            mark = uuid.uuid4().hex
            path = self.replies.path(number)
            status, place, given = self.ask("POST", path, cookie, {**fields, "body": f"mark{mark}"})
            if status == 429:
                time.sleep(1)
                return
            if status != 302:
                self.faults.append(f"{time.strftime('%T')} {status} of a form")
                return
            self.kept.append((path, mark))
            status, text, _given = self.ask("GET", place, f"{cookie}; {given}")
            if mark not in text:
                self.unseen.append(f"{time.strftime('%T')} {status} {path}")
            time.sleep(0.2)

        self.until_over(write)


def endure(machines: Machines, tell: Callable[[str], None] = print) -> list[Row]:
    """Kill parts while people read and write; each row tells what they saw of it."""
    from bench.asking import Replies, chosen, pages

    paths = [page.path for page in chosen(pages(), "topic, list of topics, communities, item")]
    replies = Replies()
    leave()
    ports = [free_port(), free_port()]
    webs = {port: running_web(port, machines.with_replica) for port in ports}
    rows = []
    try:
        for port in ports:
            await_answer(port)
        with proxied(*ports) as proxy:
            deeds: dict[str, Callable[[], None]] = {
                "nothing": lambda: time.sleep(8),
                "one set ends (TERM) and comes back": lambda: exchange(
                    webs, ports[0], signal.SIGTERM, machines
                ),
                "the other set is killed and comes back": lambda: exchange(
                    webs, ports[1], signal.SIGKILL, machines
                ),
                "replica lags by a second": lambda: lagging(machines.standby, "1s"),
                "replica lags by five seconds": lambda: lagging(machines.standby, "5s"),
                "replica is killed and comes back": lambda: without_replica(machines.standby),
                "replica is promoted": lambda: promote(machines.standby),
            }
            for name, deed in deeds.items():
                with Asking(proxy.port, paths, replies) as asking:
                    time.sleep(2)
                    deed()
                    time.sleep(3)
                rows.append(
                    {
                        "what": name, "pages": int(asking.read), "faults": asking.faults, "written": len(asking.kept),
                        "not seen by their writers": asking.unseen, "slowest": round(asking.slowest, 2),
                        "lost or doubled": [mark for path, mark in asking.kept if count_of(machines, mark) != 1],
                    }
                )  # fmt: skip
                tell(json.dumps(rows[-1], ensure_ascii=False)[:400])
    finally:
        for web in webs.values():
            web.stop()
    return rows


def count_of(machines: Machines, mark: str) -> int:
    statement = f"select count(*) from communities_post where body like '%mark{mark}%'"
    return machines.standby.ask(statement, host=machines.standby.host, name=SMALL.name)[0][0]


def exchange(webs: dict[int, Server], port: int, number: int, machines: Machines) -> None:
    web = webs[port]
    if number == signal.SIGKILL:
        os.killpg(web.pid, number)
        web.process.wait()
    else:
        web.stop(number)
    time.sleep(3)
    webs[port] = running_web(port, machines.with_replica)
    await_answer(port)


def lagging(standby: Standby, delay: str) -> None:
    standby.lag_by(delay)
    time.sleep(8)
    standby.lag_by("0")
    time.sleep(2)


def without_replica(standby: Standby) -> None:
    os.kill(standby.pid, signal.SIGQUIT)
    time.sleep(5)
    with contextlib.suppress(OSError):
        standby.stop("immediate")
    standby.start()
    time.sleep(3)


def promote(standby: Standby) -> None:
    standby.ask("select pg_promote()")
    time.sleep(5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", choices=["pages", "deaths"], default="")
    options = parser.parse_args()
    environment(SMALL)
    import django

    django.setup()
    ready(SMALL)
    told: dict[str, Any] = {"machine": machine()}
    with ExitStack() as stack:
        standby = stack.enter_context(standby_of(DATA / "pg"))
        poolers = [stack.enter_context(pooled(standby, SMALL.name, way)) for way in ("rw", "ro")]
        machines = Machines(standby, poolers)
        if options.only != "deaths":
            told["pages"] = []
            for row in measure(machines, options.seconds):
                told["pages"].append(row)
                print("{way:28} {page:20} {who:8} {rps:7} /s p95 {p95:7} {ms}".format(**row), flush=True)
        if options.only != "pages":
            told["deaths"] = endure(machines)
    target = Path(__file__).parent / "results" / f"scale-{date.today():%F}.json"
    former = json.loads(target.read_text()) if target.exists() else {}
    target.write_text(json.dumps(former | told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
