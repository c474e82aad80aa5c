import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
import tracemalloc
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import load_handler
from django.http import Http404
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory
from django.utils import translation
from PIL import Image

from munistem.commons.audit.models import AuditEvent
from munistem.commons.files import extraction, tasks, uploads
from munistem.commons.files.actions import discard, prepare, store, store_picture, sweep_orphans
from munistem.commons.files.child.examine import EXAMINERS
from munistem.commons.files.forms import FilesField, OneFileField
from munistem.commons.files.models import FileKind, FileState, StoredFile
from munistem.commons.files.rules import FORMATS, allowed, recognise
from munistem.commons.files.uploads import incoming, sweep_incoming
from munistem.commons.files.views import serve, serve_preview
from munistem.commons.text.names import harmless_file_name
from tests.commons import factories
from tests.commons.factories import make_person, pdf, picture, uploaded


class PostForm(forms.Form):
    title = forms.CharField()
    files = FilesField(required=False, most=3)


@pytest.fixture
def person(db):
    return make_person()


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


# Recognising ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", factories.honest())
def test_honest_files_are_recognised_by_their_content(name):
    found = recognise(uploaded(name, factories.honest()[name]))
    assert found == FORMATS[name.rpartition(".")[2].lower()]


HOSTILE = factories.hostile()


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "laughs.docx"])
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
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(extraction, "CHILD", slow)
    begun = time.monotonic()
    with pytest.raises(extraction.Refused, match="broken"):
        extraction.ask("read", seconds=1)
    assert time.monotonic() - begun < 5


def test_a_child_knows_no_secrets_of_the_portal(monkeypatch, tmp_path):
    curious = tmp_path / "child.py"
    curious.write_text("import json, os; print(json.dumps(dict(os.environ)))")
    monkeypatch.setattr(extraction, "CHILD", curious)
    monkeypatch.setenv("SECRET_KEY", "not for children")
    assert "SECRET_KEY" not in extraction.ask("read")


# Names ---------------------------------------------------------------------------------------------------


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


# Storing and reading -------------------------------------------------------------------------------------


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
        ("plan.pptx", "one\ntwo", 2),
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
    stored = store(uploaded("laughs.docx", HOSTILE["laughs.docx"]), by=person)
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


# Forms and the way in ------------------------------------------------------------------------------------


def multipart(*files: tuple[str, bytes], **fields: str) -> bytes:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    for name, content in files:
        head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: text/html\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + b"--x--\r\n"


@pytest.fixture
def parsed():
    requests = []

    def parse(body: bytes):
        requests.append(RequestFactory().post("/", body, content_type="multipart/form-data; boundary=x"))
        return requests[-1].POST, requests[-1].FILES

    yield parse
    for request in requests:
        request.close()


def test_a_form_takes_several_files(parsed):
    form = PostForm(*parsed(multipart(("a.pdf", pdf()), ("b.png", picture("PNG")), title="Two")))
    assert form.is_valid(), form.errors
    assert [file.recognised.kind for file in form.cleaned_data["files"]] == [FileKind.PDF, FileKind.IMAGE]
    assert all(file.temporary_file_path().startswith(str(incoming())) for file in form.cleaned_data["files"])


def test_an_upload_is_renamed_into_place_and_hashed(person, parsed):
    form = PostForm(*parsed(multipart(("a.pdf", pdf()), title="One")))
    assert form.is_valid()
    stored = store(form.cleaned_data["files"][0], by=person)
    assert Path(stored.blob.path).read_bytes() == pdf()


def test_too_large_a_file_is_named_and_the_rest_of_the_form_kept(settings, parsed):
    settings.UPLOAD_MAX_MB = 1
    form = PostForm(*parsed(multipart(("big.pdf", b"x" * 1_100_000), ("a.pdf", pdf()), title="Kept")))
    assert form.errors["files"] == ["The file \u2068big.pdf\u2069 is larger than 1 MB."]
    assert form.cleaned_data["title"] == "Kept"


def test_too_many_files_are_refused_in_words(parsed):
    form = PostForm(*parsed(multipart(*[("a.txt", b"x")] * 4, title="Four")))
    assert form.errors["files"] == ["Choose at most 3 files."]


def test_every_wrong_file_is_named(parsed):
    form = PostForm(*parsed(multipart(("a.html", b"<p>"), ("b.pdf", b"no"), title="Two")))
    assert len(form.errors["files"]) == 2


def test_a_file_may_be_required_and_single():
    class SignedForm(forms.Form):
        page = OneFileField(kinds=[FileKind.PDF])

    assert SignedForm({}, {}).errors["page"] == ["Choose a file."]
    assert SignedForm({}).is_multipart()
    text = str(SignedForm()["page"])
    assert 'accept=".pdf"' in text and "data-drop" in text and "multiple" not in text
    assert f'data-limit="{settings.UPLOAD_MAX_MB}"' in text
    form = SignedForm({}, {"page": uploaded("a.pdf", pdf())})
    assert form.is_valid()
    assert form.cleaned_data["page"].name == "a.pdf"


class Endless:
    """A body of any length that nobody holds in memory."""

    def __init__(self, start: bytes, length: int, end: bytes):
        self.start, self.left, self.end = start, length, end

    def read(self, size=65_536):
        if self.start:
            piece, self.start = self.start[:size], self.start[size:]
        elif self.left:
            piece = b"\x55" * min(size, self.left)
            self.left -= len(piece)
        else:
            piece, self.end = self.end[:size], self.end[size:]
        return piece


