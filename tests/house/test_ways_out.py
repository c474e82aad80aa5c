"""Nobody is led away from the portal by a forged link, and while it answers it speaks to no other machine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.front.test_signin import PASSWORD, make_known
from tests.house import forms
from tests.house.test_bad_input import addresses, pages, visit_of
from tests.house.test_bad_input import world as world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ELSEWHERE = (
    "https://bad.example/",
    "http:bad.example",
    "https:/bad.example",
    "https:///bad.example",
    "//bad.example",
    "///bad.example",
    "////bad.example",
    "/\\bad.example",
    "\\\\bad.example",
    "/\\/bad.example",
    "/\t/bad.example",
    "\t//bad.example",
    " //bad.example",
    "\n//bad.example",
    "/%09/bad.example",
    "//bad.example%2f..",
    "//bad.example\\@testserver/",
    "http://testserver@bad.example/",
    "http://testserver.bad.example/",
    "http://testserver:80@bad.example",
    "http://bad.example#testserver",
    "http://[::1]@bad.example",
    "//[bad",
    "javascript:alert(1)",
    "JaVaScRiPt://testserver/%0aalert(1)",
    "data:text/html,x",
    "ftp://testserver/",
    "//bad。example",
    "//\u2100.example",
    "http://ⓑⓐⓓ.example",
)
#: By which names an address might say where one goes on.
NAMES, TARGET = (
    ("next", "go", "to", "url", "return", "place", "back", "redirect_to", "continue"),
    "//bad.example/",
)


def leads_away(place: str) -> bool:
    """As browsers read it: backslashes are slashes, tabs and line ends are nothing."""
    read = "".join(letter for letter in place if letter not in "\t\r\n").strip().replace("\\", "/")
    parts = urlsplit(read)  # fails on what is no address: the portal may not send that either
    return (
        parts.scheme not in ("", "http", "https")
        or read.startswith("//")
        or parts.netloc not in ("", "testserver")
    )


def place_of(answer) -> str:
    return answer.headers.get("Location", "") or answer.headers.get("HX-Redirect", "")


def test_no_link_leads_away_after_signing_in_or_out():
    person, led = make_known("dana@munistem.example"), []
    for number, target in enumerate(ELSEWHERE):
        client = Client(REMOTE_ADDR=f"10.0.{number}.1")
        query, told = (f"?next={quote(target)}", {}) if number % 2 else ("", {"next": target})
        answers = [
            client.get(f"{reverse('account_signup')}?next={quote(target)}"),
            client.post(
                f"{reverse('account_login')}{query}", {"login": person.email, "password": PASSWORD, **told}
            ),
            client.get(f"{reverse('account_login')}?next={quote(target)}"),
            client.get(f"{reverse('account_reauthenticate')}?next={quote(target)}"),
            client.post(f"{reverse('account_logout')}{query}", told),
        ]
        assert [answers[place].status_code for place in (1, 2, 4)] == [302] * 3, target
        led += [(target, place_of(answer)) for answer in answers if leads_away(place_of(answer))]
    assert led == []


def test_no_page_leads_away_because_its_address_asks_for_it(world):
    visit, led = visit_of(world, "cmember"), []
    for path in addresses(world):
        answer = visit.get(path, "&".join(f"{name}={quote(TARGET)}" for name in NAMES))
        if leads_away(place_of(answer)):
            led.append((path, place_of(answer)))
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            led += [(path, "a link")] * (f'href="{TARGET}'.encode() in answer.content)
    assert led == []
    assert visit.faults == []


@pytest.mark.parametrize("deed", ["choose_organisation", "follow"])
def test_forms_that_say_where_one_goes_on_lead_nowhere_else(world, deed):
    visit = visit_of(world, "manager")
    told = {"organisation": [world.organisation.slug.encode()], "kind": [b"stage"], "value": [b"primary"]}
    for target in ELSEWHERE:
        answer = visit.fill_in(reverse(deed), told | {"next": [target.encode()]}, "a way elsewhere")
        assert answer.status_code == 302
        assert not leads_away(place_of(answer)), target
    assert visit.faults == []


@contextmanager
def silence(monkeypatch) -> Iterator[list[str]]:
    """Whoever asks for another machine is written down and hears nothing; the database is spoken to from C."""
    asked: list[str] = []
    connect = socket.socket.connect

    def refuse(*words, **more):
        if isinstance(words[0], socket.socket) and words[0].family == socket.AF_UNIX:
            return connect(*words)  # whether the embedded database listens
        asked.append(repr(words)[:200])
        raise OSError("the portal speaks to nobody while it answers")

    with monkeypatch.context() as patched:
        for name in ("connect", "connect_ex", "sendto"):
            patched.setattr(socket.socket, name, refuse)
        for name in ("create_connection", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getfqdn"):
            patched.setattr(socket, name, refuse)
        yield asked


def test_no_page_and_no_form_speaks_to_another_machine(world, monkeypatch):
    visit, links = visit_of(world, "manager"), b"https://bad.example/x.png http://169.254.169.254/ see"
    with silence(monkeypatch) as asked:
        for path, page in pages(world, visit):
            for form in forms.forms_of(page):
                if form.free:
                    sent = {name: [value.encode() for value in values] for name, values in form.data.items()}
                    sent |= {
                        name: [b"https://bad.example/" if "url" in name or "link" in name else links]
                        for name in form.free
                    }
                    visit.fill_in((form.action or path).partition("#")[0].partition("?")[0], sent, "links")
        assert asked == []
    assert visit.faults == []
