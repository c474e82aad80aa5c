"""``python -m bench.ways``: other numbers of workers and threads, other ways to the database, each beside what is used."""

import argparse
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from bench import network
from bench.asking import cookie_of, pages
from bench.load import load
from bench.network import DATA, ONE, SMALL
from bench.serving import memory_of, postmaster, processor_of, served

HERE = Path(__file__).parent
#: What is used, in munistem/gunicorn.py and munistem/settings.py.
USED = ("--workers=2", "--threads=4")
#: Ways to serve: options of gunicorn; and to reach the database, see ways_settings.py.
WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "1 worker × 4 threads": (("--workers=1", "--threads=4"), ""),
    "2 × 1, sync": (("--workers=2", "--threads=1", "--worker-class=sync"), ""),
    "2 × 2": (("--workers=2", "--threads=2"), ""),
    "2 × 8": (("--workers=2", "--threads=8"), ""),
    "3 × 4": (("--workers=3", "--threads=4"), ""),
    "4 × 2": (("--workers=4", "--threads=2"), ""),
    "4 × 1, sync": (("--workers=4", "--threads=1", "--worker-class=sync"), ""),
    "a connection for each request": (USED, "new each time"),
    "connections not checked": (USED, "unchecked"),
    "a pool of 8 in each worker": (USED, "pool"),
    "the same once more": (USED, ""),
}
Row = dict[str, Any]


def beside_used(name: str, options: tuple[str, ...], way: str, seconds: float) -> Row:
    """The way and what is used in turn, on the topic page, signed in, 16 at once: speed, processor's time, memory.

    options: of gunicorn; way: of reaching the database, see ``ways_settings``; seconds: of each stretch. Raises SystemExit when
    an answer fails.
    """
    path = next(page.path for page in pages() if page.name == "topic")
    cookie = cookie_of("manager@munistem.example")
    settings = "bench.ways_settings" if way else "munistem.settings"
    with served("munistem.settings", *USED) as (used, used_pid):
        os.environ["BENCH_WAY"] = way
        with served(settings, *options) as (port, pid):
            rates, spent, times = [0.0, 0.0], [0.0, 0.0], [[], []]  # type: ignore[var-annotated]
            for turn in range(6):
                side = turn % 2
                where, process = ((used, used_pid), (port, pid))[side]
                before = processor_of(process, postmaster())
                result = load(where, path, cookie=cookie, seconds=0.5 if turn < 2 else seconds)
                if result.failures:
                    raise SystemExit(f"{name}: {result.failures} of {len(result.times)} answers failed")
                if turn < 2:
                    continue
                spent[side] += processor_of(process, postmaster()) - before
                rates[side] += result.rps / 2
                times[side] += result.times
            memory = memory_of(pid)
    p95 = [sorted(found)[int(len(found) * 0.95)] for found in times]
    return {
        "way": name,
        "rps": round(rates[1], 1),
        "of_used": round(rates[1] / rates[0], 2),
        "p95_of_used": round(p95[1] / p95[0], 2),
        "ms": round(spent[1] * 1000 / len(times[1]), 1),
        "ms_used": round(spent[0] * 1000 / len(times[0]), 1),
        "web_mb": round(memory),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="on the small network")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="", help="a part of the names of the ways")
    options = parser.parse_args()
    of = SMALL if options.small else ONE
    network.environment(of)
    import django

    django.setup()
    from munistem import pgdev

    rows = []
    try:
        network.ready(of)
        for name, (how, way) in WAYS.items():
            if options.only in name:
                rows.append(beside_used(name, how, way, options.seconds))
                print(rows[-1], flush=True)
    finally:
        network.leave()
        pgdev.stop(DATA / "pg", only_idle=True)
    if not options.only:
        target = HERE / "results" / f"ways-{date.today():%F}.json"
        target.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
