"""The door: what a stranger learns there, how often anybody may try, what staff must bring."""

import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from munistem.commons.guards.limits import client_address, count_hit, give_back, neighbourhood
from munistem.commons.guards.models import Hit
from munistem.front import adapters
from tests.members.factories import make_admin, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"
KNOWN, UNKNOWN = "known@munistem.example", "unknown@munistem.example"


@pytest.fixture
def known():
    """A person who can sign in with a password."""
    return make_known(KNOWN)


def make_known(email, **fields):
    person = make_user(email=email, **fields)
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def sign_in(email, password=PASSWORD, client=None, **headers):
    client = client or Client()
    client.cookies["django_language"] = "en"
    return client.post(reverse("account_login"), {"login": email, "password": password}, **headers)


def is_in(response) -> bool:
    return response.status_code == 302 and "login" not in response["Location"]


def text(response) -> str:
    """What the page says, without secrets that differ each time and without the address that was typed."""
    page = response.content.decode()
    page = re.sub(r'(?:nonce|value|csrfmiddlewaretoken)="[^"]*"', "", page)
    return re.sub(r"(?:un)?known@munistem\.example", "", page)


# What a stranger learns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "form"),
    [
        ("account_login", {"login": "{email}", "password": "surely a wrong one"}),
        ("account_signup", {"email": "{email}", "password1": PASSWORD, "name": "Somebody"}),
        ("account_reset_password", {"email": "{email}"}),
        ("account_request_login_code", {"email": "{email}"}),
    ],
)
def test_door_says_the_same_of_known_and_unknown_addresses(known, door, form):
    seen = []
    for email in (KNOWN, UNKNOWN):
        client = Client()
        client.cookies["django_language"] = "en"
        filled = {name: value.format(email=email) for name, value in form.items()}
        response = client.post(reverse(door), filled)
        after = client.get(response["Location"]) if response.status_code == 302 else response
        seen.append((response.status_code, response.get("Location"), after.status_code, text(after)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("door", "form"),
    [
        ("account_login", {"login": "{email}", "password": "surely a wrong one"}),
        ("account_signup", {"email": "{email}", "password1": PASSWORD, "name": "Somebody"}),
    ],
)
def test_known_and_unknown_addresses_cost_the_same_work(known, monkeypatch, door, form):
    """One password is hashed either way: that is what takes the time."""
    from django.contrib.auth.hashers import get_hasher

    hashed = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    counts = []
    for email in (KNOWN, UNKNOWN):
        hashed.clear()
        Client().post(reverse(door), {name: value.format(email=email) for name, value in form.items()})
        counts.append(len(hashed))
    assert counts[0] == counts[1] >= 1


def test_deactivated_person_reads_what_a_stranger_reads(known):
    known.is_active = False
    known.save()
    assert text(sign_in(KNOWN, "a wrong one")) == text(sign_in(UNKNOWN, "a wrong one"))
    assert sign_in(KNOWN)["Location"] == reverse("account_inactive")  # who has the password may know


# How often anybody may try -----------------------------------------------------------------------------------


def test_sixth_guess_at_an_account_is_refused_wherever_it_comes_from(known):
    for number in range(adapters.TRIES_AT_ACCOUNT):
        assert not is_in(sign_in(KNOWN, f"guess {number}", REMOTE_ADDR=f"192.0.2.{number}"))
    refused = sign_in(KNOWN, REMOTE_ADDR="192.0.2.99")
    assert not is_in(refused)
    assert "Please wait five minutes" in refused.content.decode()


def test_spelling_of_an_address_opens_no_new_tries(known):
    for spelling in ("KNOWN@munistem.example", " known@munistem.example", "Known@MUNISTEM.example") * 2:
        sign_in(spelling, "guess", REMOTE_ADDR="192.0.2.1")
    assert not is_in(sign_in(KNOWN, REMOTE_ADDR="192.0.2.2"))


def test_one_address_tries_at_most_twenty_accounts(known):
    for number in range(adapters.TRIES_FROM_ADDRESS):
        sign_in(f"person{number}@munistem.example", "guess", REMOTE_ADDR="192.0.2.1")
    assert not is_in(sign_in(KNOWN, REMOTE_ADDR="192.0.2.1"))
    assert is_in(sign_in(KNOWN, REMOTE_ADDR="192.0.2.2"))


def test_neighbours_of_one_subscriber_are_one_reader(known):
    for number in range(adapters.TRIES_FROM_ADDRESS):
        sign_in(f"person{number}@munistem.example", "guess", REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
    assert not is_in(sign_in(KNOWN, REMOTE_ADDR="2001:db8:1:2:ffff::1"))


def test_right_passwords_are_not_counted(known):
    for _ in range(adapters.TRIES_AT_ACCOUNT + 3):
        assert is_in(sign_in(KNOWN))


def test_right_password_forgives_no_wrong_ones(known):
    """Else somebody with an account of his own would guess at others without end."""
    make_known("own@munistem.example")
    for number in range(adapters.TRIES_FROM_ADDRESS):
        sign_in(f"person{number}@munistem.example", "guess")
        if number % 4 == 3 and number < adapters.TRIES_FROM_ADDRESS - 1:
            assert is_in(sign_in("own@munistem.example"))
    assert not is_in(sign_in(KNOWN))


@contextmanager
def own_connections():
    """Threads of this test see committed rows; what they leave is removed."""
    yield
    Hit.objects.filter(key__startswith="race").delete()


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_all_counted():
    """Workers share one count: none of twelve simultaneous uses is lost."""
    counts: list[int] = []

    def use():
        counts.append(count_hit("race", 60))
        connection.close()

    with own_connections():
        threads = [threading.Thread(target=use) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(counts) == list(range(1, 13))


def test_given_back_use_is_free_again():
    assert [count_hit("deed", 60, 2) for _ in range(2)] == [1, 2]
    give_back("deed")
    assert count_hit("deed", 60, 2) == 2
    give_back("never used")


def test_codes_by_mail_are_limited_too(known):
    statuses = [
        Client().post(reverse("account_request_login_code"), {"email": KNOWN}).status_code for _ in range(5)
    ]
    assert statuses == [302, 302, 302, 200, 200]  # 200: the form again, with the reason


# Who asks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "forwarded", "expected"),
    [
        (0, "203.0.113.7", "192.0.2.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.9, 203.0.113.7", "203.0.113.7"),  # what the client itself wrote comes first
        (2, "198.51.100.9, 203.0.113.7", "198.51.100.9"),
        (2, "203.0.113.7", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_forwarded_addresses_are_trusted_from_known_proxies_alone(rf, settings, count, forwarded, expected):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


def test_forged_forwarded_addresses_open_no_new_tries(known):
    for number in range(adapters.TRIES_FROM_ADDRESS):
        sign_in(f"person{number}@munistem.example", "guess", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert not is_in(sign_in(KNOWN, HTTP_X_FORWARDED_FOR="203.0.113.99"))


def test_neighbourhood_of_an_address():
    assert neighbourhood("192.0.2.1") == "192.0.2.1"
    assert neighbourhood("::ffff:192.0.2.1") == "192.0.2.1"
    assert neighbourhood("2001:db8::1") == "2001:db8::/64"
    assert neighbourhood("") == ""


# Staff -----------------------------------------------------------------------------------------------------------


def test_admin_has_no_door_of_its_own(client, known):
    response = client.get("/admin/login/?next=/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    response = client.post("/admin/login/", {"username": KNOWN, "password": PASSWORD})
    assert response.status_code == 302
    assert client.get("/admin/").status_code == 302


def test_staff_bring_a_second_factor_unless_in_the_demo(client, settings):
    client.force_login(make_admin())
    settings.IS_SECOND_FACTOR_REQUIRED = True
    for path in ("/admin/", "/", "/desk/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, reverse("mfa_index"))
    settings.IS_SECOND_FACTOR_REQUIRED = False
    assert client.get("/admin/").status_code == 200


def test_second_factor_is_asked_for_before_staff_are_in(known):
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(known, "JBSWY3DPEHPK3PXP")
    client = Client()
    response = sign_in(KNOWN, client=client)
    assert response["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


# Others' accounts ------------------------------------------------------------------------------------------------


def test_provider_that_is_not_set_up_has_no_addresses(client):
    assert configured.SOCIALACCOUNT_PROVIDERS == {}
    for path in ("google/login/", "google/login/callback/", "microsoft/login/", "oidc/oidc/login/"):
        assert client.get(f"/accounts/{path}").status_code == 404


ASK = """
import django; django.setup()
from django.conf import settings
from django.urls import reverse
from django.utils import translation
print(reverse("google_login"), reverse("microsoft_login"), settings.SOCIALACCOUNT_PROVIDERS["microsoft"]["VERIFIED_EMAIL"])
"""


@pytest.mark.parametrize(("tenant", "is_trusted"), [("", "False"), ("ministry.example", "True")])
def test_providers_set_up_in_the_environment_stand_and_trust_a_named_tenant_only(tenant, is_trusted):
    surroundings = {
        "PATH": "/usr/bin:/bin",
        "DEBUG": "1",
        "DATA_DIR": str(configured.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "munistem.settings",
        "DATABASE_URL": "postgresql:///none?host=/nonexistent",
        "GOOGLE_CLIENT_ID": "g",
        "MICROSOFT_CLIENT_ID": "m",
        "MICROSOFT_TENANT": tenant,
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK],
        cwd=configured.BASE_DIR,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    doors = ["/accounts/google/login/", "/accounts/microsoft/login/"]
    assert done.stdout.split() == [*doors, is_trusted], done.stderr


@pytest.mark.parametrize("door", ["account_signup", "account_reset_password", "account_request_login_code"])
def test_doors_that_could_tell_who_is_known_answer_after_one_and_the_same_time(
    client, settings, monkeypatch, door
):
    settings.EVEN_SECONDS = 600
    rests = []
    monkeypatch.setattr(time, "sleep", rests.append)
    started = time.monotonic()
    client.post(reverse(door))
    [rest] = rests
    assert 600 - (time.monotonic() - started) <= rest <= 600
    client.get(reverse(door))
    assert len(rests) == 1


# Letters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "greeting"), [("he", "שלום מ־muni:STEM,"), ("en", "Hello from muni:STEM!")]
)
def test_letters_of_the_door_speak_the_persons_language_and_name_the_portal(language, greeting):
    with translation.override("ar"):
        letter = adapters.AccountAdapter().render_mail(
            "account/email/login_code", KNOWN, {"user": make_user(language=language), "code": "BLRZ-MCPV"}
        )
    assert letter.body.startswith(greeting)
    assert "\nBLRZ-MCPV\n" in letter.body
    assert '<strong dir="ltr">BLRZ-MCPV</strong>' in letter.alternatives[0][0]
    assert "testserver" not in letter.body


def test_summary_of_mistakes_sets_no_colon_after_a_question(client):
    client.cookies["django_language"] = "en"
    page = client.post(reverse("join"), {"type": ""}).content.decode()
    assert "Who would like to join? Choose" in page
    assert "?:" not in page


@pytest.mark.parametrize("url", ["/", "/me/profile/", "/search/?q=lighthouse", "/knowledge/"])
def test_pages_do_not_read_what_the_search_knows_of_their_reader(client, url):
    client.force_login(make_user(about="A lighthouse. " * 50))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    whole = [query["sql"] for query in captured if '"members_user"."search_vector",' in query["sql"]]
    assert whole == []
