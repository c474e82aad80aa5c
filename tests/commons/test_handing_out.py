"""Files on their way out: harmless headers, ranges, proxies and what is not there."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import RequestFactory

from munistem.commons.files.actions import prepare, store
from munistem.commons.files.views import serve, serve_preview
from tests.commons import factories
from tests.commons.factories import pdf, uploaded

pytestmark = pytest.mark.usefixtures("english_words")


@pytest.fixture
def stored(person):
    return store(uploaded("תכנית שנתית.pdf", pdf()), by=person)


def ask(stored, user=None, method="get", how=serve, **headers):
    request = getattr(RequestFactory(), method)("/", headers=headers)
    request.user = user or AnonymousUser()
    return how(request, stored)


def content(response) -> bytes:
    found = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return found


def test_a_file_is_handed_out_whole_and_harmless(stored, person):
    response = ask(stored)
    assert content(response) == pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(pdf()))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%D7%AA")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert response["Cache-Control"] == "private, no-cache"
    signed_in = ask(stored, person)
    assert signed_in["Cache-Control"] == "private, no-store"
    signed_in.close()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.png", True),
        ("film.mp4", True),
        ("talk.mp3", True),
        ("notes.txt", False),
        ("plan.pdf", False),
        ("all.zip", False),
    ],
)
def test_only_pictures_and_recordings_open_in_the_browser(person, name, shown):
    kept = store(uploaded(name, factories.honest()[name]), by=person)
    response = ask(kept)
    assert response["Content-Disposition"].startswith("inline" if shown else "attachment")
    response.close()
    forced = serve(anonymous(), kept, as_attachment=True)
    assert forced["Content-Disposition"].startswith("attachment")
    forced.close()


def anonymous():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        ("bytes=0-999999", 0, None),
        ("bytes= 3 - 4", 3, 4),
    ],
)
def test_a_range_is_answered_with_206(stored, asked, first, last):
    response = ask(stored, Range=asked)
    whole = pdf()
    start = first if first >= 0 else len(whole) + first
    end = len(whole) - 1 if last is None else last
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"
    assert int(response["Content-Length"]) == end - start + 1
    assert content(response) == whole[start : end + 1]


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0", "bytes=99999999999999999-"])
def test_a_range_that_is_not_there_is_answered_with_416(stored, asked):
    response = ask(stored, Range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(pdf())}"
    assert response["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "asked", ["bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=" + "9" * 40 + "-"]
)
def test_an_odd_range_is_answered_with_the_whole_file(stored, asked):
    response = ask(stored, Range=asked)
    assert response.status_code == 200
    assert content(response) == pdf()


def test_etag_and_if_range(stored):
    etag = f'"{stored.sha256}"'
    assert ask(stored, **{"If-None-Match": etag}).status_code == 304
    stale = ask(stored, Range="bytes=0-1", **{"If-Range": '"older"'})
    assert stale.status_code == 200
    stale.close()
    fresh = ask(stored, Range="bytes=0-1", **{"If-Range": etag})
    assert content(fresh) == pdf()[:2]


def test_head_has_the_headers_and_no_bytes(stored):
    response = ask(stored, method="head")
    assert response["Content-Length"] == str(len(pdf()))
    assert content(response) == b""


def test_a_proxy_may_hand_out_the_bytes(stored, settings):
    settings.X_ACCEL = "/protected/"
    response = ask(stored)
    assert response["X-Accel-Redirect"] == f"/protected/{stored.blob.name}"
    assert response.content == b""
    assert response["Content-Security-Policy"].startswith("sandbox")


def test_bytes_that_are_gone_and_previews_that_are_not_there_answer_404(stored):
    with pytest.raises(Http404):
        ask(stored, how=serve_preview)
    prepare(stored.pk)
    stored.refresh_from_db()
    preview = ask(stored, how=serve_preview)
    assert preview["Content-Type"] == "image/webp"
    assert content(preview)[8:12] == b"WEBP"
    Path(stored.blob.path).unlink()
    with pytest.raises(Http404):
        ask(stored)
