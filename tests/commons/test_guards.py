"""What is no text, too large or malformed gets a page in the design and never breaks; every answer carries its headers."""

import re

import pytest
from django.conf import settings as configured
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from munistem.commons.guards import middleware
from tests.communities.factories import make_attachment, make_community, make_topic
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
SURROGATE = "%ED%A0%80"  # the three bytes UTF-8 would need for a lone surrogate, were it allowed
BOUNDARY = "multipart/form-data; boundary=B"


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"


def is_page(response, title: str) -> bool:
    """Whether the answer is a whole page of the portal with this heading."""
    page = response.content.decode()
    return "<main" in page and re.search(rf"<h1[^>]*>\s*{title}", page) is not None


def part(disposition: bytes, content: bytes) -> bytes:
    return b"--B\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + content + b"\r\n"


# What is no text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["%00", "%FF", "%C3", SURROGATE, "a%00b", "%F5%80%80%80"])
@pytest.mark.parametrize(
    "path", ["/search/?q={}", "/?{}=1", "/knowledge/?page={}", "/organisations/?x=1&y={}"]
)
def test_query_that_is_no_text_is_refused(client, path, bad):
    response = client.get(path.format(bad))
    assert response.status_code == 400
    assert is_page(response, "We could not read this request")


@pytest.mark.parametrize("bad", ["%00", "%FF", "%C3", SURROGATE])
@pytest.mark.parametrize("form", ["login={}&password=x", "{}=1", "login=a&password={}"])
def test_form_that_is_no_text_is_refused(client, form, bad):
    response = client.post(reverse("account_login"), form.format(bad), content_type=FORM)
    assert response.status_code == 400
    assert is_page(response, "We could not read this request")


