"""Files as they are taken: recognised by their content, named harmlessly, stored, read and swept."""

import hashlib
import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image

from munistem.commons.audit.models import AuditEvent
from munistem.commons.files import extraction, tasks
from munistem.commons.files.actions import discard, prepare, store, store_picture, sweep_orphans
from munistem.commons.files.child.examine import EXAMINERS
from munistem.commons.files.models import FileKind, FileState, StoredFile
from munistem.commons.files.rules import FORMATS, allowed, recognise
from munistem.commons.files.uploads import incoming, sweep_incoming
from munistem.commons.text.names import harmless_file_name
from tests.commons import factories
from tests.commons.factories import pdf, picture, uploaded

pytestmark = pytest.mark.usefixtures("english_words")


# Recognising -------------------------------------------------------------------------------------------


HOSTILE = factories.hostile()


@pytest.mark.parametrize("name", factories.honest())
def test_honest_files_are_recognised_by_their_content(name):
    found = recognise(uploaded(name, factories.honest()[name]))
    assert found == FORMATS[name.rpartition(".")[2].lower()]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_a_reason(name):
    with pytest.raises(ValidationError) as refusal:
        recognise(uploaded(name, HOSTILE[name]))
    message = refusal.value.messages[0]
    assert harmless_file_name(name) in message
    assert "%(" not in message


def test_every_extension_has_an_examiner():
    assert set(FORMATS) == set(EXAMINERS)
    assert "SVG" not in allowed()


def test_a_refusal_names_what_may_be_sent():
    with pytest.raises(ValidationError, match="You may send: JPG, PNG, WEBP, GIF"):
        recognise(uploaded("plan.pdf", pdf()), kinds={FileKind.IMAGE})


def test_a_locked_pdf_is_refused_as_locked():
    locked = pdf().replace(
        b"/Root 1 0 R>>",
        b"/Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2/P -4/O("
        + b"a" * 32
        + b")/U("
        + b"b" * 32
        + b")>>/ID[(x)(x)]>>",
    )
    with pytest.raises(ValidationError, match="locked"):
        recognise(uploaded("locked.pdf", locked))


def test_a_child_that_eats_memory_or_time_is_stopped(monkeypatch, tmp_path):
    greedy = tmp_path / "child"
    shutil.copytree(extraction.CHILD.parent, greedy)
    with (greedy / "answer.py").open("a") as source:
        source.write('DEEDS["eat"] = lambda: {"n": len(bytearray(400 * 1024 * 1024))}\n')
        source.write('DEEDS["nibble"] = lambda: {"n": len(bytearray(40 * 1024 * 1024))}\n')
    monkeypatch.setattr(extraction, "CHILD", greedy / "__main__.py")
    assert extraction.ask("nibble")
    with pytest.raises(extraction.Refused, match="broken"):
        extraction.ask("eat")
    slow = tmp_path / "slow.py"
    ended = tmp_path / "ended"
    slow.write_text(f"import time, pathlib; time.sleep(30); pathlib.Path({str(ended)!r}).touch()")
    monkeypatch.setattr(extraction, "CHILD", slow)
    with pytest.raises(extraction.Refused, match="broken"):
        extraction.ask("read", seconds=1)
    assert not ended.exists()


def test_a_child_knows_no_secrets_of_the_portal(monkeypatch, tmp_path):
    curious = tmp_path / "child.py"
    curious.write_text("import json, os; print(json.dumps(dict(os.environ)))")
    monkeypatch.setattr(extraction, "CHILD", curious)
    monkeypatch.setenv("SECRET_KEY", "not for children")
    assert "SECRET_KEY" not in extraction.ask("read")


# Names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..%2f..%2fetc%2fpasswd.pdf", "passwd.pdf"),
        ("%252e%252e%252fsecret.pdf", "secret.pdf"),
        ("C:\\Users\\me\\תכנית.pdf", "תכנית.pdf"),
        ("exe.\u202efdp.pdf", "exe.fdp.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("null\x00byte.pdf", "nullbyte.pdf"),
        ("...", "file"),
        ("", "file"),
        (".pdf", "pdf"),
        ("<b>x</b>.pdf", "b_.pdf"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
        ("100% סופי.pdf", "100% סופי.pdf"),
    ],
)
def test_names_are_decoded_and_made_harmless(sent, kept):
    assert harmless_file_name(sent) == kept


@pytest.mark.parametrize("name", ["../../evil.pdf", "..%2f..%2fevil.pdf", "/etc/evil.pdf", "evil\x00.pdf"])
def test_names_never_reach_the_disk(person, name):
    stored = store(uploaded("plan.pdf", pdf()), by=person)
    file = uploaded("plan.pdf", pdf())
    file._name = name
    file.recognised = (FileKind.PDF, "application/pdf")
    other = store(file, by=person)
    for kept in (stored, other):
        assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}", kept.blob.name)
        assert Path(kept.blob.path).is_relative_to(settings.MEDIA_ROOT)
    assert other.name == "evil.pdf"


# Storing and reading -----------------------------------------------------------------------------------


