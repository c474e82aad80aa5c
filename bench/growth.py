"""The same pages among ten times as many people and texts, turn by turn; and the plan of each query that takes over 5 ms."""

import argparse
import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import network
from bench.asking import MEMBER, Page, Readers, chosen, cookie_of, deep_pages, pages
from bench.load import load
from bench.network import ONE, TEN
from bench.serving import machine, postmaster, processor_of, served

Row = dict[str, Any]
#: A page may become so much slower by the clock, and a query so slow before its plan is kept.
MOST, SLOW_MS = 1.3, 5
#: Why a query takes its time: (page, a part of its text) → one sentence.
WHY: dict[tuple[str, str], str] = {
    ("My day", "new_topics"): (
        "Asks of each topic of my communities with posts of the last 60 days how far I have read it, by the index of reading marks, twice; "
        "it grows with what is said in my communities within 60 days, not with the network: ten times as lively communities, ten times the work."
    ),
    ("communities", "topics_with_news"): (
        "The same question as on My day, narrowed to what came since I last looked in; after a visit to each community it is short."
    ),
    ("search common word", "version_of_all"): (
        "Sums the versions of all rows that a search may show, to know whether kept results still hold; "
        "it reads whole tables, so it grows with them. A counter that writing moves on would cost nothing."
    ),
    ("middle of the library", "knowledge_item"): (
        "Passes over half of the items within an index that holds all that sight hangs on; the pages that a pager leads to "
        "stand near one of the two ends or beside this one."
    ),
    ("middle of the people", "members_user"): (
        "Reads who acts for an organisation now, and passes over half of the people within the index of names; "
        "only who types such a number gets there, first and last pages stop after a page of them."
    ),
}
LINE = "{page:24} {who:8} c={concurrency:<3} p50 {p50:7} → {p50_tenfold:7} ms ×{growth:<5} processor {ms:6} → {ms_tenfold:6} ms ×{work}"


def run(options: argparse.Namespace, place: Path) -> None:
    """Measure, and keep the rows, the table and the plans, unless only some pages were asked for."""
    rows = measure_growth(options)
    slow = list(slow_queries(chosen([*pages(), *deep_pages()], options.only)))
    for page, who, sql, milliseconds, _plan in slow:
        print(f"{milliseconds:7.1f} ms  {page}, {who}: {sql[:160]}")
    if options.only:
        return
    facts = ", ".join(f"{name} {value}" for name, value in machine().items())
    place.parent.mkdir(exist_ok=True)
    place.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n")
    place.with_suffix(".md").write_text(
        "\n".join(["# Ten times as much", "", facts, "", *table(rows)]) + "\n"
    )
    plans = place.with_name(place.name.replace("growth", "explain"))
    plans.with_suffix(".md").write_text("\n".join(told(slow)) + "\n")


def told(slow: Iterable[tuple[str, str, str, float, str]]) -> Iterator[str]:
    """The slow queries with what explains each, and their plans."""
    yield f"# Queries over {SLOW_MS} ms among 1,000,000 posts\n"
    for page, who, sql, milliseconds, plan in slow:
        yield f"## {page}, {who}: {milliseconds:.0f} ms\n"
        yield f"{why(page, sql)}\n"
        yield f"```sql\n{textwrap.fill(sql, 140, break_long_words=False)[:3_000]}\n```\n"
        yield f"```\n{plan}\n```\n"


def why(page: str, sql: str) -> str:
    """What has been found out about a slow query."""
    for (where, part), words in WHY.items():
        if where == page and part in sql:
            return words
    return "Not explained yet."


