"""Backups of files that lie in a bucket, and their way back."""

import io
import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from munistem.backup import bucket as files_in_bucket
from munistem.backup.files import Named, copy
from munistem.backup.places import place
from munistem.backup.restoring import NotEmpty, refuse_what_is_there
from munistem.backup.sets import LIST, BackupSet, Damaged

pytestmark = pytest.mark.django_db
KEY = "0" * 32


@pytest.fixture
def made(bucket, tmp_path):
    """A set of two stored files and one on its way in, and its manifest, as far as files are concerned."""
    default_storage.save("aa/one", ContentFile(b"first"))
    default_storage.save("bb/two", ContentFile(b"second"))
    for at, piece in ((0, b"01234"), (5, b"56789")):
        default_storage.there.put(f".uploads/{KEY}/{at:013d}", io.BytesIO(piece))
    into = BackupSet(tmp_path / "set")
    named = [Named("aa/one"), Named("bb/two"), Named(f".uploads/{KEY}", 7)]
    parts = [copy(file, into, place().opened(file.name)) for file in named]
    with into.writing(LIST) as listed:
        for part in parts:
            listed.write(json.dumps(list(part)).encode() + b"\n")
        line = listed.part
    return into, {"files": {"count": len(parts), "part": list(line)}}


def bytes_of(bucket):
    return {name: data for name, (data, _at) in bucket.kept.items()}


def test_set_holds_what_the_bucket_held(made):
    into, _manifest = made
    held = [(into.folder / "files" / name).read_bytes() for name in ("aa/one", "bb/two", f".uploads/{KEY}")]
    assert held == [b"first", b"second", b"0123456"]  # of what is on its way as much as its row says


def test_file_deleted_meanwhile_is_taken_from_where_deletions_wait(bucket):
    default_storage.save("aa/one", ContentFile(b"first"))
    with default_storage.deletions_wait():
        default_storage.delete("aa/one")
        with files_in_bucket.opened("aa/one") as source:
            assert source.read(100) == b"first"
    assert files_in_bucket.opened("aa/one") is None
    assert files_in_bucket.opened(f".uploads/{KEY}") is None


def test_files_come_back_where_they_belong(bucket, made):
    into, manifest = made
    before = bytes_of(bucket)
    bucket.kept.clear()
    brought = place().bring(into, manifest)
    brought.make()
    assert files_in_bucket.was_interrupted()  # until the rows are there
    assert brought.end() == ""
    assert bytes_of(bucket) == {
        "aa/one": before["aa/one"],
        "bb/two": before["bb/two"],
        f".uploads/{KEY}/{0:013d}": b"0123456",
    }
    assert not files_in_bucket.was_interrupted()


def test_restore_that_fails_leaves_what_was_there(bucket, made):
    into, manifest = made
    del bucket.kept["bb/two"]
    before = bytes_of(bucket)
    brought = place().bring(into, manifest)
    assert "bb/two" in bucket.kept
    brought.take_back()
    brought.end()
    assert bytes_of(bucket).keys() == before.keys()


def test_set_that_is_damaged_leaves_what_was_there(bucket, made):
    into, manifest = made
    (into.folder / "files" / "bb" / "two").write_bytes(b"SECOND")
    bucket.kept.clear()
    with pytest.raises(Damaged):
        place().bring(into, manifest)
    assert bucket.kept == {}


def test_bucket_in_use_is_refused_unless_told(bucket, made):
    into, manifest = made
    with pytest.raises(NotEmpty, match="bucket files"):
        refuse_what_is_there(is_replacing=False)
    default_storage.save("cc/of-the-former", ContentFile(b"kept"))
    brought = place().bring(into, manifest)
    assert "nightly sweep" in brought.end()
    assert bucket.kept["cc/of-the-former"][0] == b"kept"


def test_restore_that_was_killed_may_be_begun_again(bucket, made):
    into, manifest = made
    bucket.kept.clear()
    place().bring(into, manifest)
    refuse_what_is_there(is_replacing=False)
