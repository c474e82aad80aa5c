"""The web service's processes share their code, bring in nothing that few ask for, and give memory back."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from django.urls import get_resolver, reverse

from munistem import gunicorn, memory

ROOT = Path(__file__).parent.parent.parent
#: Large libraries that few requests need; who needs them brings them in.
RARE = {
    "ninja",
    "pydantic",
    "icalendar",
    "requests",
    "openpyxl",
    "pypdfium2",
    "polib",
    "babel",
    "PIL",
    "unittest",
}
SAID = "import sys; import munistem.wsgi, munistem.urls; print(*{name.partition('.')[0] for name in sys.modules})"


def test_what_few_ask_for_is_not_brought_in_by_all():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SAID],
        cwd=ROOT,
        env=os.environ | {"DEBUG": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert RARE & set(done.stdout.split()) == set()


def test_workers_share_addresses_and_words():
    gunicorn.look_ahead()
    assert get_resolver()._reverse_dict
    assert reverse("api:openapi-json") == "/api/v1/openapi.json"


def test_worker_gives_memory_back(monkeypatch):
    given, twice = [], threading.Event()

    class Program:
        def malloc_trim(self, kept):
            given.append(kept)
            if len(given) == 2:
                twice.set()

    monkeypatch.setattr(memory, "PROGRAM", Program())
    monkeypatch.setattr(memory, "SECONDS", 0.001)
    gunicorn.post_worker_init(None)
    assert twice.wait(10)
    assert given[:2] == [0, 0]
