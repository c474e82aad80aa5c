"""Reading from a replica: who reads where, who sees what was written, and what happens when it is away."""

import threading
import time

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import ResolverMatch

from members.models import Organisation, User
from munistem.commons.reading import reading_cursor
from munistem.replica.middleware import mark_of, read_from_replica
from munistem.replica.router import Router, taking_turn
from munistem.replica.standby import ENDLESS, STANDBY, Standby
from tests.members.factories import make_organisation

ROUTER = Router()
COOKIE = "written"


@pytest.fixture(autouse=True)
def _no_watcher(monkeypatch):
    """The thread of a web process stays out of tests; they look themselves."""
    monkeypatch.setattr(Standby, "keep_looking", lambda self: None)


# Where a query reads -------------------------------------------------------------------------------------


def test_outside_a_page_everything_is_read_from_the_primary():
    assert ROUTER.db_for_read(Organisation) == "default"


def test_page_reads_from_the_replica_and_asks_the_primary_who_is_signed_in(replica):
    with taking_turn(is_reading=True):
        assert (ROUTER.db_for_read(Organisation), ROUTER.db_for_read(Session)) == ("replica", "default")
    with taking_turn(is_reading=False):
        assert ROUTER.db_for_read(Organisation) == "default"


def test_page_that_writes_reads_what_it_wrote(replica):
    with taking_turn(is_reading=True) as turn:
        Organisation.objects.update(website="https://example.org/")
        assert turn.has_written
        assert ROUTER.db_for_read(Organisation) == "default"


def test_transaction_reads_where_it_writes(replica):
    with taking_turn(is_reading=True), transaction.atomic():
        assert ROUTER.db_for_read(Organisation) == "default"


def test_locked_rows_are_the_primarys(replica):
    with taking_turn(is_reading=True), transaction.atomic():
        assert Organisation.objects.select_for_update().db == "default"


def test_session_that_is_written_leaves_the_page_with_the_replica(replica):
    with taking_turn(is_reading=True) as turn:
        ROUTER.db_for_write(Session)
        assert not turn.has_written


def test_statements_of_our_own_read_where_the_rows_are_read(replica):
    with taking_turn(is_reading=True), CaptureQueriesContext(replica) as there:
        with reading_cursor(Organisation) as cursor:
            cursor.execute("select 1")
        assert len(there) == 1


def test_replica_is_never_migrated():
    assert ROUTER.allow_migrate("default", "members")
    assert not ROUTER.allow_migrate("replica", "members")


# How far the replica is ----------------------------------------------------------------------------------


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_new_process_reads_from_the_primary():
    assert not Standby().shows(0)


def test_replica_shows_what_it_has_replayed(settings):
    standby = Standby(Clock())
    standby.note(100.0, 5_000, 5_000)
    assert standby.shows(5_000)
    assert not standby.shows(5_001)


def test_replica_that_falls_behind_is_left_alone(settings):
    settings.REPLICA_LAG = 2.0
    clock = Clock()
    standby = Standby(clock)
    standby.note(100.0, 5_000, 5_000)
    clock.now = 101.5
    standby.note(101.5, 6_000, 5_500)  # shows all of the second before last, not of this one
    assert standby.shows(0)
    clock.now = 102.5
    standby.note(102.5, 7_000, 5_500)
    assert not standby.shows(0)
    clock.now = 103.0
    standby.note(103.0, 7_000, 7_000)
    assert standby.shows(7_000)


def test_replica_that_lost_its_primary_is_found_out_once_something_is_written(settings):
    """It has replayed all that it has, and so calls itself up to date."""
    settings.REPLICA_LAG = 2.0
    clock = Clock()
    standby = Standby(clock)
    for second in range(10):
        clock.now = 100.0 + second
        standby.note(clock.now, 5_000 if second < 4 else 5_001, 5_000)
        assert standby.shows(0) is (second < 6)


def test_quiet_night_is_no_lag(settings):
    clock = Clock()
    standby = Standby(clock)
    for second in range(0, 600, 30):
        clock.now = 100.0 + second
        standby.note(clock.now, 5_000, 5_000)
        assert standby.shows(0)


def test_thread_that_does_not_look_any_more_is_not_believed(settings):
    clock = Clock()
    standby = Standby(clock)
    standby.note(100.0, 1, 1)
    clock.now = 110.0
    assert not standby.shows(0)


def test_promoted_replica_is_not_read(replica):
    """Our second connection leads to a primary: it is nobody's replica."""
    standby = Standby()
    standby.note(standby.clock(), 0, ENDLESS)
    standby.look()
    assert not standby.shows(0)


def test_replica_that_does_not_answer_is_not_read(replica):
    standby = Standby()
    standby.note(standby.clock(), 0, ENDLESS)
    replica.close()
    replica.settings_dict["PORT"] = 1
    standby.look()
    assert not standby.shows(0)


def test_replica_that_hangs_is_cut_off_and_whoever_waits_is_told(replica):
    """As when its machine stands still: it closes nothing and answers nothing."""
    clock = Clock()
    standby = Standby(clock)
    standby.note(clock.now, 0, ENDLESS)
    replica.ensure_connection()
    standby.asked_at = clock.now
    standby.cut_if_it_hangs()
    assert standby.shows(0)
    clock.now += 5
    timer = threading.Timer(0.2, standby.cut_if_it_hangs)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(OperationalError), replica.cursor() as cursor:
        cursor.execute("select pg_sleep(20)")
    assert time.monotonic() - begun < 10
    timer.join()
    replica.close()
    assert standby.shows_all_of == float("-inf")


