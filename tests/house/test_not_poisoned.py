"""What is kept in memory is kept for everyone: nothing that one reader sends may stand on the next one's page."""

import pytest

from tests.house.test_bad_input import Visit, addresses, visit_of
from tests.house.test_bad_input import world as world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MARK = "Poisoned7Well"
ASKED = (
    f"zzz={MARK}&page=1",
    "&".join(
        f"{name}={MARK}"
        for name in ("q", "year", "as", "kind", "in", "sort", "stage", "town", "next", "go", "place")
    ),
)
HEADERS = dict.fromkeys(
    ("HX-Current-URL", "Referer", "X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-Request-ID"),
    f"http://{MARK}.example/{MARK}",
) | {"X-Forwarded-Host": f"{MARK}.example", "User-Agent": MARK, "Accept-Language": MARK}


def test_nothing_that_one_reader_sends_stands_on_the_next_ones_page(world):
    first, second = visit_of(world, "visitor"), visit_of(world, "visitor")
    poisoned = []
    for path in addresses(world):
        for query in ASKED:
            first.get(path, query)
        ask_with_headers(first, path)
        answer = second.get(path)
        if not answer.streaming and (
            MARK in answer.content.decode("utf-8", "replace") or MARK in str(answer.headers)
        ):
            poisoned.append(path)
    assert poisoned == []
    assert first.faults == second.faults == []


def ask_with_headers(visit: Visit, path: str) -> None:
    """The same page with what proxies and scripts add, and people who mean harm forge."""
    visit.client.defaults |= {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in HEADERS.items()
    }
    visit.get(path, what="forged headers")
    for name in HEADERS:
        visit.client.defaults.pop(f"HTTP_{name.upper().replace('-', '_')}")
