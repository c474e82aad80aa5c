"""More files that mean harm: refused with a reason, or read in the limited child and handed out harmless; the worker lives on."""

import json
import subprocess
import sys
import time

import pytest
from django.core.exceptions import ValidationError

from munistem.commons.files import extraction
from munistem.commons.files.actions import prepare, store
from munistem.commons.files.models import FileState, StoredFile
from munistem.commons.files.rules import recognise
from munistem.commons.text.names import harmless_file_name
from tests.commons import hostile
from tests.commons.factories import uploaded
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
