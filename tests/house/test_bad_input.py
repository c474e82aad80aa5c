"""Whatever is typed or sent, everywhere: a clear answer, never a breakdown; forms keep what was typed and say why.

The addresses are those of the portal, the forms those that its pages show; both are found, not listed. Every request is
taken back, so that none changes the world for the next.
"""

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from django.urls import reverse

from munistem.commons.guards.middleware import OF_MACHINES
from tests.house import forms
from tests.house.test_roles import admin_pages, client_of, patterns
from tests.house.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROLES = ("visitor", "cmember", "manager", "admin")
SLOW = 3.0  # seconds of processor time for one answer
TYPED = "Kept as it was typed"

#: What is no text; one middleware refuses it for all pages.
UNREADABLE = {"NUL": b"a\x00b", "no UTF-8": b"\xff\xfe\xc0\x80", "a lone surrogate": b"\xed\xa0\x80"}
#: What may stand after ``name=``.
CORPUS: dict[str, bytes] = {
    "bidi controls": "\u202eevil\u202c\u2066\u200f\u061c".encode(),
    "a huge number": b"1" + b"0" * 30,
    "a huge negative number": b"-1" + b"0" * 30,
    "just past 64 bits": b"9223372036854775808",
    "minus one": b"-1",
    "digits of other scripts": "١٢²".encode(),
    "an unknown code": b"no-such-code",
    "an SQL snippet": b"' OR 1=1; DROP TABLE x;-- %_\\",
    "operators of search": b"!&|():*<-> '\" NaN",
    "HTML and template snippets": b'<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7*7 }}{% debug %}%(name)s{0}',
    "emoji and combining marks": ("👩‍👩‍👧‍👦" * 20 + "e" + "\u0301" * 400).encode(),
    "the year one": b"0001-01-01",
    "a date far ahead": b"9999-12-31T23:59:59",
    "a broken address": b"http://[bad.example/x",
    "a date that is none": b"2026-02-31T25:61:61Z",
    "line ends": b"../../etc/passwd\r\nSet-Cookie: x=1\r\n\r\n",
    "7,000 letters": b"x" * 7_000,
}
#: What may stand in a form's field besides.
LONG = {
    "100,000 letters": b"y" * 100_000,
    "a deep nest": b"<blockquote>" * 4_000,
    "words without end": "שלום ".encode() * 10_000,
}
IN_PATHS = {
    **UNREADABLE,
    **{what: CORPUS[what] for what in ("bidi controls", "a huge number", "minus one")},
    "zero": b"0",
    "a leading nought": b"007",
    "an unknown code": b"no-such-code",
    "digits of other scripts": "١٢²".encode(),
    "marks": b"'\"<>%&;",
    "a long name": "ש".encode() * 400,
    "no such key": b"00000000-0000-4000-8000-000000000000",
}
FOR_ADMINS = ("a huge number", "zero", "an unknown code", "no such key")


@pytest.fixture
def world(settings, tmp_path):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    settings.DEMO = True
    settings.EMAIL_FOLDER = tmp_path
    return World()


class Visit:
    """Requests of one person; notes what broke or took too long."""

    def __init__(self, person: Any):
        self.client: Client = client_of(person)
        self.client.cookies["django_language"] = "en"
        self.faults: list[str] = []

    def ask(self, method: str, path: str, query: str = "", body: bytes = b"", type_: str = "", *, what: str):
        """One request that leaves no trace; the answer, its content read."""
        start = time.process_time()
        with transaction.atomic():
            response = self.client.generic(
                method, path, body, type_ or "application/x-www-form-urlencoded", QUERY_STRING=query
            )
            read_to_the_end(response)
            transaction.set_rollback(True)
        if response.status_code >= 500:
            broken = response.exc_info[1] if getattr(response, "exc_info", None) else ""
            self.faults.append(f"{method} {path} with {what}: {response.status_code} {broken!r:.300}")
        if time.process_time() - start > SLOW:
            self.faults.append(f"{method} {path} with {what}: took {time.process_time() - start:.1f} s")
        return response

    def get(self, path: str, query: str = "", *, what: str = "nothing odd") -> HttpResponse:
        return self.ask("GET", path, query, what=what)

    def fill_in(self, path: str, data: dict[str, list[bytes]], what: str) -> HttpResponse:
        body = "&".join(
            f"{quote(name)}={quote_from_bytes(value)}" for name, values in data.items() for value in values
        )
        return self.ask("POST", path, body=body.encode(), what=what)


