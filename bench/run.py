"""``make bench``: the portal's pages beside the floor, in one alternating run; see README.md here."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bench import growth, network, report
from bench.asking import (
    GROWING,
    MEMBER,
    POSTING,
    POSTING_BESIDE_ONE_ROW,
    Page,
    Readers,
    Replies,
    chosen,
    pages,
)
from bench.load import Result, load, post
from bench.network import DATA, ONE, SMALL, TOWNS, Network
from bench.serving import machine, memory_of, postmaster, processor_of, served, working

HERE = Path(__file__).parent
Row = dict[str, Any]


@dataclass
class Sides:
    """Ports and processes of the portal and of the floor."""

    portal: int
    portal_pid: int
    floor: int
    floor_pid: int


@contextmanager
def both() -> Iterator[Sides]:
    """Portal and floor on the network in use."""
    with ExitStack() as stack:
        floor = stack.enter_context(served("bench.floor_settings"))
        portal = stack.enter_context(served("munistem.settings"))
        yield Sides(*portal, *floor)


@dataclass
class Weighed:
    """A stretch of requests with the processor's time of one of them, in milliseconds."""

    result: Result
    python: float
    database: float


def weighed(pid: int, ask: Callable[[], Result]) -> Weighed:
    before = processor_of(pid), processor_of(postmaster())
    result = ask()
    after = processor_of(pid), processor_of(postmaster())
    python, database = (
        (late - early) * 1000 / max(len(result.times), 1) for early, late in zip(before, after, strict=True)
    )
    return Weighed(result, python, database)


def beside_floor(
    sides: Sides, ours: Callable[[float], Result], floor: Callable[[float], Result], seconds: float
) -> Row:
    """Floor, portal, portal, floor: what came out, as the columns of a row."""
    first = weighed(sides.floor_pid, lambda: floor(seconds / 2))
    portal = weighed(sides.portal_pid, lambda: ours(seconds))
    last = weighed(sides.floor_pid, lambda: floor(seconds / 2))
    ground = first.result + last.result
    floor_ms = (first.python + first.database + last.python + last.database) / 2
    result = portal.result
    return {
        "rps": round(result.rps, 1),
        "p50": round(result.percentile(0.50), 1),
        "p95": round(result.percentile(0.95), 1),
        "p99": round(result.percentile(0.99), 1),
        "ratio": round(result.rps / ground.rps, 2),
        "floor_rps": round(ground.rps, 1),
        "floor_p95": round(ground.percentile(0.95), 1),
        "python_ms": round(portal.python, 1),
        "database_ms": round(portal.database, 1),
        "floor_ms": round(floor_ms, 1),
        "failures": result.failures,
    }


def queries_and_weight(paths: Sequence[str], cookie: str) -> Row:
    """SQL queries of one answer; the page, and it with its styles and scripts after brotli, in bytes."""
    import re

    import brotli
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    if cookie:
        client.cookies.load(cookie)
    client.get(paths[0])
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(paths[-1])
    weight = len(brotli.compress(answer.content, quality=5))
    for name in set(re.findall(rb'(?:href|src)="/static/([^"]+\.(?:css|js))"', answer.content)):
        file = Path(settings.STATIC_ROOT) / name.decode()
        packed = file.with_name(file.name + ".br")
        weight += (packed if packed.exists() else file).stat().st_size
    return {"queries": len(captured), "bytes": len(answer.content), "bytes_br": weight}


def measure(asked: Iterable[Page], options: argparse.Namespace) -> list[Row]:
    """Each page and the floor in turn, as each of its readers, one at a time and many at once."""
    rows = []
    readers = Readers()
    with both() as sides:
        for page in asked:
            for who in page.readers:
                if options.who and who != options.who:
                    continue
                rows += measured(page, who, readers.of(page, who), sides, options)
        if not options.only:
            rows += [{"page": "memory", **memory(sides)}]
    return rows