def test_storing_keeps_hash_size_and_trail(person, run_jobs):
    stored = store(uploaded("plan.pdf", pdf()), by=person)
    assert (stored.size, stored.sha256) == (len(pdf()), hashlib.sha256(pdf()).hexdigest())
    assert (stored.kind, stored.state, stored.uploaded_by) == (FileKind.PDF, FileState.WAITING, person)
    assert stat.S_IMODE(Path(stored.blob.path).stat().st_mode) == 0o600
    assert AuditEvent.objects.get(deed="store_file").actor == person


def test_the_worker_reads_text_pages_and_first_page(person, run_jobs, monkeypatch):
    told = []
    monkeypatch.setattr(tasks, "READY", [])
    tasks.when_ready(told.append)
    stored = store(uploaded("plan.pdf", pdf("Hello roundtable", pages=3)), by=person)
    run_jobs()
    stored.refresh_from_db()
    assert (stored.state, stored.pages, told) == (FileState.READY, 3, [stored])
    assert "Hello roundtable 3" in stored.text
    with Image.open(stored.preview.path) as preview:
        assert preview.format == "WEBP"
        assert max(preview.size) <= 960


@pytest.mark.parametrize(
    ("name", "words", "pages"),
    [
        ("plan.docx", "שולחן עגול", 3),
        ("plan.xlsx", "budget", 1),
        ("plan.pptx", "one\ftwo", 2),
        ("plan.odt", "مرحبا", None),
        ("notes.txt", "שורה\nline", None),
        ("table.csv", "כרמיאל", None),
        ("all.zip", "a/plan.txt", None),
    ],
)
def test_text_of_office_files_is_read(person, run_jobs, name, words, pages):
    stored = store(uploaded(name, factories.honest()[name]), by=person)
    run_jobs()
    stored.refresh_from_db()
    assert words in stored.text
    assert (stored.state, stored.pages) == (FileState.READY, pages)


def test_pictures_get_a_preview_without_metadata(person, run_jobs):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    stored = store(uploaded("photo.jpg", picture("JPEG", (3000, 2000), exif=exif)), by=person)
    run_jobs()
    stored.refresh_from_db()
    drawn = Path(stored.preview.path).read_bytes()
    with Image.open(stored.preview.path) as preview:
        assert preview.size == (640, 427)
    assert b"secret" not in drawn


def test_what_cannot_be_read_is_failed_not_fatal(person, run_jobs):
    loop = pdf().replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]")
    stored = store(uploaded("loop.pdf", loop), by=person)
    run_jobs()
    stored.refresh_from_db()
    assert (stored.state, stored.text) == (FileState.FAILED, "")


def test_a_missing_file_fails_and_a_repeated_job_changes_nothing(person):
    stored = store(uploaded("plan.pdf", pdf()), by=person)
    prepare(stored.pk)
    preview = StoredFile.objects.get().preview.name
    prepare(stored.pk)
    assert StoredFile.objects.get().preview.name == preview
    other = store(uploaded("plan.pdf", pdf()), by=person)
    Path(other.blob.path).unlink()
    prepare(other.pk)
    other.refresh_from_db()
    assert other.state == FileState.FAILED
    prepare(999_999)


def test_a_failing_room_leaves_the_file_to_the_next_try(person, monkeypatch):
    def fail(stored):
        raise RuntimeError("the room is not ready")

    stored = store(uploaded("plan.pdf", pdf()), by=person)
    monkeypatch.setattr(tasks, "READY", [fail])
    with pytest.raises(RuntimeError):
        prepare(stored.pk)
    monkeypatch.setattr(tasks, "READY", [])
    prepare(stored.pk)
    stored.refresh_from_db()
    assert stored.state == FileState.READY


def test_a_portrait_is_drawn_anew(person):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    stored = store_picture(uploaded("me.jpg", picture("JPEG", (900, 600), exif=exif)), by=person)
    with Image.open(stored.blob.path) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (256, 256))
    assert b"secret" not in Path(stored.blob.path).read_bytes()
    assert (stored.state, stored.content_type) == (FileState.READY, "image/webp")
    for content in (pdf(), b"<svg/>", factories.vast_png()):
        with pytest.raises(ValidationError):
            store_picture(uploaded("me.png", content), by=person)


def test_discarding_removes_row_and_bytes(person, django_capture_on_commit_callbacks):
    stored = store_picture(uploaded("me.jpg", picture()), by=person)
    path = Path(stored.blob.path)
    with django_capture_on_commit_callbacks(execute=True):
        discard(stored, by=person)
    assert not path.exists()
    assert not StoredFile.objects.exists()


def test_orphans_and_leftovers_are_swept_after_a_day(person):
    kept = store(uploaded("plan.pdf", pdf()), by=person)
    orphan = Path(kept.blob.path).parent / ("0" * 32)
    leftover = incoming() / "left.part"
    for path in (Path(kept.blob.path), orphan, leftover):
        path.touch()
        os.utime(path, (0, 0))
    fresh = Path(kept.blob.path).parent / ("1" * 32)
    fresh.touch()
    assert sweep_orphans() >= 1
    assert sweep_incoming() >= 1
    assert (Path(kept.blob.path).exists(), fresh.exists(), orphan.exists(), leftover.exists()) == (
        True,
        True,
        False,
        False,
    )
