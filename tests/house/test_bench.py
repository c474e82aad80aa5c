"""The benchmark's own parts: what contract.md promises of its rows, the names of pages, the load client's sums."""

import json

import pytest

from bench import growth, report
from bench.asking import HOT, MEMBER, VISITOR, Page, chosen
from bench.load import Result, request_of

PROMISED = {"page", "who", "concurrency", "rps", "p50", "p95", "p99", "ratio", "queries", "bytes_br", "hot"}
FACTS = {"processor": "2 × none", "memory": "4 GB"}
PAGES = [Page("topic", "/topics/1/"), Page("home", "/", (VISITOR,)), Page("My day", "/", (MEMBER,))]


def row(**values):
    measured = {
        "page": "topic",
        "who": VISITOR,
        "concurrency": 16,
        "rps": 100.0,
        "p50": 8.0,
        "p95": 20.0,
        "p99": 30.0,
        "ratio": 0.7,
        "floor_rps": 143.0,
        "floor_p95": 10.0,
        "python_ms": 8.0,
        "database_ms": 1.0,
        "floor_ms": 6.0,
        "failures": 0,
        "queries": 2,
        "bytes": 90_000,
        "bytes_br": 20_000,
        "hot": True,
    }
    return measured | values


def test_rows_are_kept_as_promised_with_machine_and_memory(tmp_path):
    memory = {"page": "memory", "web_mb": 200, "worker_mb": 90, "database_mb": 150}
    report.keep([row(), memory], FACTS, tmp_path / "results" / "2026-11-26")
    kept = json.loads((tmp_path / "results" / "2026-11-26.json").read_text())
    assert len(kept) == 1
    assert kept[0].keys() >= PROMISED | {"machine"}
    text = (tmp_path / "results" / "2026-11-26.md").read_text()
    assert "| topic ★ | visitor | 16 | 100.0 | 0.70 | 8.0 | 20.0 | 30.0 | 2.0 × |" in text
    assert "web 200 MB, worker 90 MB, PostgreSQL 150 MB" in text


def test_failed_answers_are_told_in_the_line():
    assert "FAILED" not in report.line(row())
    assert report.line(row(failures=3)).endswith("3 FAILED")


def test_pages_are_chosen_by_their_names():
    assert chosen(PAGES, "") == PAGES
    assert chosen(PAGES, "my day, Topic") == [PAGES[0], PAGES[2]]
    assert chosen(PAGES, "posting a reply") == []
    with pytest.raises(SystemExit, match="no page toppic; there are: home, my day"):
        chosen(PAGES, "toppic")


def test_six_rows_are_hot():
    assert len(HOT) == 6
    assert PAGES[0].is_hot(MEMBER)
    assert not PAGES[2].is_hot(MEMBER)


def test_two_stretches_are_one():
    both = Result(10.0, [1.0, 4.0], 1) + Result(20.0, [2.0, 3.0], 0)
    assert (both.rps, both.failures) == (15.0, 1)
    assert (both.percentile(0.5), both.percentile(0.99)) == (3.0, 4.0)
    assert Result().percentile(0.5) == 0.0


def test_requests_are_whole():
    asked = request_of("POST", "/topics/1/", "session=a", b"body=x")
    head, body = asked.split(b"\r\n\r\n")
    assert body == b"body=x"
    assert b"Content-Length: 6" in head
    assert b"Cookie: session=a" in head
    assert b"X-Forwarded-For: 10.1.0.2" in request_of("GET", "/", "", number=65_538)
    assert request_of("GET", "/search/?q=אב", "").startswith(b"GET /search/?q=%D7%90%D7%91 HTTP/1.1\r\n")


def test_growth_over_the_limit_is_marked():
    grown = {"page": "topic", "who": VISITOR, "concurrency": 1, "p50": 5.0, "p50_tenfold": 7.0, "growth": 1.4}
    lines = list(growth.table([grown | {"ms": 5.0, "ms_tenfold": 6.0, "work": 1.2}]))
    assert lines[-1] == "| topic | visitor | 1 | 5.0 | 7.0 | 1.40 ✗ | 5.0 | 6.0 | 1.20 |"
