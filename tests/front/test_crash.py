"""A few kill -9 while people write. ``make test-heavy`` does it a thousand times, with the database among those killed."""

import time

import pytest
from django.db import connection

from munistem import fingerprint
from munistem.front.management.commands.serve import note
from tests.heavy.people import WHOLE, look, make_people
from tests.heavy.portal import Portal, Writer, known_to

pytestmark = pytest.mark.slow
KILLS = ("web", "worker", "service")
EACH = 12


@pytest.fixture
def portal(transactional_db, tmp_path, settings):
    """A portal of its own on the database of the tests, which is not filled for it."""
    settings.MEDIA_ROOT = tmp_path / "files"
    note(fingerprint.of_files([*fingerprint.migrations(), *fingerprint.contents()], "demo=False"))
    database = connection.settings_dict
    who = f"{database['USER']}:{database['PASSWORD']}"
    place = f"{database['NAME']}?host={database['HOST']}&port={database['PORT']}"
    with Portal(tmp_path, f"postgresql://{who}@/{place}", SECRET_KEY=settings.SECRET_KEY) as running:
        yield running


def test_what_was_acknowledged_is_there_once_after_a_few_kills(portal):
    people = make_people(2)
    writers = [Writer(portal, session, people["topics"], EACH) for session in people["sessions"]]
    for writer in writers:
        writer.start()
    for number, what in enumerate(KILLS):
        while sum(len(writer.texts) for writer in writers) < 4 * (number + 1):
            assert all(len(writer.refusals) < 60 for writer in writers), writers[0].refusals[-1]
            time.sleep(0.05)
        portal.kill(what)
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive()
    known = known_to(writers)
    found = look(known)
    found.pop("orphans")
    assert found == WHOLE
    assert len(known["texts"]) == 2 * EACH and len(known["files"]) == 2 * 3
