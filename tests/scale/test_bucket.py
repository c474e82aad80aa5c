"""Files of people in a bucket: kept, read, handed out, deleted, swept, and on their way in."""

import hashlib
import io
import re
import time
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import FileField
from django.http import QueryDict
from django.test import RequestFactory
from gunicorn.util import has_fileno

from munistem.commons.files import actions, drawing
from munistem.commons.files.models import StoredFile
from munistem.commons.files.resumable.actions import announce, discard, park, sweep_uploads, take_piece
from munistem.commons.files.resumable.arrived import arrived
from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.storage import KEPT_BACK, BackupRuns
from munistem.commons.files.uploads import incoming
from munistem.commons.files.views import serve
from munistem.commons.files.zipping import zipped
from tests.commons.factories import make_person, pdf
from tests.commons.test_hostile_files import photograph, place_in
from tests.house.test_rules_of_the_house import modules
from tests.house.test_rules_of_the_house import name as named

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_person(is_knowledge_manager=True)


@pytest.fixture
def stored(bucket, person):
    file = ContentFile(pdf(), name="תוכנית.pdf")
    return actions.store(file, by=person)


def request_of(person, method="get", **headers):
    request = getattr(RequestFactory(), method)("/", headers=headers)
    request.user = person
    return request


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


# Kept and read -------------------------------------------------------------------------------------------


def test_file_is_kept_under_a_name_that_says_nothing(bucket, stored):
    assert list(bucket.kept) == [f"{stored.key.hex[:2]}/{stored.key.hex}"]
    assert StoredFile.objects.get(pk=stored.pk).blob.read() == pdf()


def test_worker_reads_and_draws_it_from_a_copy_that_goes_again(bucket, stored):
    actions.prepare(stored.pk)
    drawing.draw_pages(stored.pk)
    stored.refresh_from_db()
    name = stored.blob.name
    assert (stored.state, sorted(bucket.kept)) == ("ready", [name, f"{name}.0001", f"{name}.preview"])
    assert not list(incoming().glob("*.near"))


def test_file_that_is_lost_is_missing_not_a_fault(bucket, stored):
    bucket.kept.clear()
    assert not default_storage.exists(stored.blob.name)
    with pytest.raises(FileNotFoundError):
        stored.blob.storage.open(stored.blob.name)
    with pytest.raises(FileNotFoundError), default_storage.near(stored.blob.name):
        pass
    actions.prepare(stored.pk)
    stored.refresh_from_db()
    assert stored.state == "failed"


def test_bucket_that_is_away_is_an_error_of_the_system(bucket, stored, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # it tries again
    bucket.is_away = True
    with pytest.raises(OSError, match="503") as raised:
        default_storage.size(stored.blob.name)
    assert not isinstance(raised.value, FileNotFoundError)


def test_reading_goes_from_where_one_stands(bucket):
    default_storage.save("aa/one", ContentFile(b"0123456789"))
    with default_storage.open("aa/one") as file:
        assert (file.read(3), file.tell(), file.read(2)) == (b"012", 3, b"34")
        assert (file.seek(-2, io.SEEK_END), file.read(), file.read()) == (8, b"89", b"")
        assert (file.seek(1), file.read(1), file.size) == (1, b"1", 10)
        assert b"".join(file.chunks(4)) == b"0123456789"
        assert not has_fileno(file)  # nor does gunicorn try to let the system send it
    assert file.closed
    ranges = [span for verb, _name, span in bucket.asked if verb == "GET"]
    assert ranges == ["", "bytes=8-", "bytes=1-", ""]


def test_archive_is_read_where_it_lies(bucket):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("one.txt", "first")
        archive.writestr("two.txt", "second")
    default_storage.save("aa/archive", ContentFile(made.getvalue()))
    with default_storage.open("aa/archive") as kept, zipfile.ZipFile(kept) as archive:
        assert (archive.read("two.txt"), archive.read("one.txt")) == (b"second", b"first")


def test_nobody_asks_a_stored_file_for_its_path():
    """On a disk it has one; ``storage.near`` gives one wherever the file lies."""
    fields = {
        field.name
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, FileField)
    }
    asked = re.compile(rf"\.({'|'.join(sorted(fields))})\.path\b")
    assert [named(path) for path in modules() if asked.search(path.read_text())] == []


# Handed out ----------------------------------------------------------------------------------------------


def test_file_is_handed_out_whole_and_in_part(bucket, stored, person):
    whole = serve(request_of(person), stored)
    assert (whole.status_code, whole["Content-Length"]) == (200, str(len(pdf())))
    assert body_of(whole) == pdf()
    part = serve(request_of(person, Range="bytes=5-9"), stored)
    assert (part.status_code, body_of(part)) == (206, pdf()[5:10])
    assert "sandbox" in part["Content-Security-Policy"]


def test_proxy_fetches_it_with_a_signature_of_a_minute(bucket, stored, person, settings):
    settings.X_ACCEL = "/files/"
    answer = serve(request_of(person), stored)
    place, _, query = answer["X-Accel-Redirect"].partition("?")
    signed = QueryDict(query)
    assert place == f"/files/{stored.blob.name}"
    assert (signed["X-Amz-Expires"], len(signed["X-Amz-Signature"])) == ("60", 64)


def test_files_in_one_archive_come_out_of_the_bucket(bucket, stored):
    made = io.BytesIO(b"".join(zipped([(stored, "")])))
    with zipfile.ZipFile(made) as archive:
        assert [archive.read(name) for name in archive.namelist()] == [pdf()]


# Deleted and swept ---------------------------------------------------------------------------------------