def measure_growth(options: argparse.Namespace) -> list[Row]:
    """One network and the tenfold one in turn, page by page, as each of its readers."""
    asked: list[dict[str, Page]] = []
    readers, ports = [], []
    rows: list[Row] = []
    with ExitStack() as stack:
        for one in (ONE, TEN):
            network.ready(one)
            asked.append({page.name: page for page in chosen([*pages(), *deep_pages()], options.only)})
            readers.append(Readers())
            ports.append(stack.enter_context(served("munistem.settings")))
        for name, page in asked[0].items():
            paths = [page.paths, asked[1][name].paths]
            for who in page.readers:
                cookies = [known.of(page, who) for known in readers]
                for concurrency in options.concurrency:
                    row = {"page": name, "who": who, "concurrency": concurrency}
                    rows.append(row | in_turn(ports, paths, cookies, concurrency, options.seconds))
                    print(LINE.format(**rows[-1]), flush=True)
    return rows


def in_turn(
    ports: list[tuple[int, int]],
    paths: list[tuple[str, ...]],
    cookies: list[list[str]],
    concurrency: int,
    seconds: float,
) -> Row:
    """Small, tenfold, small, tenfold: middle times and the processor's time of one answer, Python and PostgreSQL together."""
    times: list[list[float]] = [[], []]
    spent = [0.0, 0.0]
    for (port, _pid), path, asking in zip(ports, paths, cookies, strict=True):
        load(port, *path, cookies=asking, concurrency=concurrency, seconds=0.5)
    for turn in range(4):
        side = turn % 2
        port, pid = ports[side]
        before = processor_of(pid, postmaster())
        result = load(port, *paths[side], cookies=cookies[side], concurrency=concurrency, seconds=seconds / 2)
        spent[side] += processor_of(pid, postmaster()) - before
        times[side] += result.times
    small, tenfold = (sorted(found)[len(found) // 2] for found in times)
    work, more = (spent[side] * 1000 / len(times[side]) for side in (0, 1))
    return {
        "p50": round(small, 1),
        "p50_tenfold": round(tenfold, 1),
        "growth": round(tenfold / small, 2),
        "ms": round(work, 1),
        "ms_tenfold": round(more, 1),
        "work": round(more / work, 2) if work else 0.0,
    }


def table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| page | who | at once | p50, ms | among ten times as much | times | processor, ms | among ten times as much | times |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        mark = " ✗" if row["growth"] > MOST else ""
        cells = [
            *(row["page"], row["who"], row["concurrency"], row["p50"], row["p50_tenfold"]),
            *(f"{row['growth']:.2f}{mark}", row["ms"], row["ms_tenfold"], f"{row['work']:.2f}"),
        ]
        yield f"| {' | '.join(map(str, cells))} |"


def slow_queries(asked: Iterable[Page]) -> Iterator[tuple[str, str, str, float, str]]:
    """(page, who, SQL, milliseconds, plan) of each query on the network in use that takes long a second time too."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    key = cookie_of("manager@munistem.example")
    known: set[str] = set()
    for page in asked:
        for who in page.readers:
            client = Client()
            if who == MEMBER:
                client.cookies.load(key)
            client.get(page.paths[0])
            with CaptureQueriesContext(connection) as captured:
                client.get(page.paths[-1])
            for query in captured.captured_queries:
                shape = re.sub(r"'[^']*'|\d+", "?", query["sql"])
                if shape in known or not re.match(r"\(?(SELECT|WITH|EXECUTE)", query["sql"]):
                    continue
                milliseconds, plan = explained(query["sql"])
                if milliseconds > SLOW_MS:
                    known.add(shape)
                    yield page.name, who, written(query["sql"]), milliseconds, plan


def written(sql: str) -> str:
    """The question itself where a ready one is asked by its name."""
    from django.db import connection

    name = re.match(r'EXECUTE "([^"]+)"', sql)
    if not name:
        return sql
    with connection.cursor() as cursor:
        cursor.execute("select statement from pg_prepared_statements where name = %s", [name[1]])
        return cursor.fetchone()[0]


def explained(sql: str) -> tuple[float, str]:
    """The quicker of two runs: milliseconds and plan."""
    from django.db import connection

    found = []
    for _turn in range(2):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
            lines = [line for (line,) in cursor.fetchall()]
        found.append(
            (float(re.search(r"Execution Time: ([\d.]+)", lines[-1])[1]), "\n".join(lines))  # type: ignore[index]
        )
    return min(found)
