"""A set is one moment of database and files, although people write and delete while it is made."""

import fcntl
import json
import resource
import threading

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.models import Post
from munistem.backup import database, files, making, restoring
from munistem.backup.sets import BackupSet
from munistem.commons.files.actions import discard, store
from munistem.commons.files.models import StoredFile
from munistem.commons.files.resumable.actions import announce, discard_all
from munistem.commons.files.resumable.keeping import folder
from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.storage import KEPT_BACK, BackupRuns, deletions_wait, door, sweep_kept_back
from munistem.front.management.commands.probe import disagreements
from tests.backup.places import place
from tests.commons.factories import make_person
from tests.communities.factories import make_community, make_post, make_topic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return tmp_path / "files"


def text(name: str, words: str = "Words"):
    return ContentFile(words.encode(), name)


def aside(deed) -> None:
    """Do it in another thread, over its own connection, and wait for its end."""

    def work():
        try:
            deed()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_file_that_is_deleted_right_after_the_snapshot_is_in_the_set(root, tmp_path, monkeypatch):
    person = make_person()
    stored = store(text("plan.txt", "the plan"), by=person)
    parked = announce(by=person, name="photo.png", size=9)
    (folder() / parked.key.hex).write_bytes(b"1234567")
    Upload.objects.update(received=5)
    hold_still = database.hold_still

    def delete_now(raw, names):
        hold_still(raw, names)
        aside(lambda: discard(StoredFile.objects.get(), by=person))
        aside(lambda: discard_all(person=person))
        aside(lambda: store(text("later.txt"), by=person))

    monkeypatch.setattr(database, "hold_still", delete_now)
    warned: list[str] = []
    making.make(tmp_path / "set", warn=warned.append)
    assert warned == []
    assert (tmp_path / "set" / "files" / stored.blob.name).read_text() == "the plan"
    assert (tmp_path / "set" / "files" / ".uploads" / parked.key.hex).read_bytes() == b"12345"
    assert not (root / stored.blob.name).exists() and not (root / KEPT_BACK).exists()
    [later] = StoredFile.objects.all()
    assert not (tmp_path / "set" / "files" / later.blob.name).exists()
    monkeypatch.undo()
    with place("moment", tmp_path / "restored"):
        restoring.restore(BackupSet(tmp_path / "set"), tell=print)
        assert StoredFile.objects.get().name == "plan.txt"
        assert list(disagreements()) == []


def test_set_made_while_members_write_is_whole(root, tmp_path, monkeypatch):
    person, community = make_person(), make_community()
    topic = make_topic(community)
    for number in range(15):
        store(text(f"{number}.txt", str(number)), by=person)
    ended = threading.Event()
    seen: list[int] = []

    def write():
        try:
            while not ended.is_set():
                make_post(topic, body="<p>Meanwhile</p>", author=person)
                store(text("meanwhile.txt"), by=person)
                discard(StoredFile.objects.order_by("?").first(), by=person)
                seen.append(1)
        finally:
            connection.close()

    copy = files.copy

    def slowly(*words):
        before = len(seen)
        while len(seen) == before and writer.is_alive():  # at least one deed between two files
            ended.wait(0.005)
        return copy(*words)

    monkeypatch.setattr(files, "copy", slowly)
    writer = threading.Thread(target=write)
    writer.start()
    warned: list[str] = []
    try:
        manifest = making.make(tmp_path / "set", warn=warned.append)
    finally:
        ended.set()
        writer.join()
    assert warned == [] and len(seen) > 15
    posts = next(line["rows"] for line in manifest["tables"] if line["table"] == "communities_post")
    assert posts < Post.objects.count()
    with place("busy", tmp_path / "restored"):
        restoring.restore(BackupSet(tmp_path / "set"), tell=print)
        assert Post.objects.count() == posts
        assert StoredFile.objects.count() == manifest["files"]["count"]
        assert list(disagreements()) == []
        assert make_post(topic, body="<p>Afterwards</p>", author=person).pk


def test_what_was_lost_before_is_told_and_the_rest_is_kept(root, tmp_path, capsys):
    person = make_person()
    lost, changed, fine = (
        store(text(f"{name}.txt", name), by=person) for name in ("lost", "changed", "fine")
    )
    (root / lost.blob.name).unlink()
    (root / changed.blob.name).write_text("rotten!")
    call_command("backup", tmp_path / "set")
    said = capsys.readouterr()
    assert f"lost before this backup: {lost.blob.name}" in said.err
    assert f"changed before this backup: {changed.blob.name}" in said.err
    assert "and 2 files" in said.out
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert set(manifest["files"]["lost"]) == {lost.blob.name, changed.blob.name}
    assert (tmp_path / "set" / "files" / fine.blob.name).read_text() == "fine"


def test_backup_that_fails_leaves_nothing_that_looks_like_one(tmp_path, monkeypatch):
    store(text("plan.txt"), by=make_person())

    def no_room(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "copy", no_room)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", tmp_path / "set")
    assert list((tmp_path / "set").iterdir()) == []
    monkeypatch.undo()
    call_command("backup", tmp_path / "set")
    with pytest.raises(CommandError, match="not empty"):
        call_command("backup", tmp_path / "set")


def test_one_backup_at_a_time_and_deletions_wait_for_its_end(root, tmp_path):
    name = default_storage.save("aa/one", text("one"))
    with deletions_wait(root):
        with pytest.raises(CommandError, match="Another backup"):
            call_command("backup", tmp_path / "set")
        default_storage.delete(name)
        default_storage.delete(name)
        assert not default_storage.exists(name)
        assert (root / KEPT_BACK / name).read_text() == "Words"
    assert not (root / KEPT_BACK).exists()


def test_what_a_killed_backup_kept_back_is_swept(root):
    (root / KEPT_BACK / "aa").mkdir(parents=True)
    with door(root, fcntl.LOCK_EX) as is_free:
        assert is_free
        sweep_kept_back(root)  # another one runs: it may still need them
        assert (root / KEPT_BACK).exists()
    sweep_kept_back(root)
    assert not (root / KEPT_BACK).exists()
    with deletions_wait(root), pytest.raises(BackupRuns), deletions_wait(root):
        pass


def test_what_was_made_by_hand_is_told_and_does_not_stop_a_restore(tmp_path):
    make_person()
    by_hand = "create table by_hand as select 1 as n; create index by_hand_too on members_user (name)"
    with connection.cursor() as cursor:
        cursor.execute(by_hand)
    try:
        making.make(tmp_path / "set")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table by_hand; drop index by_hand_too")
    told: list[str] = []
    with place("by_hand", tmp_path / "restored"):
        restoring.restore(BackupSet(tmp_path / "set"), tell=told.append)
    assert any("by_hand, which is not of the portal (1 rows)" in words for words in told)
    assert len([words for words in told if "by_hand_too" in words]) == 1


def test_database_of_later_code_is_not_backed_up_by_half(tmp_path):
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into django_migrations (app, name, applied) values ('policy', '9999_later', now())"
        )
    try:
        with pytest.raises(CommandError, match=r"Later code .*policy\.9999_later"):
            call_command("backup", tmp_path / "set")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("delete from django_migrations where name = '9999_later'")


def test_large_file_costs_no_memory(root, tmp_path):
    size = 300 * 1024 * 1024
    person = make_person()
    stored = store(text("film.txt"), by=person)
    with (root / stored.blob.name).open("wb") as film:
        film.truncate(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with CaptureQueriesContext(connection):
        making.make(tmp_path / "set", "a passphrase that is long", warn=lambda words: None)
        restoring.check(BackupSet(tmp_path / "set", "a passphrase that is long"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024