def test_what_is_deleted_is_gone(bucket, stored):
    default_storage.delete(stored.blob.name)
    assert bucket.kept == {}
    default_storage.delete(stored.blob.name)
    with pytest.raises(ValueError):
        default_storage.delete("")


def test_while_a_backup_is_made_deletions_wait(bucket):
    default_storage.save("aa/one", ContentFile(b"1"))
    with default_storage.deletions_wait():
        default_storage.delete("aa/one")
        assert list(bucket.kept) == [f"{KEPT_BACK}/aa/one"]
        with pytest.raises(BackupRuns), default_storage.deletions_wait():
            pass
        default_storage.sweep_kept_back()  # another one runs: it may still need them
        assert list(bucket.kept) == [f"{KEPT_BACK}/aa/one"]
    assert bucket.kept == {}


def test_lock_of_a_killed_backup_ends_with_its_connection(bucket):
    default_storage.save(f"{KEPT_BACK}/aa/one", ContentFile(b"1"))
    private = connection.copy()
    with private.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(5172033)")
        default_storage.sweep_kept_back()
        assert len(bucket.kept) == 1
    private.close()
    default_storage.sweep_kept_back()
    assert bucket.kept == {}


def test_sweep_takes_what_no_row_knows_after_a_day(bucket, stored):
    for name in ("aa/" + "0" * 32, "aa/" + "1" * 32, "aa/" + "2" * 32, ".uploads/x/0000000000000"):
        default_storage.save(name, ContentFile(b"left"))
    assert actions.sweep_orphans() == 0
    bucket.age(hours=25)
    assert actions.sweep_orphans() == 3
    assert sorted(bucket.kept) == [".uploads/x/0000000000000", stored.blob.name]


# On their way in -----------------------------------------------------------------------------------------


def sent(person, *pieces, size=None, name="plan.pdf"):
    upload = announce(by=person, name=name, size=size or sum(map(len, pieces)))
    for part in pieces:
        upload = take_piece(
            by=person, upload=upload, offset=upload.received, piece=io.BytesIO(part), length=len(part)
        )
    return upload


def test_file_arrives_in_pieces_at_different_machines(bucket, person):
    """Nothing of it stays on the machine that took a piece."""
    whole = pdf(pages=5)
    upload = sent(person, whole[:100], whole[100:1000], whole[1000:])
    assert upload.is_whole
    assert list(incoming().glob("*.near")) == []
    (file,) = arrived([str(upload.key)])
    assert file.read() == whole
    kept = actions.store(file, by=person)
    assert bucket.kept[kept.blob.name][0] == whole
    assert list(incoming().glob("*.near")) == []


def test_piece_that_was_never_counted_is_written_over(bucket, person):
    whole = pdf()
    upload = sent(person, whole[:50], size=len(whole))
    lost = f".uploads/{upload.key.hex}/{50:013d}"
    default_storage.there.put(
        lost, io.BytesIO(b"of a request that died, longer than what comes in its place")
    )
    for part in (whole[50:60], whole[60:]):
        upload = take_piece(
            by=person, upload=upload, offset=upload.received, piece=io.BytesIO(part), length=len(part)
        )
    (file,) = arrived([str(upload.key)])
    assert file.read() == whole
    file.close()


def test_photograph_in_pieces_forgets_where_it_was_taken(bucket, person):
    taken = photograph()
    assert place_in(taken)
    upload = sent(person, taken[:500], taken[500:9_000], taken[9_000:], name="taken.jpg")
    (file,) = arrived([str(upload.key)])
    kept = actions.store(file, by=person)
    assert place_in(bucket.kept[kept.blob.name][0]) == {}
    assert kept.sha256 == upload.sha256 == hashlib.sha256(bucket.kept[kept.blob.name][0]).hexdigest()
    (again,) = arrived([str(upload.key)])
    assert place_in(again.read()) == {}
    again.close()


def test_parked_file_waits_in_the_bucket(bucket, person):
    from munistem.commons.files.rules import recognise
    from munistem.commons.files.uploads import MeasuredFile

    file = MeasuredFile("plan.pdf")
    file.take(pdf())
    file.flush()
    file.recognised = recognise(file)
    upload = park(by=person, file=file)
    file.close()
    (there,) = arrived([str(upload.key)])
    assert Path(there.temporary_file_path()).read_bytes() == pdf()
    there.close()


def test_given_up_uploads_leave_nothing(bucket, person, django_capture_on_commit_callbacks):
    upload = sent(person, b"%PDF-", size=100)
    with django_capture_on_commit_callbacks(execute=True):
        discard(upload)
    assert bucket.kept == {}


def test_bytes_that_no_row_knows_are_swept(bucket, person):
    upload = sent(person, b"%PDF-", size=100)
    for at in (0, 5):
        default_storage.there.put(f".uploads/{'0' * 32}/{at:013d}", io.BytesIO(b"12345"))
    assert sweep_uploads() == 0
    bucket.age(hours=2)
    assert sweep_uploads() == 1
    assert [name.split("/")[1] for name in bucket.kept] == [upload.key.hex]


def test_upload_whose_bytes_are_gone_comes_anew(bucket, person):
    known = announce(by=person, name="plan.pdf", size=100, mark="x")
    take_piece(by=person, upload=known, offset=0, piece=io.BytesIO(b"%PDF-"), length=5)
    assert announce(by=person, name="plan.pdf", size=100, mark="x") == known
    bucket.kept.clear()
    assert announce(by=person, name="plan.pdf", size=100, mark="x") != known
    assert not Upload.objects.filter(pk=known.pk).exists()
