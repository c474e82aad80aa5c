"""What docs/safety.md and docs/asvs.md name is there; and the traps of this stack that no other test holds."""

import os
import re
import subprocess
import sys
import time
from ast import FunctionDef, parse
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hashers_by_algorithm
from django.test import Client
from gunicorn.config import KNOWN_SETTINGS

from munistem import gunicorn
from munistem.front.views import health
from tests.moments import worked

HASH_AT_MOST = 0.12  # seconds of one core
NAMED = re.compile(r"`((?:tests|munistem|docs|members|communities|knowledge|policy)/[\w./-]+)(?:::(\w+))?`")
LOOK_AHEAD = """
import sys
import munistem.wsgi
from munistem import gunicorn
print("before", "communities.views.topic" in sys.modules)
gunicorn.look_ahead()
print("after", "communities.views.topic" in sys.modules)
"""
SHEETS = ("safety.md", "asvs.md")


@pytest.mark.parametrize("sheet", SHEETS)
def test_what_a_sheet_names_is_there(sheet):
    """A sheet that names a test which is no more proves nothing."""
    missing = []
    for path, test in NAMED.findall((settings.BASE_DIR / "docs" / sheet).read_text()):
        place = settings.BASE_DIR / path
        if not place.exists() or (test and test not in functions_of(place)):
            missing.append(f"{path}::{test}" if test else path)
    assert missing == []


def test_sheet_of_asvs_is_whole_and_level_one_has_no_gap():
    """Seventy requirements of level 1, 183 of level 2; a gap says why."""
    text = (settings.BASE_DIR / "docs" / "asvs.md").read_text().partition("## All of them")[2]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "| " in line
    ][1:]
    levels = [level for _number, level, *_rest in rows if level in ("1", "2")]
    assert (levels.count("1"), levels.count("2")) == (70, 183)
    for _number, level, what, how, where in rows:
        assert what and (where or how.startswith(("does not apply: ", "gap: ")))
        assert level != "1" or not how.startswith("gap")


def functions_of(place: Path) -> set[str]:
    return {node.name for node in parse(place.read_text()).body if isinstance(node, FunctionDef)}


def test_hash_of_a_password_costs_what_was_chosen():
    """Argon2id, slow for who guesses and quick enough that sign-in is no way to stop the portal."""
    hasher = get_hashers_by_algorithm()["argon2"]
    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) == (19_456, 2, 1)
    begun = worked()
    encoded = hasher.encode("a password", hasher.salt())
    assert worked() - begun < HASH_AT_MOST * 2  # a busy machine counts some of its own work
    assert encoded.startswith("argon2$argon2id$")


def test_watchman_is_answered_while_the_database_hangs(monkeypatch):
    """His page waits two seconds for a question that hangs and then says so."""
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    Client().get("/healthz")  # what the first page imports is no part of the wait
    with health._asking:
        begun = time.monotonic()
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"the database is still being asked\n")
    assert time.monotonic() - begun < 2


def test_web_service_reads_what_pages_need_before_it_forks():
    """Without the database, which may be away when the service starts; and a worker that follows a killed one has all of it."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK_AHEAD],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "munistem.settings",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        }
        | {"DEBUG": "1", "DATA_DIR": str(settings.DATA_DIR)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "before False\nafter True\n", done.stderr


def test_web_service_opens_no_door_of_its_own_and_slow_clients_stay_with_the_proxy():
    """gunicorn reads a request in one of few threads: who sends a byte a minute is held off by the proxy in front."""
    assert gunicorn.control_socket_disable is True
    assert "control_socket_disable" in {setting.name for setting in KNOWN_SETTINGS}
    proxy = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    assert "proxy_pass http://127.0.0.1:8000;" in proxy
    assert "proxy_request_buffering off" not in proxy
    assert "proxy_buffering off" not in proxy
