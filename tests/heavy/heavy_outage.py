"""The database is away for half a minute while people write: kind pages, nothing lost, well again by itself.

``make test-heavy``; takes about two minutes.
"""

import json
import time
import urllib.error
import urllib.request

import pytest

from munistem import pgdev
from tests.heavy.heavy_crash import CHECK, LETTERS, queue_is_empty_within
from tests.heavy.people import WHOLE
from tests.heavy.portal import Portal, Writer, known_to

AWAY = 30.0
BACK_WITHIN = 60.0  # at once on a quiet machine
PAGES = ("/", "/communities/", "/knowledge/?q=robotics", "/api/v1/items", "/readyz")


@pytest.fixture
def portal(tmp_path):
    tmp_path.chmod(0o755)
    cluster = tmp_path / "elsewhere"
    url = pgdev.url(cluster)
    try:
        with Portal(tmp_path, database=url) as running:
            running.cluster = cluster
            yield running
    finally:
        pgdev.stop(cluster)


def answer(portal: Portal, path: str) -> tuple[int, float]:
    """Status of a page and how long it took."""
    begun = time.monotonic()
    try:
        status = urllib.request.urlopen(portal.address + path, timeout=30).status
    except urllib.error.HTTPError as error:
        status = error.code
    return status, time.monotonic() - begun


def test_database_that_is_away_for_half_a_minute_costs_nobody_a_word(portal, tmp_path):
    people = portal.people(4)
    writers = [Writer(portal, session, people["topics"], 25) for session in people["sessions"]]
    for writer in writers:
        writer.start()
    while not any(len(writer.texts) > 5 for writer in writers):
        time.sleep(0.05)
    pgdev.stop(portal.cluster)
    gone, seen = time.monotonic(), []
    while time.monotonic() - gone < AWAY:
        seen += [answer(portal, path) for path in PAGES]
        assert answer(portal, "/healthz")[0] == 200
        time.sleep(1)
    assert {status for status, _seconds in seen} == {503}
    pgdev.start(portal.cluster)
    back = portal.wait(BACK_WITHIN)
    assert [answer(portal, path)[0] for path in PAGES] == [200] * len(PAGES)
    for writer in writers:
        writer.join(300)
        assert not writer.is_alive()
    refusals = {words for writer in writers for words in writer.refusals}
    print(f"{len(seen)} pages said so, the slowest after {max(seconds for _status, seconds in seen):.1f} s;")
    print(f"ready again after {back:.1f} s; writers heard {sorted(refusals)}")
    known = known_to(writers)
    (tmp_path / "known.json").write_text(json.dumps(known))
    assert len(known["texts"]) == 100 and refusals == {"503"}
    found = json.loads(portal.run(CHECK, str(tmp_path / "known.json")).splitlines()[-1])
    found.pop("orphans")
    assert found == WHOLE
    assert queue_is_empty_within(portal, 300)
    assert set(json.loads(portal.run(LETTERS).splitlines()[-1])) <= {"sent"}