def read_to_the_end(response: Any) -> None:
    """Read a file that is handed out, and close it; ``response.close()`` would close the test's database as well."""
    if response.streaming:
        list(response.streaming_content)
        for handle in response._resource_closers:
            handle()
        response._resource_closers.clear()


def visit_of(world: World, role: str) -> Visit:
    return Visit(world.people.get(role))


def addresses(world: World) -> Iterator[str]:
    """Every address of the portal, with a thing of the world in it."""
    arguments = world.arguments()
    for route, pattern in patterns():
        if pattern.name in arguments:
            yield reverse(pattern.name, kwargs=arguments[pattern.name])
        else:  # test_roles.py asks for the thing; here one that there is not will do
            yield "/" + re.sub(r"<[^>]+>", lambda place: nobody(place.group()), route)


def nobody(place: str) -> str:
    return str(UUID(int=0)) if "uuid" in place else "1" if place.startswith("<id") else "nothing"


def doors() -> Iterator[str]:
    """allauth's pages that need no key."""
    for name in ("login", "signup", "reset_password", "request_login_code", "email", "change_password"):
        yield reverse(f"account_{name}")
    yield from (reverse("mfa_index"), reverse("mfa_activate_totp"), reverse("mfa_authenticate"))


def pages(world: World, visit: Visit) -> Iterator[tuple[str, str]]:
    """(address, HTML) of every page that opens to this person."""
    for path in [*addresses(world), *doors()]:
        answer = visit.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield path, answer.content.decode()


