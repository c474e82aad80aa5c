"""Files on their way in: forms that take them, and bodies that are too large, too many or broken off."""

import stat
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadhandler import load_handler
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory

from munistem.commons.files import uploads
from munistem.commons.files.actions import store
from munistem.commons.files.forms import FilesField, OneFileField
from munistem.commons.files.models import FileKind
from munistem.commons.files.uploads import incoming
from tests.commons.factories import pdf, picture, uploaded
from tests.moments import worked

pytestmark = pytest.mark.usefixtures("english_words")


class PostForm(forms.Form):
    title = forms.CharField()
    files = FilesField(required=False, most=3)


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
    begun = worked()
    tracemalloc.start()
    post, files = MultiPartParser(meta, Endless(start, size, end), [handler], "utf-8").parse()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert worked() - begun < 5
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


def test_uploads_lie_on_the_file_system_of_the_stored_files():
    with tempfile.NamedTemporaryFile(dir=incoming()) as file:
        assert Path(file.name).stat().st_dev == Path(settings.MEDIA_ROOT).stat().st_dev
        assert stat.S_IMODE(Path(file.name).stat().st_mode) == 0o600
    assert uploads.most_bytes_of_request() > uploads.most_bytes()