def measured(
    page: Page, who: str, cookies: list[str], sides: Sides, options: argparse.Namespace
) -> Iterator[Row]:
    facts = queries_and_weight(page.paths, cookies[0])
    load(sides.portal, *page.paths, cookies=cookies, seconds=0.5)
    for concurrency in options.concurrency:

        def ask(port: int, paths: Sequence[str], seconds: float, at_once: int = concurrency) -> Result:
            return load(port, *paths, cookies=cookies, concurrency=at_once, seconds=seconds)

        row = {"page": page.name, "who": who, "concurrency": concurrency} | beside_floor(
            sides,
            lambda seconds, ask=ask: ask(sides.portal, page.paths, seconds),
            lambda seconds, ask=ask: ask(sides.floor, ["/"], seconds),
            options.seconds,
        )
        row |= facts | {"hot": page.is_hot(who)}
        print(report.line(row), flush=True)
        yield row


def measure_replies(of: Network, options: argparse.Namespace) -> list[Row]:
    """Answers posted eight at a time, on a copy that is thrown away; beside the floor's page, and beside a deed that writes one row."""
    network.begin(network.COPY, of)
    replies, rows = Replies(), []
    with both() as sides:
        post(sides.portal, replies.path, replies.form, seconds=0.5)
        floors = {
            POSTING: lambda seconds: load(
                sides.floor, "/", cookies=replies.cookies, concurrency=8, seconds=seconds
            ),
            POSTING_BESIDE_ONE_ROW: lambda seconds: post(
                sides.floor, lambda number: "/write/", replies.form, seconds=seconds
            ),
        }
        for name, floor in floors.items():
            row = {"page": name, "who": MEMBER, "concurrency": 8} | beside_floor(
                sides,
                lambda seconds: post(sides.portal, replies.path, replies.form, seconds=seconds),
                floor,
                options.seconds,
            )
            row |= {"queries": replies.queries(), "bytes": 0, "bytes_br": 0, "hot": False}
            print(report.line(row), flush=True)
            rows.append(row)
    network.use(of.name)
    network.surgery(f"drop database {network.COPY} with (force)")
    return rows


def memory(sides: Sides) -> Row:
    """Megabytes of the web processes, of the worker and of the database, shared pages counted once."""
    with working() as worker:
        found = {
            "web_mb": round(memory_of(sides.portal_pid)),
            "worker_mb": round(memory_of(worker)),
            "database_mb": round(memory_of(postmaster())),
        }
    print("memory: web {web_mb} MB, worker {worker_mb} MB, PostgreSQL {database_mb} MB".format(**found))
    return found


def options_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="", help='names of pages, as in "topic, home"; nothing is written')
    parser.add_argument("--who", choices=["visitor", "member"], default="")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--small", action="store_true", help="a small network, for a quick look")
    parser.add_argument("--afresh", action="store_true", help="fill the database anew")
    parser.add_argument("--towns", action="store_true", help="only what grows with the municipalities")
    parser.add_argument(
        "--times", type=int, choices=[10], help="only the growth: the same pages among ten times as much"
    )
    return parser.parse_args()


def run(options: argparse.Namespace) -> list[Row]:
    """What was asked for, on databases that are filled when they are not."""
    of, rows = SMALL if options.small else ONE, []
    if not options.towns:
        network.ready(of, options.afresh)
        rows += measure(chosen(pages(), options.only), options)
        if not options.only or POSTING in options.only:
            rows += measure_replies(of, options)
    if options.towns or not (options.only or options.small):
        network.ready(TOWNS, options.afresh)
        grown = [replace(page, name=GROWING[page.name]) for page in pages() if page.name in GROWING]
        rows += measure(grown, options)
    return rows


def main() -> None:
    options = options_of()
    network.environment(SMALL)
    import django

    django.setup()
    from munistem import catalogs, pgdev

    catalogs.compile_all()
    part = "towns-" * options.towns + "small-" * options.small + "growth-" * bool(options.times)
    place = HERE / "results" / f"{part}{date.today():%F}"
    try:
        if options.times:
            growth.run(options, place)
        else:
            rows = run(options)
            if not options.only:
                report.keep(rows, machine(), place)
    finally:
        network.leave()
        pgdev.stop(DATA / "pg", only_idle=True)


if __name__ == "__main__":
    main()