@pytest.mark.parametrize("role", ("visitor", "cmember", "admin"))
def test_no_query_breaks_a_page(world, role):
    """As admin only what opens to admins alone: all else was asked as a member, and tests/house/test_fuzz.py asks as everybody."""
    visit = visit_of(world, role)
    asked = dict(pages(world, visit_of(world, "cmember"))) if role == "admin" else {}
    for path, html in pages(world, visit):
        if path in asked:
            continue
        names = sorted(forms.asked_by(html) | {"page", "q", "next", "kind", "in"})
        for what, value in CORPUS.items():
            odd = quote_from_bytes(value[: 7_500 // len(names)])
            visit.get(path, "&".join(f"{name}={odd}" for name in names), what=what)
        for name in names:  # each alone: one odd value may hide another
            visit.get(path, f"{name}=9223372036854775808", what=f"{name} past 64 bits")
            visit.get(path, f"{name}=1&{name}=2&{name}[]=3&{name}[a]=4", what=f"an array for {name}")
    assert visit.faults == []


def test_what_is_no_text_is_refused_everywhere(world):
    visit = visit_of(world, "cmember")
    for path in addresses(world):
        for what, value in UNREADABLE.items():
            assert visit.get(path, f"q={quote_from_bytes(value)}", what=what).status_code == 400
            refused = (
                403 if path.startswith(OF_MACHINES) else 400
            )  # services are asked for their secret first
            assert visit.fill_in(path, {"title": [value]}, what).status_code == refused
    assert visit.faults == []


@pytest.mark.parametrize("role", ("visitor", "admin"))
def test_no_address_breaks_the_portal(world, role):
    """Odd keys, codes and names in the places that an address keeps for them."""
    visit = visit_of(world, role)
    odds = IN_PATHS if role == "visitor" else {what: IN_PATHS[what] for what in FOR_ADMINS}
    for route, _pattern in patterns():
        for place in re.findall(r"<[^>]+>", route):
            for what, value in odds.items():
                odd = route.replace(place, quote_from_bytes(value, safe=""))
                path = "/" + re.sub(r"<[^>]+>", "1", odd)
                visit.get(path, what=what)
    assert visit.faults == []


@pytest.mark.parametrize("role", ROLES)
def test_no_form_breaks_and_each_keeps_what_was_typed(world, role):
    visit, seen = visit_of(world, role), 0
    for path, html in pages(world, visit):
        for form in forms.forms_of(html):
            torment(visit, form.action or path, form)
            seen += 1
    assert visit.faults == []
    assert seen > 3


def torment(visit: Visit, target: str, form: forms.Form) -> None:
    path = target.partition("#")[0].partition("?")[0]
    untouched = {name: [value.encode() for value in values] for name, values in form.data.items()}
    for deed in form.deeds:
        visit.fill_in(deed, {}, "an empty deed")
    for what, value in CORPUS.items() | LONG.items() if form.free else ():
        visit.fill_in(path, untouched | {name: [value] for name in form.free}, what)
    if form.names:
        for what in ("an unknown code", "a huge number"):
            odd = {name: [CORPUS[what]] for name in [*form.chosen, *form.names] if name not in form.free}
            visit.fill_in(path, untouched | odd, f"{what} for codes")
        twice = {name: [b"1", b"2", b"", b"1"] for name in form.names}
        visit.fill_in(path, twice | {f"{name}[]": [b"3"] for name in form.names}, "arrays for scalars")
        visit.fill_in(path, {}, "nothing at all")
    if form.files:
        send_files(visit, path, form)
    if form.chosen and form.free:
        typed = {name: [TYPED.encode()] for name in form.free}
        odd = {name: [b"no-such-code"] for name in form.chosen}
        is_kept(visit, path, visit.fill_in(path, untouched | typed | odd, "words and unknown codes"), form)


def is_kept(visit: Visit, path: str, answer: HttpResponse, form: forms.Form) -> None:
    """A form that comes back says why, and holds what was typed (passwords and codes excepted)."""
    if answer.status_code not in (200, 409, 422):
        return
    html = answer.content.decode()
    if 'role="alert"' not in html and "errorlist" not in html:
        visit.faults.append(f"{path} takes unknown codes in silence: {sorted(set(form.chosen))}")
    if TYPED not in html:
        visit.faults.append(f"{path} forgets what was typed in {form.free}")


def send_files(visit: Visit, path: str, form: forms.Form) -> None:
    """Files that are none, with names that are none."""
    for name, content in (
        ("\u202efdp.exe", b"MZ\x00"),
        ("../../etc/passwd.pdf", b"%PDF-1.4"),
        ("", b""),
        ("x" * 3_000 + ".pdf", b"%PDF-1.7\n%%EOF"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50),
        ("empty.pdf", b""),
    ):
        sent = {file: SimpleUploadedFile(name or "n", content) for file in form.files}
        body = visit.client._encode_data({**form.data, **sent}, MULTIPART_CONTENT)
        visit.ask("POST", path, body=body, type_=MULTIPART_CONTENT, what=f"a file called {name[:40]!r}")


@pytest.mark.parametrize("role", ("visitor", "cmember"))
def test_no_broken_form_data_breaks_the_portal(world, role):
    """What no browser sends: broken multipart, other charsets, lying headers, a thousand fields."""
    visit = visit_of(world, role)
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"'
    bodies = [
        (b"", MULTIPART_CONTENT),
        (b"--nothing", "multipart/form-data"),
        (f"{part}; filename=\r\n\r\nx".encode(), MULTIPART_CONTENT),
        (
            f"{part}\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n--{BOUNDARY}--".encode(),
            MULTIPART_CONTENT,
        ),
        (f"{part}\r\n\r\n".encode() + b"\xff\x00\xfe" + f"\r\n--{BOUNDARY}--".encode(), MULTIPART_CONTENT),
        (b"title=x", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"title=x", "application/x-www-form-urlencoded; charset=no-such"),
        (b"title=%ff%00", "application/x-www-form-urlencoded"),
        (b"\xff\xfe=\x00", "application/x-www-form-urlencoded"),
        (urlencode([(f"name{number}", "") for number in range(3_000)]).encode(), ""),
        (b'{"title": ', "application/json"),
        (b"<a/>", "text/xml"),
        (b"title=" + b"z" * 11_000_000, ""),
    ]
    for path in ("/accounts/login/", f"/communities/{world.community.slug}/topics/new/", f"/topics/{world.topic.pk}/", "/knowledge/new/"):  # fmt: skip
        for number, (body, type_) in enumerate(bodies):
            visit.ask("POST", path, body=body, type_=type_, what=f"body {number}")
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "QUERY"):
        visit.ask(method, f"/topics/{world.topic.pk}/", what="another method")
    assert visit.faults == []


def test_no_query_breaks_the_admin(world):
    visit = visit_of(world, "admin")
    for page in admin_pages():
        for what in ("a huge number", "operators of search", "an unknown code"):
            odd = quote_from_bytes(CORPUS[what])
            visit.get(f"/admin/{page}", f"q={odd}&o={odd}&p={odd}", what=what)
            visit.get(f"/admin/{page}", f"id__exact={odd}&state__exact={odd}&_to_field={odd}", what=what)
        for what in ("a huge number", "minus one", "an unknown code", "NUL", "bidi controls"):
            visit.get(f"/admin/{page}{quote_from_bytes(IN_PATHS[what], safe='')}/change/", what=what)
    assert visit.faults == []