def test_two_hundred_megabytes_pass_by_without_filling_memory_or_disk(settings):
    start = b'--x\r\nContent-Disposition: form-data; name="files"; filename="big.pdf"\r\n\r\n'
    end = b'\r\n--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nKept\r\n--x--\r\n'
    size = 200 * 1024 * 1024
    handler = load_handler(settings.FILE_UPLOAD_HANDLERS[0], None)
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": size + len(start) + len(end)}
    begun = time.monotonic()
    tracemalloc.start()
    post, files = MultiPartParser(meta, Endless(start, size, end), [handler], "utf-8").parse()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - begun < 5
    assert peak < 10_000_000
    assert files["files"].is_too_large
    assert Path(files["files"].temporary_file_path()).stat().st_size == 0
    assert post["title"] == "Kept"
    files["files"].close()


def test_a_broken_off_upload_leaves_nothing_behind(parsed):
    before = set(incoming().iterdir())
    body = multipart(("a.pdf", b"x" * 600_000), title="x")[:500_000]
    _post, files = parsed(body)
    for file in files.values():
        file.close()
    assert set(incoming().iterdir()) <= before


# Handing out ---------------------------------------------------------------------------------------------


@pytest.fixture
def stored(person):
    return store(uploaded("תכנית שנתית.pdf", pdf()), by=person)


def ask(stored, user=None, method="get", how=serve, **headers):
    request = getattr(RequestFactory(), method)("/", headers=headers)
    request.user = user or AnonymousUser()
    return how(request, stored)


def content(response) -> bytes:
    found = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return found


def test_a_file_is_handed_out_whole_and_harmless(stored, person):
    response = ask(stored)
    assert content(response) == pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(pdf()))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%D7%AA")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert response["Cache-Control"] == "private, no-cache"
    signed_in = ask(stored, person)
    assert signed_in["Cache-Control"] == "private, no-store"
    signed_in.close()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.png", True),
        ("film.mp4", True),
        ("talk.mp3", True),
        ("notes.txt", False),
        ("plan.pdf", False),
        ("all.zip", False),
    ],
)
def test_only_pictures_and_recordings_open_in_the_browser(person, name, shown):
    kept = store(uploaded(name, factories.honest()[name]), by=person)
    response = ask(kept)
    assert response["Content-Disposition"].startswith("inline" if shown else "attachment")
    response.close()
    forced = serve(anonymous(), kept, as_attachment=True)
    assert forced["Content-Disposition"].startswith("attachment")
    forced.close()


def anonymous():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        ("bytes=0-999999", 0, None),
        ("bytes= 3 - 4", 3, 4),
    ],
)
def test_a_range_is_answered_with_206(stored, asked, first, last):
    response = ask(stored, Range=asked)
    whole = pdf()
    start = first if first >= 0 else len(whole) + first
    end = len(whole) - 1 if last is None else last
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"
    assert int(response["Content-Length"]) == end - start + 1
    assert content(response) == whole[start : end + 1]


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0", "bytes=99999999999999999-"])
def test_a_range_that_is_not_there_is_answered_with_416(stored, asked):
    response = ask(stored, Range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(pdf())}"
    assert response["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "asked", ["bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=" + "9" * 40 + "-"]
)
def test_an_odd_range_is_answered_with_the_whole_file(stored, asked):
    response = ask(stored, Range=asked)
    assert response.status_code == 200
    assert content(response) == pdf()


def test_etag_and_if_range(stored):
    etag = f'"{stored.sha256}"'
    assert ask(stored, **{"If-None-Match": etag}).status_code == 304
    stale = ask(stored, Range="bytes=0-1", **{"If-Range": '"older"'})
    assert stale.status_code == 200
    stale.close()
    fresh = ask(stored, Range="bytes=0-1", **{"If-Range": etag})
    assert content(fresh) == pdf()[:2]


def test_head_has_the_headers_and_no_bytes(stored):
    response = ask(stored, method="head")
    assert response["Content-Length"] == str(len(pdf()))
    assert content(response) == b""


def test_a_proxy_may_hand_out_the_bytes(stored, settings):
    settings.X_ACCEL = "/protected/"
    response = ask(stored)
    assert response["X-Accel-Redirect"] == f"/protected/{stored.blob.name}"
    assert response.content == b""
    assert response["Content-Security-Policy"].startswith("sandbox")


def test_bytes_that_are_gone_and_previews_that_are_not_there_answer_404(stored):
    with pytest.raises(Http404):
        ask(stored, how=serve_preview)
    prepare(stored.pk)
    stored.refresh_from_db()
    preview = ask(stored, how=serve_preview)
    assert preview["Content-Type"] == "image/webp"
    assert content(preview)[8:12] == b"WEBP"
    Path(stored.blob.path).unlink()
    with pytest.raises(Http404):
        ask(stored)


def test_uploads_lie_on_the_file_system_of_the_stored_files():
    with tempfile.NamedTemporaryFile(dir=incoming()) as file:
        assert Path(file.name).stat().st_dev == Path(settings.MEDIA_ROOT).stat().st_dev
        assert stat.S_IMODE(Path(file.name).stat().st_mode) == 0o600
    assert uploads.most_bytes_of_request() > uploads.most_bytes()
