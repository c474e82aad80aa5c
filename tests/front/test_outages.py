"""The database is away, the disk is full: pages say so kindly, and what was typed is not lost."""

import errno
import html
import io
import re
import uuid
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from psycopg import errors

from munistem.commons.files.storage import CarefulStorage
from munistem.commons.files.uploads import MeasuredFile
from munistem.front.views import pages
from munistem.pgdev import NoServer
from munistem.watch.outages import is_outage
from tests.communities.factories import make_community, make_membership, make_topic

pytestmark = pytest.mark.django_db


def away(execute, sql, params, many, context):
    raise OperationalError("server closed the connection unexpectedly")


@contextmanager
def no_database(client):
    """Nothing is answered by the database any more, nothing raised in the test."""
    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        yield
    client.raise_request_exception = True


@pytest.fixture
def talk(client):
    """The address of a topic that the client may answer in."""
    topic = make_topic(make_community(access="open"))
    client.force_login(make_membership(topic.community).person)
    return topic


def fields_of(page: str) -> dict[str, str]:
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    }


@pytest.mark.parametrize("path", ["/", "/communities/", "/knowledge/?q=robotics", "/live/", "/admin/"])
def test_pages_say_that_it_passes(client, talk, path):
    with no_database(client):
        answer = client.get(path)
    assert answer.status_code == 503
    assert (answer["Retry-After"], answer["Cache-Control"]) == ("30", "no-store")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "We will be right back" in answer.content.decode()


@pytest.mark.parametrize(("code", "direction"), [("he", "rtl"), ("ar", "rtl"), ("en", "ltr")])
def test_page_speaks_the_readers_language(client, settings, code, direction):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = code
    with no_database(client):
        answer = client.get("/communities/")
    assert answer["Content-Language"] == code
    assert f'<html lang="{code}" dir="{direction}">' in answer.content.decode()


def test_interface_for_programs_answers_in_its_own_way(client):
    with no_database(client):
        answer = client.get("/api/v1/items")
    assert (answer.status_code, list(answer.json())) == (503, ["detail"])


def test_answer_that_was_on_its_way_is_sent_again_from_the_page(client, talk):
    written = {"body": "<p>What we learned of <b>robots</b></p>" * 3, "nonce": str(uuid.uuid4())}
    with no_database(client):
        page = client.post(talk.get_absolute_url(), {**written, "csrfmiddlewaretoken": "x"}).content.decode()
    assert talk.posts.count() == 1
    again = fields_of(page)
    assert again == {**written, "csrfmiddlewaretoken": "x"}
    assert '<form method="post" accept' in page  # to where it was on its way
    assert "What we learned of robots" in page
    assert "unsent.js" in page
    for _ in range(2):
        assert client.post(talk.get_absolute_url(), again).status_code == 302
    assert talk.posts.count() == 2


def test_what_is_typed_cannot_break_out_of_the_page(client, talk):
    with no_database(client):
        page = client.post(
            talk.get_absolute_url(), {"body": '"><script>alert(1)</script>' * 4, "csrfmiddlewaretoken": "x"}
        ).content.decode()
    assert "<script>alert" not in page


def test_form_with_files_is_to_be_sent_from_where_it_was_written(client, talk):
    form = {"body": "With a file " * 9, "csrfmiddlewaretoken": "x", "files": io.BytesIO(b"bytes of mine")}
    with no_database(client):
        page = client.post(talk.get_absolute_url(), form).content.decode()
    assert fields_of(page) == {}
    assert "With a file" in page


def test_no_secret_is_on_the_page(client, talk):
    typed = {"login": "a@example.org", "password": "hunter2-hunter2", "csrfmiddlewaretoken": "x"}
    for path in ("/accounts/login/", talk.get_absolute_url()):
        with no_database(client):
            answer = client.post(path, typed)
        assert answer.status_code == 503, path
        assert "hunter2" not in answer.content.decode()


def test_pages_are_well_again_by_themselves(client, talk):
    with no_database(client):
        assert client.get(talk.get_absolute_url()).status_code == 503
    assert client.get(talk.get_absolute_url()).status_code == 200


def test_errors_of_ours_stay_errors(client, monkeypatch):
    monkeypatch.setattr(pages, "render", lambda *_words: 1 / 0)
    client.raise_request_exception = False
    answer = client.get("/about/")
    assert answer.status_code == 500
    assert "unsent.js" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.ENOENT, "No such file"), False),
        (NoServer("PostgreSQL did not start"), True),
        (errors.DiskFull("could not extend file"), True),
        (ValueError("ours"), False),
        (None, False),
    ],
)
def test_ground_is_told_from_code(error, told):
    assert is_outage(error) is told
    behind = RuntimeError("while saving")
    behind.__cause__ = error
    assert is_outage(behind) is told


# A full disk ---------------------------------------------------------------------------------------------


def full(*_words, **_more):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("place", [(MeasuredFile, "take"), (CarefulStorage, "_save")])
def test_full_disk_keeps_nothing_by_half(client, talk, monkeypatch, settings, tmp_path, place):
    settings.MEDIA_ROOT = tmp_path
    form = {
        "body": "With a file " * 9,
        "nonce": str(uuid.uuid4()),
        "csrfmiddlewaretoken": "x",
        "files": io.BytesIO(b"plain words of mine"),
    }
    form["files"].name = "words.txt"
    with monkeypatch.context() as now:
        now.setattr(*place, full)
        client.raise_request_exception = False
        answer = client.post(talk.get_absolute_url(), form)
    assert answer.status_code == 503
    assert "Go back to the form in a moment" in answer.content.decode()
    assert talk.posts.count() == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith(".")] == []
    form["files"].seek(0)
    assert client.post(talk.get_absolute_url(), form).status_code == 302
    assert talk.posts.count() == 2