def test_look_that_is_over_is_not_taken_for_one_that_hangs(replica):
    clock = Clock()
    standby = Standby(clock)
    standby.look()
    clock.now += 60
    replica.ensure_connection()
    standby.cut_if_it_hangs()
    with replica.cursor() as cursor:
        cursor.execute("select 1")


def test_metrics_tell_whether_it_is_read(replica, client, settings):
    settings.METRICS_TOKEN, settings.REPLICA_LAG = "of-the-tests", 60.0
    asked = {"headers": {"Authorization": "Bearer of-the-tests"}}
    for is_read in (1, 0):
        STANDBY.note(STANDBY.clock(), 0, ENDLESS) if is_read else STANDBY.lose()
        settings.DATABASE_ROUTERS = ["munistem.replica.router.Router"]
        assert f"munistem_replica_is_read {is_read}\n" in client.get("/metrics", **asked).content.decode()
    settings.DATABASE_ROUTERS = []
    assert "replica" not in client.get("/metrics", **asked).content.decode()


# One request after the other -----------------------------------------------------------------------------


def ask(view, method="get", path="/organisations/", **cookies):
    request = getattr(RequestFactory(), method)(path)
    request.COOKIES.update(cookies)
    request.resolver_match = ResolverMatch(view, (), {})
    guarded = read_from_replica(lambda given: respond(given, view, guarded))
    return guarded(request)


def respond(request, view, guarded):
    """As Django's handler does around a view."""
    try:
        return view(request)
    except Exception as error:
        if (answer := guarded.process_exception(request, error)) is None:
            raise
        return answer


def list_names(request):
    return HttpResponse(",".join(Organisation.objects.order_by("pk").values_list("name_he", flat=True)))


def is_well(mark=ENDLESS):
    STANDBY.note(STANDBY.clock(), 0, mark)


@pytest.fixture
def where(replica):
    """``where(view, …)``: how many queries of a request the replica answered, and how many the primary."""

    def asked(*words, **more):
        with CaptureQueriesContext(replica) as there, CaptureQueriesContext(connection) as here:
            ask(*words, **more)
        marking = [query for query in here.captured_queries if "wal_insert" in query["sql"]]
        return len(there), len(here) - len(marking)

    return asked


def test_page_is_read_from_a_replica_that_is_well(where):
    assert where(list_names) == (0, 1)
    is_well()
    assert where(list_names) == (1, 0)
    STANDBY.lose()
    assert where(list_names) == (0, 1)


@pytest.mark.parametrize("path", ["/accounts/email/", "/admin/members/user/", "/desk/"])
def test_doors_and_desks_read_from_the_primary(where, path):
    is_well()
    assert where(list_names, path=path) == (0, 1)


def test_forms_are_read_and_written_at_the_primary(where):
    is_well()
    assert where(list_names, method="post") == (0, 1)


def test_who_wrote_sees_what_was_written(where):
    def write(request):
        make_organisation(name_he="רשות חדשה")
        return HttpResponse()

    is_well(mark=0)
    answer = ask(write, method="post")
    cookie = answer.cookies[COOKIE]
    mark = int(cookie.value, 16)
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 60)
    assert 0 < mark < ENDLESS
    assert where(list_names, written=cookie.value) == (0, 1)  # the replica is not that far
    assert where(list_names) == (1, 0)  # others read on
    is_well(mark=mark)
    assert where(list_names, written=cookie.value) == (1, 0)


def test_page_that_only_reads_sets_no_mark(replica):
    is_well()
    assert not ask(list_names).cookies


def test_page_that_writes_beside_what_it_shows_sets_a_mark(replica):
    def show(request):
        User.objects.filter(pk=0).update(language="ar")
        return HttpResponse()

    is_well()
    assert COOKIE in ask(show).cookies


@pytest.mark.parametrize("text", ["", "x", "-1", "1" * 17, "١٢", "0x10", " 1", "1_0", "ff\x00"])
def test_mark_that_is_none_of_ours_is_answered_by_the_primary(text):
    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = text
    assert mark_of(request) == ENDLESS


def test_deed_whose_mark_cannot_be_had_sends_its_person_to_the_primary(replica, monkeypatch):
    monkeypatch.setattr("munistem.replica.middleware.written", broken)
    answer = ask(lambda request: HttpResponse(), method="post")
    assert int(answer.cookies[COOKIE].value, 16) == ENDLESS


def broken(*_words):
    raise OperationalError("gone")


def test_replica_that_goes_while_a_page_is_made_costs_the_reader_nothing(replica):
    make_organisation(name_he="עירייה")
    is_well()
    assert ask(list_names).content.decode() == "עירייה"
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
    assert ask(list_names).content.decode() == "עירייה"
    assert not STANDBY.shows(0)


def test_query_that_the_replica_gave_up_is_asked_of_the_primary(replica):
    """Such as one that stands in the way of what it has to replay; the replica itself is well."""
    asked = []

    def show(request):
        asked.append(Organisation.objects.all().db)
        if asked == ["replica"]:
            raise OperationalError("canceling statement due to conflict with recovery")
        return HttpResponse("there")

    replica.ensure_connection()
    is_well()
    assert ask(show).content == b"there"
    assert asked == ["replica", "default"]
    assert STANDBY.shows(0)


def test_fault_of_the_primary_stays_a_fault(replica):
    with pytest.raises(OperationalError):
        ask(broken)
    is_well()
    with pytest.raises(ValueError):
        ask(lambda request: int("x"))
