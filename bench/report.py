"""Rows of a run as lines, as JSON and as a table to read."""

import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
LINE = (
    "{page:24} {who:8} c={concurrency:<3} {rps:7} /s ×{ratio:<5} p50 {p50:7} p95 {p95:7} ms   "
    "{python_ms:6} + {database_ms:5} ms of {floor_ms:5}  {queries:3} SQL {bytes_br:7} B{failed}"
)
HEAD = (
    "| page | who | at once | requests/s | of the floor | p50 | p95 | p99, ms | p95 of the floor's "
    "| Python | PostgreSQL | floor, ms of processor | SQL | bytes, plain | brotli, with styles and scripts |"
)


def line(row: Row) -> str:
    """One row for the eye: speed, its share of the floor's, and the processor's time of one answer beside the floor's."""
    return LINE.format(**row, failed=f"  {row['failures']} FAILED" if row["failures"] else "")


def keep(rows: list[Row], facts: dict[str, str], place: Path) -> None:
    """Write ``place``.json (rows, contract.md names their columns) and ``place``.md; the machine stands in each row."""
    place.parent.mkdir(exist_ok=True)
    on = {"machine": f"{facts['processor']}, {facts['memory']}, Python {platform.python_version()}"}
    place.with_suffix(".json").write_text(
        json.dumps([row | on for row in rows if "rps" in row], indent=1) + "\n"
    )
    told = [
        f"# Measured on {place.name[-10:]}",
        "",
        ", ".join(f"{name} {value}" for name, value in facts.items()),
        "",
    ]
    place.with_suffix(".md").write_text("\n".join([*told, *table(rows), "", *memory(rows)]) + "\n")


def table(rows: Iterable[Row]) -> Iterable[str]:
    yield HEAD
    yield "|---" * HEAD.count(" | ") + "|---|"
    for row in rows:
        if "rps" not in row:
            continue
        share = f"{row['p95'] / row['floor_p95']:.1f} ×" if row["floor_p95"] else ""
        cells = [
            *(row["page"] + (" ★" if row["hot"] else ""), row["who"], row["concurrency"], row["rps"]),
            *(f"{row['ratio']:.2f}", row["p50"], row["p95"], row["p99"], share),
            *(row["python_ms"], row["database_ms"], row["floor_ms"], row["queries"]),
            *(f"{row['bytes']:,}", f"{row['bytes_br']:,}"),
        ]
        yield f"| {' | '.join(map(str, cells))} |"


def memory(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        if "web_mb" in row:
            yield "Memory (PSS): web {web_mb} MB, worker {worker_mb} MB, PostgreSQL {database_mb} MB.".format(
                **row
            )
