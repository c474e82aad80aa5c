"""kill -9 of web workers, web service, job worker and PostgreSQL while people write: nothing acknowledged is lost.

``make test-heavy``; CRASH_WRITES=200 makes it shorter. Takes some minutes, most of them migrations of its own database.
"""

import json
import os
import random
import re
import socket
import threading
import time
import uuid
from pathlib import Path

import pytest

from tests.heavy.portal import Away, Portal

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
BACK_WITHIN = 30.0  # the target is ten on a quiet machine; this one may be busy
CHECK = """
import collections, hashlib, json, re, sys
from communities.models import Attachment, Post, Topic
from munistem.commons.files.actions import sweep_orphans
from munistem.commons.files.models import StoredFile
from munistem.front.management.commands.probe import disagreements

known = json.load(open(sys.argv[1]))
bodies = Post.objects.filter(body__contains="mark").values_list("body", flat=True)
marks = collections.Counter(re.search("mark[0-9a-f]{32}", body)[0] for body in bodies)
missing = [mark for mark in known["texts"] if not marks[mark]]
sums = dict(Attachment.objects.values_list("file__name", "file__sha256"))
files = [name for name, text in known["files"].items() if sums.get(name) != hashlib.sha256(text.encode()).hexdigest()]
topics = [topic.pk for topic in Topic.objects.all() if topic.post_count != topic.posts.count()]
alone = StoredFile.objects.filter(post_attachment=None).count()
orphans = sweep_orphans(hours=-1)
print(json.dumps({"missing": missing, "twice": [mark for mark, count in marks.items() if count > 1], "files": files,
    "topics": topics, "alone": alone, "orphans": orphans, "faults": list(disagreements())}))
"""
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tmp_path.chmod(0o755)
    with Portal(tmp_path, port) as running:
        yield running


class Writer(threading.Thread):
    """Somebody who answers again and again, and tries each answer until the portal says that it is kept."""

    def __init__(self, portal: Portal, session: str, topics: list[int], count: int):
        super().__init__(daemon=True)
        self.portal, self.session, self.topics, self.count = portal, session, topics, count
        self.texts: list[str] = []
        self.files: dict[str, str] = {}
        self.tries = 0

    def run(self) -> None:
        for number in range(self.count):
            mark = f"mark{uuid.uuid4().hex}"
            fields = {"body": f"<p>{mark}</p>", "nonce": str(uuid.uuid4())}
            file = (f"{mark}.txt", f"text of {mark}".encode()) if number % 5 == 0 else None
            while True:
                self.tries += 1
                try:
                    self.portal.reply(self.session, random.choice(self.topics), fields, file)
                    break
                except Away:
                    time.sleep(1.0)
            self.texts.append(mark)
            if file:
                self.files[file[0]] = file[1].decode()


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
    print("back after seconds:", back, "tries:", sum(writer.tries for writer in writers))
    known = tmp_path / "known.json"
    files = {name: text for writer in writers for name, text in writer.files.items()}
    texts = [mark for writer in writers for mark in writer.texts]
    known.write_text(json.dumps({"texts": texts, "files": files}))
    assert len(texts) == len(writers) * EACH
    found = json.loads(portal.run(CHECK, str(known)).splitlines()[-1])
    print("files of broken-off deeds that were swept:", found.pop("orphans"))
    assert found == {"missing": [], "twice": [], "files": [], "topics": [], "alone": 0, "faults": []}
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
