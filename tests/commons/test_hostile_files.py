"""More files that mean harm: refused with a reason, or read in the limited child and handed out harmless; the worker lives on."""

import hashlib
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from munistem.commons.files import extraction
from munistem.commons.files.actions import prepare, store
from munistem.commons.files.child.places import forget_place
from munistem.commons.files.models import FileState, StoredFile
from munistem.commons.files.rules import recognise
from munistem.commons.text.names import harmless_file_name
from tests.commons import hostile
from tests.commons.factories import picture, uploaded
from tests.commons.test_handing_out import ask

pytestmark = pytest.mark.usefixtures("english_words")
REFUSED, HARMLESS = hostile.refused(), hostile.harmless()
PATIENCE = 20


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_harm_is_refused_with_a_reason(name):
    with pytest.raises(ValidationError) as refusal:
        recognise(uploaded(name, REFUSED[name]))
    message = refusal.value.messages[0]
    assert harmless_file_name(name) in message
    assert "%(" not in message


@pytest.mark.parametrize("name", HARMLESS)
def test_what_looks_honest_is_read_within_bounds_and_leaves_harmless(person, name):
    started = time.monotonic()
    stored = store(uploaded(name, HARMLESS[name]), by=person)
    prepare(stored.pk)
    assert time.monotonic() - started < 2 * PATIENCE
    stored = StoredFile.objects.get(pk=stored.pk)
    assert stored.state in (FileState.READY, FileState.FAILED)
    assert len(stored.text) < 600_000
    response = ask(stored)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox;")
    if not response["Content-Type"].startswith(("image/", "audio/", "video/")):
        assert response["Content-Disposition"].startswith("attachment;")
    assert not response["Content-Type"].startswith(("text/html", "image/svg", "application/xhtml"))
    for close in response._resource_closers:
        close()


TRIES = """
import json, os, socket, subprocess, sys
sys.path.insert(0, sys.argv[1])
from child.limits import limit
limit()
told = {}
for name, deed in {
    "connect": lambda: socket.create_connection(("127.0.0.1", 9)),
    "resolve": lambda: socket.getaddrinfo("example.org", 80),
    "program": lambda: subprocess.run(["true"]),
    "shell": lambda: os.system("true"),
    "fork": lambda: os.fork(),
    "become": lambda: os.execv("/bin/true", ["true"]),
    "much on disk": lambda: open(sys.argv[2], "wb").write(bytes(20_000_000)),
}.items():
    try:
        told[name] = f"done: {deed()}"
    except BaseException as error:
        told[name] = type(error).__name__
print(json.dumps(told))
"""


def test_the_child_speaks_to_nobody_and_starts_nothing(tmp_path):
    folder = str(extraction.CHILD.parents[1])
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRIES, folder, str(tmp_path / "much")],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told.pop("much on disk") == "OSError"
    assert told == dict.fromkeys(told, "Refused")
    assert len(told) == 6


def photograph(**more) -> bytes:
    """A photograph with a camera's notes: who made the camera, which side is up, where it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera works", 6
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (32.0, 55.0, 7.5), 3: "E", 4: (35.0, 17.0, 59.25), 29: "2026:11:26"}
    )
    return picture("JPEG", (900, 600), exif=exif, **more)


def place_in(content: bytes) -> dict:
    with Image.open(io.BytesIO(content)) as opened:
        return dict(opened.getexif().get_ifd(0x8825))


def test_a_photograph_forgets_where_it_was_taken_and_nothing_else(person):
    sent = photograph(comment=b"our lab")
    assert place_in(sent)[3] == "E"
    stored = store(uploaded("lab.jpg", sent), by=person)
    kept = Path(stored.blob.path).read_bytes()
    assert place_in(kept) == {}
    assert b"2026:11:26" in sent and b"2026:11:26" not in kept
    assert len(kept) == len(sent) == stored.size
    assert stored.sha256 == hashlib.sha256(kept).hexdigest()
    with Image.open(io.BytesIO(kept)) as after, Image.open(io.BytesIO(sent)) as before:
        assert dict(after.getexif()) == {0x010F: "Camera works", 0x0112: 6, 0x8825: after.getexif()[0x8825]}
        assert after.tobytes() == before.tobytes()
        assert after.info["comment"] == b"our lab"


def test_notes_of_programs_that_name_a_place_are_blanked(tmp_path):
    named = b"<x:xmpmeta exif:GPSLatitude='32,55.1N'/>"
    (tmp_path / "a.jpg").write_bytes(photograph(xmp=named))
    forget_place(tmp_path / "a.jpg", "jpg")
    assert b"32,55.1N" not in (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(picture("JPEG", xmp=b"<x:xmpmeta dc:creator='Dana'/>"))
    forget_place(tmp_path / "b.jpg", "jpg")
    assert b"Dana" in (tmp_path / "b.jpg").read_bytes()


@pytest.mark.parametrize("cut", [2, 14, 30, 60, 90, 140, 200])
def test_broken_notes_are_survived(tmp_path, cut):
    content = bytearray(photograph())
    content[20 : 20 + cut] = b"\xff" * cut
    (tmp_path / "a.jpg").write_bytes(content)
    forget_place(tmp_path / "a.jpg", "jpg")
    forget_place(tmp_path / "a.jpg", "jpg")
    assert (tmp_path / "a.jpg").stat().st_size == len(content)
