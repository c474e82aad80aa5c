"""``python -m bench.search``: the open sets and our hand test beside what else there is; see bench/README.md."""

import argparse
import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench.search import collection, hand, sets, speed
from bench.search.baselines import BM25, Simple, Trigram, stems

ENGINES: dict[str, Callable[[], Any]] = {
    "ours": lambda: collection,
    "BM25, plain words": BM25,
    "BM25, Snowball": lambda: BM25(stems),
    "PostgreSQL simple": Simple,
    "trigrams": Trigram,
}
SLOW = {"trigrams": 30}  # questions a set at most: it reads every text that shares three letters
ALL = 10_000  # more than there are texts of the hand test
RESULTS = Path(__file__).parents[1] / "results"


def measured(engine: Any, texts: list[tuple[str, str]], questions: list[sets.Question]) -> dict[str, float]:
    begun = time.perf_counter()
    engine.index(texts)
    indexed = time.perf_counter() - begun
    found: list[dict[str, float]] = []
    times: list[float] = []
    for question in questions:
        begun = time.perf_counter()
        keys = engine.search(question.text, 10)
        times.append((time.perf_counter() - begun) * 1000)
        found.append(sets.measures(keys, question.answers))
    mean = {name: round(sum(row[name] for row in found) / len(found), 4) for name in found[0]}
    return mean | {"n": len(found), "index_s": round(indexed, 1)} | speed.percentiles(times)


def ask_sets(names: list[str], engines: list[str], every: int) -> list[dict[str, Any]]:
    """One row a set and engine, printed as it is known."""
    if not (folder := sets.place()):
        print("The open sets are not here (SEARCH_SETS=path says where); only the hand test is run.")
        return []
    rows = []
    print(
        f"{'set':10} {'engine':18} {'n':>5} {'MRR@10':>7} {'r@1':>6} {'r@5':>6} {'r@10':>6} {'p50':>6} {'p95':>6} ms"
    )
    for name in names:
        texts, questions = sets.load(folder, name)
        chosen = questions[::every] if len(questions) > 100 else questions
        for engine in engines:
            few = chosen[:: max(1, len(chosen) // SLOW[engine])] if engine in SLOW else chosen
            row = {"set": name, "engine": engine, "every": every} | measured(ENGINES[engine](), texts, few)
            rows.append(row)
            print(
                f"{name:10} {engine:18} {row['n']:5} {row['mrr10']:7.3f} {row['r1']:6.3f} {row['r5']:6.3f} "
                f"{row['r10']:6.3f} {row['p50']:6.1f} {row['p95']:6.1f}",
                flush=True,
            )
    return rows


def ask_hand(engines: list[str]) -> list[dict[str, Any]]:
    """The hand test by each engine, all its texts being one collection."""
    texts = hand.texts()
    keys = {text: key for key, text in texts.items()}
    rows = []
    for name in engines:
        engine = ENGINES[name]()
        engine.index(list(texts.items()))
        score = hand.judge(lambda question, engine=engine: engine.search(question, ALL), keys)
        row = {"set": "hand", "engine": name, "found": score.found, "wanted": score.wanted}
        rows.append(row | {"kept_out": score.kept_out, "unwanted": score.unwanted, "wrong": score.wrong})
        print(
            f"{'hand':10} {name:18} must find {score.found}/{score.wanted}, "
            f"must not find {score.kept_out}/{score.unwanted}",
            flush=True,
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default=",".join(sets.NAMES))
    parser.add_argument(
        "--engines", default=",".join(ENGINES), help="parts of their names, divided by commas"
    )
    parser.add_argument("--every", type=int, default=1, help="ask only every nth question of the larger sets")
    parser.add_argument("--no-hand", action="store_true")
    parser.add_argument(
        "--speed", type=int, metavar="N", help="measure time and size with so many texts instead"
    )
    chosen = parser.parse_args()
    if chosen.speed:
        rows = speed.measure(chosen.speed)
    else:
        engines = [name for name in ENGINES if any(part in name for part in chosen.engines.split(","))]
        rows = ask_sets([name for name in chosen.sets.split(",") if name], engines, chosen.every)
        rows += [] if chosen.no_hand else ask_hand(engines)
    kept = RESULTS / f"search-{date.today()}.json"
    before = json.loads(kept.read_text()) if kept.exists() else []
    same = {(row["set"], row["engine"]) for row in rows}
    rows = [row | {"load": round(os.getloadavg()[0], 1)} for row in rows]
    rows = [row for row in before if (row["set"], row["engine"]) not in same] + rows
    kept.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
