"""Text leaves packed for who can unpack it, and is the same text."""

import gzip

import brotli
import pytest
from django.http import FileResponse, HttpRequest, HttpResponse

from munistem.compression import compress, encoding_for

WORDS = "<p>אותו דבר שוב ושוב.</p>" * 100


def answered(response, accepted):
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepted
    return compress(lambda _request: response)(request)


@pytest.mark.parametrize(
    ("accepted", "way"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("br ; q=0.5", "br"),
        ("identity", ""),
        ("", ""),
        ("brotli", ""),
    ],
)
def test_the_best_that_is_taken_is_chosen(accepted, way):
    assert encoding_for(accepted) == way


@pytest.mark.parametrize(("accepted", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_page_is_the_same_after_unpacking(accepted, unpack):
    response = HttpResponse(WORDS, headers={"ETag": '"a1"', "Content-Length": "5", "Vary": "Cookie"})
    answer = answered(response, accepted)
    assert answer["Content-Encoding"] == accepted
    assert answer["Vary"] == "Cookie, Accept-Encoding"
    assert answer["ETag"] == 'W/"a1"'
    assert answer["Content-Length"] == str(len(answer.content))
    assert len(answer.content) < len(WORDS.encode()) / 5
    text, _comment, rest = unpack(answer.content).decode().rpartition("<!-- ")
    assert text == WORDS
    assert rest.endswith(" -->")


def test_a_size_tells_nothing_exact():
    sizes = {len(answered(HttpResponse(WORDS), "br").content) for _turn in range(30)}
    assert len(sizes) > 5


def test_what_is_no_page_gets_no_comment():
    answer = answered(HttpResponse("[1]" * 400, content_type="application/json"), "gzip")
    assert gzip.decompress(answer.content).decode() == "[1]" * 400


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short"),
        HttpResponse(b"\x00" * 2_000, content_type="application/pdf"),
        HttpResponse(WORDS, headers={"Content-Encoding": "br"}),
    ],
)
def test_what_gains_nothing_stays_as_it_is(response):
    before = response.content
    assert answered(response, "br, gzip").content == before


def test_files_are_sent_as_they_are(tmp_path):
    (tmp_path / "file.txt").write_text(WORDS)
    with (tmp_path / "file.txt").open("rb") as file:
        answer = answered(FileResponse(file), "br")
        assert b"".join(answer.streaming_content).decode() == WORDS


def test_who_takes_nothing_packed_gets_it_plain():
    answer = answered(HttpResponse(WORDS), "")
    assert answer.content.decode() == WORDS
    assert answer["Vary"] == "Accept-Encoding"
    assert not answer.has_header("Content-Encoding")
