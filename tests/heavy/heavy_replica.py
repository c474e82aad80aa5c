"""A real streaming replica of the tests' own database: read when it is up to date, left alone when it lags, dies or leads."""

import os
import signal
import threading
import time

import psutil
import pytest
from django.conf import settings
from django.db import Error
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from bench.cluster import Standby as Server
from members.models import Organisation
from munistem import pgdev
from munistem.replica.base import cut_lines
from munistem.replica.middleware import read_from_replica
from munistem.replica.standby import STANDBY, Standby, written
from tests.members.factories import make_organisation
from tests.scale.replicas import reading_from


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """The replica's server: copied while the primary runs, fed by streaming."""
    primary = settings.DATABASES["default"].get("EMBEDDED")
    if primary is None:
        pytest.fail("this needs the embedded PostgreSQL: unset DATABASE_URL")
    folder = tmp_path_factory.mktemp("standby")
    folder.chmod(0o755)
    made = Server(pgdev.place(primary), pgdev.place(folder / "data"))
    made.make()
    made.start()
    yield made
    made.stop("immediate")


@pytest.fixture
def replica(db, server, monkeypatch):
    monkeypatch.setattr(Standby, "keep_looking", lambda self: None)
    with reading_from(monkeypatch, HOST=str(server.data), OPTIONS={"connect_timeout": 2}):
        yield server


def until(asked, seconds=20):
    """Look again and again until it holds; returns how long that took."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        STANDBY.look()
        if asked():
            return time.monotonic() - begun
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds")


def names(request):
    return HttpResponse(" ".join(Organisation.objects.order_by("pk").values_list("name_he", flat=True)))


def page(mark=None):
    """What a reader with this mark is shown, and from where."""
    request = RequestFactory().get("/organisations/")
    request.resolver_match = ResolverMatch(names, (), {})
    if mark is not None:
        request.COOKIES["written"] = f"{mark:x}"
    seen = []

    def answer(given):
        try:
            answered = names(given)
        except Error as error:
            answered = guarded.process_exception(given, error)
            assert answered is not None, error
        seen.append(Organisation.objects.all().db)
        return answered

    guarded = read_from_replica(answer)
    return guarded(request).content.decode(), seen[0]


def test_what_was_written_arrives_and_is_read_there(replica):
    make_organisation(name_he="ראשונה")
    mark = written()
    until(lambda: STANDBY.shows(mark))
    assert page(mark) == ("ראשונה", "replica")


def test_writer_reads_from_the_primary_until_the_replica_has_it(replica):
    until(lambda: STANDBY.shows(0))
    replica.lag_by("1500ms")
    try:
        make_organisation(name_he="מאוחרת")
        mark = written()
        STANDBY.look()
        assert page(mark) == ("מאוחרת", "default")
        assert page() == ("", "replica")  # others see it a moment later
        waited = until(lambda: STANDBY.shows(mark))
        assert 0.5 < waited < 10
        assert page(mark) == ("מאוחרת", "replica")
    finally:
        replica.lag_by("0")


def test_replica_that_lags_too_much_is_left_alone_until_it_has_caught_up(replica):
    until(lambda: STANDBY.shows(0))
    replica.lag_by("1min")
    try:
        make_organisation(name_he="רחוקה")
        waited = until(lambda: not STANDBY.shows(0))
        assert waited < 6
        assert page() == ("רחוקה", "default")
    finally:
        replica.lag_by("0")
    until(lambda: STANDBY.shows(0))
    assert page()[1] == "replica"


def test_replica_that_is_killed_costs_nobody_a_page(replica):
    make_organisation(name_he="קיימת")
    until(lambda: STANDBY.shows(written()))
    assert page() == ("קיימת", "replica")
    os.kill(replica.pid, signal.SIGQUIT)
    time.sleep(0.5)
    assert page() == ("קיימת", "default")
    assert not STANDBY.shows(0)
    STANDBY.look()
    assert page() == ("קיימת", "default")
    replica.stop("immediate")
    replica.start()
    until(lambda: STANDBY.shows(0))
    assert page() == ("קיימת", "replica")


def test_replica_that_stands_still_costs_nobody_a_page(replica):
    make_organisation(name_he="קיימת")
    until(lambda: STANDBY.shows(written()))
    assert page() == ("קיימת", "replica")
    still = [psutil.Process(replica.pid), *psutil.Process(replica.pid).children()]
    for process in still:
        process.suspend()
    try:
        threading.Timer(1, cut_lines).start()  # as the guard of a web process does
        begun = time.monotonic()
        assert page() == ("קיימת", "default")
        assert time.monotonic() - begun < 10
    finally:
        for process in still:
            process.resume()
    until(lambda: STANDBY.shows(0))
    assert page() == ("קיימת", "replica")


def test_replica_that_leads_is_no_replica_any_more(replica):
    until(lambda: STANDBY.shows(0))
    replica.ask("select pg_promote()")
    until(lambda: not STANDBY.shows(0))
    assert page()[1] == "default"
