"""Where one is signed in: seen, told by mail when it is new, ended by oneself alone; what ends with a new password."""

import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from django.conf import settings as configured
from django.core import mail
from django.test import Client
from django.utils import timezone

from members.actions.device import read_agent
from members.models import Device, User
from munistem.commons.audit.models import AuditEvent
from munistem.front.views.sessions import SEEN_EVERY
from tests.members.factories import PASSWORD, fresh, make_member

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
AGENTS = {
    PHONE: ("safari", "iphone"),
    DESK: ("firefox", "windows"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": ("chrome", "windows"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0": ("edge", "windows"),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15": ("safari", "mac"),
    "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": ("samsung", "android"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1": ("chrome", "iphone"),
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": ("chrome", "chromeos"),
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": ("firefox", "linux"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/120.0.0.0": ("opera", "windows"),
    "": ("", ""),
    "curl/8.7.1": ("", ""),
    "Edgard " * 10_000: ("", ""),
}  # fmt: skip


@pytest.fixture
def person():
    person = make_member(name="Dana Levi", password=PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def signed_in(person, agent, client=None) -> Client:
    client = client or Client(headers={"user-agent": agent})
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "en"
    assert client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}).url == "/"
    return client


def subjects() -> list[str]:
    return [letter.subject for letter in mail.outbox]


@pytest.mark.parametrize("number", range(len(AGENTS)))
def test_browsers_and_systems_are_told_by_their_words(number):
    agent, expected = list(AGENTS.items())[number]
    assert read_agent(agent) == expected


def test_devices_are_listed_this_one_first(person):
    phone, desk = signed_in(person, PHONE), signed_in(person, DESK)
    page = desk.get("/me/sessions/").content.decode()
    assert page.index("Firefox") < page.index("This device") < page.index("Safari")
    assert page.count("Last here:") == 1
    assert "Firefox" in phone.get("/me/sessions/").content.decode()


def test_new_device_is_told_by_mail_the_first_and_a_known_one_are_not(person):
    phone = signed_in(person, PHONE)
    assert subjects() == []
    signed_in(person, DESK)
    assert subjects() == ["New sign-in to your account"]
    assert "Firefox" in mail.outbox[0].body and "Windows" in mail.outbox[0].body
    phone.post("/accounts/logout/")
    signed_in(person, PHONE, phone)
    assert len(subjects()) == 1
    assert Device.objects.count() == 2


def test_mark_of_a_device_is_kept_as_a_fingerprint_and_out_of_reach_of_scripts(person):
    client = signed_in(person, PHONE)
    cookie = client.cookies[configured.DEVICE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie.value not in str(Device.objects.values())


def test_two_people_at_one_browser_are_two_devices(person):
    client = signed_in(person, PHONE)
    other = make_member(password=PASSWORD)
    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    client.post("/accounts/logout/")
    signed_in(other, PHONE, client)
    assert Device.objects.count() == 2
    assert subjects() == []


def test_one_session_is_ended_and_only_ones_own(person):
    phone, desk = signed_in(person, PHONE), signed_in(person, DESK)
    device = Device.objects.get(system="iphone")
    stranger = Client()
    stranger.force_login(make_member())
    assert stranger.post(f"/me/sessions/{device.key}/end/").status_code == 404
    assert phone.get("/me/sessions/").status_code == 200
    for _ in range(2):  # harmless the second time
        assert desk.post(f"/me/sessions/{device.key}/end/").url == "/me/sessions/"
    assert phone.get("/me/sessions/").status_code == 302
    assert "Safari" not in desk.get("/me/sessions/").content.decode()
    assert AuditEvent.objects.filter(deed="end_session", actor=person).count() == 1


def test_all_others_are_ended_this_one_stays(person):
    old = Client()
    old.force_login(person)  # of the time before devices were noted
    phone, desk = signed_in(person, PHONE), signed_in(person, DESK)
    assert "2 other places" in desk.post("/me/sessions/others/", follow=True).content.decode()
    assert [client.get("/me/data/").status_code for client in (old, phone, desk)] == [302, 302, 200]
    assert "only here" in desk.post("/me/sessions/others/", follow=True).content.decode()


def test_session_of_before_is_shown_as_this_device(person):
    client = Client(headers={"user-agent": PHONE})
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(person)
    page = client.get("/me/sessions/").content.decode()
    assert "This device" in page
    assert client.get("/me/sessions/").content.decode().count("row__title") == 1


def test_password_change_ends_other_sessions_and_is_told(person):
    phone, desk = signed_in(person, PHONE), signed_in(person, DESK)
    mail.outbox.clear()
    new = "another long phrase 27"
    told = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert desk.post("/accounts/password/change/", told).status_code == 302
    assert phone.get("/me/data/").status_code == 302
    page = desk.get("/me/sessions/").content.decode()
    assert "This device" in page and "Safari" not in page
    assert subjects() == ["Your password was changed"]
    assert "Firefox" in mail.outbox[0].body


def test_that_somebody_is_here_is_noted_once_an_hour(person, django_assert_num_queries, monkeypatch):
    client = signed_in(person, PHONE)
    Device.objects.update(seen_at=timezone.now() - timedelta(days=1))
    User.objects.update(seen_at=None)
    client.get("/about/")
    assert fresh(person).seen_at is None
    later = time.time() + SEEN_EVERY + 1
    monkeypatch.setattr(time, "time", lambda: later)
    client.get("/about/")
    assert fresh(person).seen_at is not None
    assert Device.objects.get().seen_at > timezone.now() - timedelta(minutes=1)


def test_list_costs_the_same_for_one_and_thirty(person, client, count_queries):
    signed_in(person, PHONE, client)
    few = count_queries("/me/sessions/")
    for _ in range(5):
        signed_in(person, DESK)
    assert count_queries("/me/sessions/") == few <= 15


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("mfa/email/totp_activated", "asks for a code from an app now"),
        ("mfa/email/recovery_codes_generated", "New recovery codes"),
        ("account/email/email_changed", "Your e-mail address was changed"),
        ("mfa/email/unheard_of", "Your sign-in was changed"),
    ],
)
def test_changes_of_sign_in_are_told_in_our_words(person, rf, change, words):
    from munistem.front.adapters import AccountAdapter

    request = rf.get("/", headers={"user-agent": DESK})
    with request_context(request):
        AccountAdapter().send_notification_mail(change, person, email="before@munistem.example")
    [letter] = mail.outbox
    assert letter.to == ["before@munistem.example"]
    assert words in letter.subject
    assert "Firefox" in letter.body and "munistem.example" in letter.body
