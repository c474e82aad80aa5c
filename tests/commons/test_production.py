"""What holds in production alone: settings that must be there, https, and who is told of it how."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import get_resolver, reverse

pytestmark = pytest.mark.django_db

PRODUCTION = {
    "SECRET_KEY": "only of this test, long enough and of many different letters: 0123456789",
    "ALLOWED_HOSTS": "portal.example",
    "DATABASE_URL": "postgresql:///none?host=/nonexistent",
    "EMAIL_URL": "smtp://localhost:25",
    "TRUSTED_PROXIES": "1",
}


def manage(*words: str, **surroundings: str) -> subprocess.CompletedProcess:
    """A command of the portal in an environment that holds nothing else."""
    env = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(configured.DATA_DIR),
        "PYTHONWARNINGS": "ignore",
        **surroundings,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=configured.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_check_of_the_deployment_is_clean():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_names_what_it_lacks(missing):
    done = manage("check", **{**PRODUCTION, missing: ""})
    assert done.returncode != 0
    assert (
        done.stderr.strip()
        == f"Set {missing} in the environment (or DEBUG=1 for a trial on your own machine)."
    )


PROGRAMS = [
    "/api/v1/communities/",
    "/api/v1/docs",
    "/mail/inbound/postmark/",
    "/mail/tracking/postmark/",
    "/oai/",
    "/calendar/abc.ics",
    "/knowledge/feed/",
    "/knowledge/feed/abc/",
    "/communities/stem/library/feed/",
]
PEOPLE = [
    "/",
    "/knowledge/",
    "/me/follows/feed/",
    "/me/calendar/",
    "/accounts/login/",
    "/policy/adoption/table.csv",
]


@pytest.fixture
def _https(settings):
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["portal.example"]


@pytest.mark.usefixtures("_https")
@pytest.mark.parametrize("path", PROGRAMS)
def test_program_that_speaks_plain_http_is_refused_and_not_redirected(path):
    """A redirect would hide that the key in its address went over the line for all to read."""
    for method in ("get", "post"):
        answer = getattr(Client(), method)(path, HTTP_HOST="portal.example")
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/json")
        assert answer.json() == {"detail": "This address speaks https only."}
        assert not answer.cookies
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert Client().get(path, HTTP_HOST="portal.example", secure=True).status_code != 301


@pytest.mark.usefixtures("_https")
@pytest.mark.parametrize("path", PEOPLE)
def test_page_asked_over_plain_http_is_redirected(path):
    answer = Client().get(path, HTTP_HOST="portal.example")
    assert (answer.status_code, answer["Location"]) == (301, f"https://portal.example{path}")


def test_every_address_of_programs_is_known_by_its_pattern(settings):
    """A feed, calendar or service that is added later is one for programs by its address alone."""
    of_programs = {"take_mail", "take_tracking", "answer_harvester", "serve_feed"} | {
        name for name in names_of_addresses() if name.startswith("serve_") and name.endswith("_feed")
    }
    arguments = {"service": "postmark", "token": "abc", "slug": "stem"}
    for name in of_programs:
        path = next(iter(addresses_of(name, arguments)))
        assert re.match(settings.OF_PROGRAMS, path.lstrip("/")), name


def names_of_addresses() -> set[str]:
    return {name for name in get_resolver().reverse_dict if isinstance(name, str)}


def addresses_of(name: str, arguments: dict[str, str]) -> list[str]:
    """The address of this name, with those of the arguments that it takes."""
    wanted = get_resolver().reverse_dict.getlist(name)[0][0][0][1]
    return [reverse(name, kwargs={key: arguments[key] for key in wanted if key in arguments})]


HEADERS = """
import django; django.setup()
from django.test import Client
answer = Client().get("/healthz", HTTP_HOST="10.0.0.7:8000")
print(answer.status_code, answer.headers.get("Strict-Transport-Security"))
answer = Client().get("/about/", HTTP_HOST="portal.example")
print(answer.status_code, answer["Location"])
answer = Client().get("/readyz", HTTP_HOST="10.0.0.7:8000", HTTP_X_FORWARDED_PROTO="https")
print(answer.status_code, answer.content, answer.headers["Strict-Transport-Security"])
from django.conf import settings
from munistem.commons.guards.cookies import HostCookieStorage
names = {getattr(settings, name) for name in dir(settings) if name.endswith("_COOKIE_NAME")} | {HostCookieStorage.cookie_name}
print(sorted(name for name in names if not name.startswith("__Host-")), settings.SESSION_COOKIE_HTTPONLY)
"""


@pytest.mark.slow
def test_production_speaks_https_and_answers_watchmen_by_any_name():
    env = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(configured.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "munistem.settings",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HEADERS],
        cwd=configured.BASE_DIR,
        env=env | PRODUCTION,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "200 None",
        "301 https://portal.example/about/",
        "503 b'the database cannot be reached\\n' max-age=63072000; includeSubDomains; preload",
        "[] True",
    ], done.stderr
