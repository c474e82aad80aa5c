"""The second step and what guards it: recovery codes are shown once, changes ask who it is; limits hold over processes."""

import os
import subprocess
import sys

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as configured
from django.core import mail
from django.db import connection

from munistem.commons.guards.limits import count_hit
from munistem.commons.guards.models import Hit
from tests.members.factories import PASSWORD, fresh, make_member

pytestmark = pytest.mark.django_db
COUNT = """
import django; django.setup()
from munistem.commons.guards.limits import count_hit
print(max(count_hit("processes", 3600) for _ in range(20)))
"""


@pytest.fixture
def person(client):
    person = make_member(password=PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return person


def show_who_it_is(client):
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def codes_on(page: str) -> int:
    return page.count("<code>")


def test_recovery_codes_are_shown_once_and_made_anew(client, person, django_capture_on_commit_callbacks):
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    assert client.get("/accounts/2fa/recovery-codes/generate/").status_code == 302  # who is it?
    show_who_it_is(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/recovery-codes/generate/")
    first = client.get("/accounts/2fa/recovery-codes/").content.decode()
    again = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert (codes_on(first), codes_on(again)) == (10, 0)
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 403
    old = Authenticator.objects.get(type="recovery_codes").data
    client.post("/accounts/2fa/recovery-codes/generate/")
    assert Authenticator.objects.get(type="recovery_codes").data != old
    assert codes_on(client.get("/accounts/2fa/recovery-codes/").content.decode()) == 10
    assert mail.outbox[0].subject == "New recovery codes were made; the old ones no longer work"


def test_address_is_changed_only_by_who_shows_who_they_are(client, person):
    new = {"email": "new@munistem.example", "action_add": ""}
    asked = client.post("/accounts/email/", new)
    assert asked.url.startswith("/accounts/reauthenticate/")
    assert not EmailAddress.objects.filter(email=new["email"]).exists()
    client.post(asked.url, {"password": PASSWORD, "next": "/accounts/email/"})
    client.post("/accounts/email/", new)
    assert fresh(person).email == person.email  # until the new one is confirmed
    assert [letter.to for letter in mail.outbox] == [[new["email"]]]


@pytest.mark.django_db(transaction=True)
def test_limits_hold_over_processes_and_restarts():
    """Twenty uses in each of two processes, which end, and one here: forty-one in all."""
    database = connection.settings_dict
    where = f"host={database['HOST']}&port={database['PORT']}" if database["HOST"] else ""
    surroundings = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "DEBUG": "1",
        "DATA_DIR": str(configured.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "munistem.settings",
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?{where}",
    }
    both = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", COUNT],
            cwd=configured.BASE_DIR,
            env=surroundings,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    counted = sorted(int(process.communicate(timeout=120)[0]) for process in both)
    try:
        assert counted[-1] == 40
        assert count_hit("processes", 3600) == 41
    finally:
        Hit.objects.filter(key="processes").delete()
