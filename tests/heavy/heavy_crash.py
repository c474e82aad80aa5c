"""kill -9 of web workers, web service, job worker and PostgreSQL while people write: nothing acknowledged is lost.

``make test-heavy``; CRASH_WRITES=200 makes it shorter. Takes some minutes.
"""

import json
import os
import re
import time
from pathlib import Path

import pytest

from tests.heavy.people import WHOLE
from tests.heavy.portal import Portal, Writer, known_to

WRITES = int(os.environ.get("CRASH_WRITES", "1000"))
EACH = 40  # of a person; the portal takes 60 an hour, tries included
KILLS = [
    "web",
    "worker",
    "database",
    "web",
    "service",
    "worker",
    "database",
    "web",
    "worker",
    "service",
    "database",
]
KILLS += ["web"]
BACK_WITHIN = 60.0  # the target is ten on a quiet machine; this one may be busy
CHECK = "import json, sys; from tests.heavy.people import look; print(json.dumps(look(json.load(open(sys.argv[1])))))"
QUEUE = """
from django.db import connection
from munistem.commons.mail.models import OutgoingMail
with connection.cursor() as cursor:
    cursor.execute("select count(*) from procrastinate_jobs where priority >= 0 and (status = 'doing' or status = 'todo' "
        "and coalesce(scheduled_at, now()) <= now())")
    print(cursor.fetchone()[0], OutgoingMail.objects.filter(state="waiting").count())
"""
LETTERS = """
import collections, json
from munistem.commons.mail.models import OutgoingMail
print(json.dumps(collections.Counter(OutgoingMail.objects.values_list("state", flat=True))))
"""


@pytest.fixture
def portal(tmp_path):
    tmp_path.chmod(0o755)
    with Portal(tmp_path) as running:
        yield running


def test_everything_acknowledged_is_there_once_after_twelve_kills(portal, tmp_path):
    people = portal.people(max(1, WRITES // EACH))
    writers = [Writer(portal, session, people["topics"], EACH) for session in people["sessions"]]
    for writer in writers:
        writer.start()
    back = {}
    for number, what in enumerate(KILLS):
        while not any(len(writer.texts) > number * EACH // (len(KILLS) + 2) for writer in writers):
            assert any(writer.is_alive() for writer in writers), "all was written before all was killed"
            time.sleep(0.05)
        portal.kill(what)
        time.sleep(0.3)
        back[f"{number} {what}"] = round(portal.wait(BACK_WITHIN), 1)
    for writer in writers:
        writer.join(900)
        assert not writer.is_alive()
    print(
        "back after seconds:", back, "tries:", sum(len(writer.refusals) + writer.count for writer in writers)
    )
    known = tmp_path / "known.json"
    told = known_to(writers)
    known.write_text(json.dumps(told))
    assert len(told["texts"]) == len(writers) * EACH
    found = json.loads(portal.run(CHECK, str(known)).splitlines()[-1])
    print("files of broken-off deeds that were swept:", found.pop("orphans"))
    assert found == WHOLE
    assert queue_is_empty_within(portal, 600)
    states = json.loads(portal.run(LETTERS).splitlines()[-1])
    doubtful = (
        sum(states.values()) - states["sent"]
    )  # may have gone out: not sent again by itself, decision 0010
    letters = [message_id(path) for path in (tmp_path / "mail").glob("*.eml")]
    print("letters:", states)
    assert doubtful <= KILLS.count("worker") + KILLS.count("database")
    assert len(letters) == len(set(letters)) and states["sent"] <= len(letters) <= states["sent"] + doubtful


def queue_is_empty_within(portal: Portal, seconds: float) -> bool:
    """Jobs of killed workers are taken up again without anybody's hands, and all letters are handed over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if portal.run(QUEUE).split() == ["0", "0"]:
            return True
        time.sleep(5)
    return False


def message_id(path: Path) -> str:
    return re.search(rb"(?im)^Message-ID:\s*(\S+)", path.read_bytes())[1].decode()