@pytest.mark.parametrize("bad", [b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80"])
def test_multipart_field_that_is_no_text_is_refused(client, bad):
    body = part(b'name="login"', b"a" + bad) + b"--B--\r\n"
    assert client.generic("POST", reverse("account_login"), body, BOUNDARY).status_code == 400


@pytest.mark.parametrize("bad", [b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80"])
@pytest.mark.parametrize(
    "head", [b'name="a%s"', b'name="files"; filename="plan%s.pdf"'], ids=["name", "file"]
)
def test_name_in_a_multipart_form_that_is_no_text_is_harmless(bad, head):
    """Django leaves such a part, or such a sign of a file's name, out; what arrives can be stored."""
    body = part(head.replace(b"%s", bad), b"%PDF-") + b"--B--\r\n"
    request = RequestFactory().generic("POST", "/", body, BOUNDARY)
    guarded = middleware.refuse_unreadable(lambda request: HttpResponse())
    assert guarded(request).status_code in {200, 400}
    assert all(middleware.is_readable(name) for name in request.POST)
    assert all(middleware.is_readable(file.name) for file in request.FILES.values())
    request.close()


def test_bytes_of_a_file_need_not_be_text(client):
    body = part(b'name="files"; filename="plan.pdf"', b"%PDF-\xff\x00") + b"--B--\r\n"
    assert client.generic("POST", reverse("account_login"), body, BOUNDARY).status_code == 200


@pytest.mark.parametrize("bad", ["a\x00b", "\udc80", "\\000"])
def test_cookie_that_is_no_text_is_refused_or_harmless(bad):
    for cookie in ("django_language", configured.SESSION_COOKIE_NAME, configured.CSRF_COOKIE_NAME, "other"):
        request_bytes = f"{cookie}={bad}".encode("utf-8", "surrogateescape").decode("latin-1")
        assert Client().get("/about/", HTTP_COOKIE=request_bytes).status_code in {200, 400}
        assert Client().get("/search/?q=a", HTTP_COOKIE=request_bytes).status_code in {200, 400}


@pytest.mark.parametrize(
    "path", ["/knowledge/a%00b/", "/knowledge/%FF/", f"/communities/{SURROGATE}/", "/%00", "/people/%FF/"]
)
def test_address_that_is_no_text_leads_nowhere(client, path):
    assert client.get(path).status_code in {400, 404}


@pytest.mark.parametrize(
    "charset",
    ["utf-7", "utf-16", "latin-1", "cp1255", "idna", "utf8", "rot13", "nonsense", "utf8marking", ""],
)
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=B", "text/plain"])
def test_charset_other_than_utf8_is_refused(client, kind, charset):
    for method in ("GET", "POST"):
        response = client.generic(method, reverse("account_login"), "login=a", f"{kind}; charset={charset}")
        assert response.status_code == (400 if charset else response.status_code)
        assert response.status_code < 500


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_utf8_may_be_declared(client, charset):
    response = client.post(reverse("account_login"), "login=a", content_type=f"{FORM}; charset={charset}")
    assert response.status_code == 200


# Too large, malformed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_field_of_ten_megabytes_gets_a_page(client, kind):
    text = b"x" * 10_000_000
    body, content_type = (
        (b"login=" + text, FORM)
        if kind == "urlencoded"
        else (
            part(b'name="login"', text) + b"--B--\r\n",
            BOUNDARY,
        )
    )
    response = client.generic("POST", reverse("account_login"), body, content_type)
    assert response.status_code == 413
    assert is_page(response, "This is too large for us")


def test_request_larger_than_any_is_refused_unread():
    class Untouched:
        def read(self, *args):
            raise AssertionError("was read")

    request = RequestFactory().post("/", {"a": "b"})
    request.META["CONTENT_LENGTH"] = str(middleware.most_bytes_of_request() + 1)
    request._stream = Untouched()
    guarded = middleware.refuse_unreadable(lambda request: HttpResponse())
    assert guarded(request).status_code == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--B\r\nnothing", BOUNDARY),
        (b"", BOUNDARY),
        (b"garbage", BOUNDARY),
        (b"--B--", BOUNDARY),
        (b"a=b", "multipart/form-data"),
        (b"a=b", "multipart/form-data; boundary="),
        (b"a=b", "multipart/form-data; boundary=" + "x" * 300),
        (b"a=b", "multipart/form-data; boundary=\u05d0"),
        (part(b"", b"x") + b"--B--", BOUNDARY),
        (part(b'name="a"\r\nContent-Transfer-Encoding: base64', b"!!!") + b"--B--", BOUNDARY),
        (part(b'name="a"\r\nContent-Type: text/plain; charset=utf-7', b"x") + b"--B--", BOUNDARY),
        (b"--B\r\n" + b"x: y\r\n" * 5_000, BOUNDARY),
        (b"&".join(b"a%d=1" % n for n in range(5_000)), FORM),
        (b"".join(part(b'name="a%d"' % n, b"") for n in range(1_000)) + b"--B--", BOUNDARY),
        (b"".join(part(b'name="f"; filename="%d.txt"' % n, b"x") for n in range(60)) + b"--B--", BOUNDARY),
        (b"%", FORM),
        (b"&&&===&", FORM),
        (b'{"a": ', "application/json"),
        (b"<a", "text/xml"),
        (b"x", ""),
        (b"x", "nonsense"),
    ],
)
def test_malformed_form_never_breaks(client, body, content_type):
    response = client.generic("POST", reverse("account_login"), body, content_type)
    assert response.status_code in {200, 400}
    assert "<main" in response.content.decode()


@pytest.mark.parametrize("length", ["-1", "abc", "", "99999999999999999999999", "1e3", "٣"])
def test_length_that_is_no_number_never_breaks(client, length):
    response = client.post("/accounts/login/", "a=b", content_type=FORM, CONTENT_LENGTH=length)
    assert response.status_code < 500


@pytest.mark.parametrize("page", ["99999999999999999999", "-1", "0", "abc", "1e9", "٣", "9" * 4_000, ""])
def test_huge_page_numbers_never_break(client, page):
    community = make_community(access="open")
    client.force_login(make_member())
    for path in (
        "/search/?q=a&page=",
        "/knowledge/?page=",
        f"{community.get_absolute_url()}?page=",
        "/me/notices/?page=",
    ):
        assert client.get(path + page).status_code in {200, 404}, path


def test_address_longer_than_any_is_refused(client):
    assert client.get("/search/?q=" + "a" * 9_000).status_code == 400
    assert client.get("/search/?" + "&".join("a=1" for _ in range(600))).status_code == 400


@pytest.mark.parametrize(
    "host", ["evil.example", "a b", "\u05d0", "127.0.0.1:99999999", "", "a" * 300, "[::1"]
)
def test_foreign_host_is_refused_with_a_page(client, settings, host):
    settings.ALLOWED_HOSTS = ["portal.example"]
    response = client.get("/about/", HTTP_HOST=host.encode().decode("latin-1"))
    assert response.status_code == 400
    assert is_page(response, "We could not read this request")


def test_no_request_holds_a_transaction_open():
    """A deed takes its own; with one around every request the watchman's page would hang with the database."""
    assert not configured.DATABASES["default"].get("ATOMIC_REQUESTS")


# Headers of every answer -------------------------------------------------------------------------------------------

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


@pytest.fixture
def static_file():
    folder = configured.STATIC_ROOT
    folder.mkdir(parents=True, exist_ok=True)
    return "/static/css/main.css"


def answers(client, static_file) -> dict:
    """One answer of each sort: status expected → response."""
    attachment = make_attachment(make_topic(make_community(access="open")).posts.get())
    from django.core.files.base import ContentFile

    attachment.file.blob.save("plan", ContentFile(b"words"))
    url = reverse("serve_post_file", kwargs={"pk": attachment.post.topic_id, "key": attachment.file.key})
    return {
        "page": client.get("/about/"),
        "redirect": client.get("/me/notices/"),
        "error 400": client.get("/?q=%00"),
        "error 403": Client(enforce_csrf_checks=True).post("/accounts/login/", {}),
        "error 404": client.get("/nowhere/"),
        "error 405": client.post("/about/"),
        "error 413": client.post("/accounts/login/", "a=" + "x" * 3_000_000, content_type=FORM),
        "download": client.get(url),
        "static": client.get(static_file),
        "watchman": client.get("/healthz"),
        "robots": client.get("/robots.txt"),
    }


def test_every_answer_carries_its_headers(client, static_file):
    for sort, response in answers(client, static_file).items():
        if sort.startswith("error"):
            assert response.status_code == int(sort[6:])
        else:
            assert response.status_code == (302 if sort == "redirect" else 200), sort
        carried = {name: response.headers.get(name) for name in EVERYWHERE}
        assert carried == EVERYWHERE, sort
        assert "geolocation=()" in response.headers["Permissions-Policy"], sort
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, sort
        assert "frame-ancestors 'none'" in policy, sort
        assert "unsafe" not in policy, sort
        if sort == "download":
            assert policy.startswith("sandbox;")
        else:
            assert {"base-uri 'none'", "form-action 'self'"} <= set(policy.split("; ")), sort
        if response.streaming:
            list(response.streaming_content)


def test_error_of_our_own_carries_its_headers(client, monkeypatch):
    from munistem.front.views import pages

    def break_(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(pages, "render", break_)
    client.raise_request_exception = False
    response = client.get("/about/")
    assert response.status_code == 500
    assert {name: response.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_scripts_of_a_page_carry_the_nonce_of_this_answer(client):
    seen = set()
    for _ in range(2):
        client.force_login(make_member())
        topic = make_topic(make_community(access="open"))
        response = client.get(topic.get_absolute_url())
        nonces = re.findall(r'nonce="([^"]+)"', response.content.decode())
        allowed = re.findall(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
        assert set(nonces) <= set(allowed)
        seen.add(tuple(allowed))
    assert len(seen) == 2 or seen == {()}


def test_signed_in_pages_are_kept_by_no_cache(client):
    client.force_login(make_member())
    for path in ("/", "/about/", "/nowhere/", "/me/choices/"):
        assert client.get(path).headers["Cache-Control"] == "no-store, private", path
