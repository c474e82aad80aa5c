"""What watchmen, logs and Prometheus are told, and what they are not."""

import json
import logging
import os
import re
import sys
import types

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import RequestFactory

from members.models import User
from munistem.front.views import metrics
from munistem.watch import counts, logs, requests, sentry, slow, state
from tests.commons.factories import make_person

TOKEN = "a token of thirty-two characters"


@pytest.fixture
def told(caplog):
    """``told()``: what was logged, as the JSON handler writes it."""
    caplog.set_level(logging.INFO)
    formatter = logs.JsonFormatter()
    return lambda: [json.loads(formatter.format(record)) for record in caplog.records]


# Requests ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_answer_bears_the_number_of_its_request(client, settings):
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert first != second and re.fullmatch(r"[0-9a-f]{32}", first)
    given = {"headers": {"X-Request-ID": "of-the-proxy-1"}}
    assert client.get("/healthz", **given).headers["X-Request-ID"] != "of-the-proxy-1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/healthz", **given).headers["X-Request-ID"] == "of-the-proxy-1"
    strange = client.get("/healthz", headers={"X-Request-ID": "x" * 80 + '"'})
    assert re.fullmatch(r"[0-9a-f]{32}", strange.headers["X-Request-ID"])


@pytest.mark.django_db
def test_line_of_a_request_names_nobody(client, settings, told):
    settings.REQUEST_LOG = True
    person = make_person(name="Dana Levin")
    client.force_login(person)
    number = client.get(f"/people/{person.uuid}/?q=Dana").headers["X-Request-ID"]
    [line] = [event for event in told() if event["logger"] == "munistem.requests"]
    assert (line["method"], line["route"]) == ("GET", "/people/<uuid:uuid>/")
    assert line["status"] in (200, 302, 404) and line["ms"] > 0
    assert number and str(person.uuid) not in json.dumps(line) and "Dana" not in json.dumps(line)


@pytest.mark.django_db
def test_what_the_database_says_of_a_row_is_left_out(told):
    make_person(email="dana@example.org")
    try:
        with transaction.atomic():
            User.objects.create_user(email="dana@example.org", name="Dana Levin")
    except IntegrityError:
        logging.getLogger("munistem.test").exception("Not kept for %s", "dana@example.org")
    [line] = told()
    assert "IntegrityError" in line["error"]
    assert "dana@example.org" not in json.dumps(line)
    assert (
        "DETAIL (left out)" in line["error"] and "already exists" not in line["error"].partition("DETAIL")[2]
    )
    assert line["message"] == "Not kept for (address)"


def test_request_that_no_page_saw_is_told_without_what_it_was():
    said = logs.discreet("Invalid request from ip=203.0.113.7: Invalid HTTP request line: 'GET /feeds/key/x'")
    assert said == "Invalid request (left out)"


def test_error_of_a_page_is_told_by_its_pattern():
    request = RequestFactory().get("/join/7f0e4b5e-0000-4000-8000-000000000000/")
    request.resolver_match = types.SimpleNamespace(route="join/<uuid:key>/")
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 1, "%s: %s", ("Not Found", request.path), None
    )
    record.request = request
    token = logs.request_number.set("number")
    try:
        line = json.loads(logs.JsonFormatter().format(record))
        words = logs.DiscreetFormatter("%(message)s").format(record)
    finally:
        logs.request_number.reset(token)
    assert (line["message"], line["request"]) == ("Not Found: /join/<uuid:key>/", "number")
    assert words == "Not Found: /join/<uuid:key>/ [number]"


@pytest.mark.django_db
def test_slow_query_is_told_without_its_values(settings, told):
    settings.SLOW_QUERY_MS = 20
    try:
        slow.watch(connection)
        slow.watch(connection)
        with connection.cursor() as cursor:
            cursor.execute("select %s, pg_sleep(0.03)", ["dana@example.org"])
            cursor.execute("select 1")
    finally:
        connection.execute_wrappers.remove(slow.look_at_clock)
    [line] = told()
    assert line["query"] == "select %s, pg_sleep(0.03)" and line["ms"] >= 30


def test_log_is_json_in_production_and_lines_in_a_trial(monkeypatch):
    monkeypatch.delenv("LOG_FORMAT", raising=False)
    kinds = [logs.configuration(is_trial)["handlers"]["console"]["formatter"] for is_trial in (True, False)]
    assert kinds == ["line", "json"]
    monkeypatch.setenv("LOG_FORMAT", "line")
    assert logs.configuration(False)["handlers"]["console"]["formatter"] == "line"


# Readiness -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_old_jobs_and_a_full_disk_are_told_and_pages_are_served(client, monkeypatch):
    with connection.cursor() as cursor:
        job = "insert into procrastinate_jobs (queue_name, task_name, priority, scheduled_at) values "
        cursor.execute(job + "('default', 'tests.later', 0, now() + interval '1 hour')")
        cursor.execute(job + "('default', 'tests.may_wait', -10, now() - interval '1 day')")
    assert client.get("/readyz").content == b"ready\n"
    with connection.cursor() as cursor:
        cursor.execute(job + "('default', 'tests.pressing', 0, now() - interval '20 minutes')")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.content == b"ready\nthe oldest job has been waiting for 20 minutes: does the worker run?\n"
    assert client.get("/readyz?strict").status_code == 503
    monkeypatch.setattr(
        state.shutil, "disk_usage", lambda place: types.SimpleNamespace(free=5_000_000, total=1)
    )
    assert b"the disk of the files has 4 MB left" in client.get("/readyz").content


# Figures -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_figures_are_behind_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, HTTP_HOST="10.0.0.7")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith(
        "text/plain; version=0.0.4"
    )
    text = answer.content.decode()
    assert "munistem_database_up 1\n" in text
    assert re.search(r'^munistem_requests_total\{room="front",status="4xx"\} \d+$', text, re.MULTILINE)
    assert re.search(r"^munistem_database_bytes \d+$", text, re.MULTILINE)
    assert re.search(r"^munistem_job_oldest_seconds \d", text, re.MULTILINE)
    heads = re.findall(r"^# TYPE (\S+) (?:gauge|counter|histogram)$", text, re.MULTILINE)
    assert len(heads) == len(set(heads)) and len(heads) >= 10
    assert all(re.fullmatch(r"# .+|munistem_\w+(\{[^{}]+\})? [\d.e+]+", line) for line in text.splitlines())


def test_figures_without_a_database_say_so(monkeypatch, settings):
    settings.METRICS_TOKEN = TOKEN

    def away():
        raise metrics.Error("gone")

    monkeypatch.setattr(metrics, "private_cursor", away)
    request = RequestFactory().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert b"munistem_database_up 0" in metrics.show_metrics(request).content
    settings.METRICS_TOKEN = ""
    with pytest.raises(Http404):
        metrics.show_metrics(request)


def test_counts_of_all_processes_are_added_and_outlive_them():
    shared = counts.Counts()
    for _ in range(3):
        if (child := os.fork()) == 0:
            shared.count("policy", 200, 0.03)
            shared.count("unheard of", 503, 20)
            os._exit(0)
        os.waitpid(child, 0)
    shared.count("policy", 404, 0.001)
    rooms = {room: (classes, buckets, seconds) for room, classes, buckets, seconds in shared.totals()}
    assert rooms["policy"][0] == [0, 3, 0, 1, 0]
    assert rooms["policy"][1][0] == 1 and rooms["policy"][1][3] == 3
    assert rooms["policy"][2] == pytest.approx(0.091)
    assert rooms["none"][0] == [0, 0, 0, 0, 3] and rooms["none"][1][-1] == 3
    used = [shared.memory[start] for start in range(0, counts.STRIPS * counts.CELLS, counts.CELLS)]
    assert (
        len([number for number in used if number]) <= 2
    )  # those who came later went on in the strip of the dead


@pytest.mark.django_db
def test_room_of_a_request_is_where_its_view_lives(client):
    rooms = {"/communities/": "communities", "/accounts/login/": "accounts", "/admin/login/": "admin"}
    rooms |= {"/knowledge/": "knowledge", "/policy/": "policy", "/about/": "front", "/no-such-page/": "none"}
    found = {path: requests.room_of(client.get(path).wsgi_request) for path in rooms}
    assert found == rooms
    assert set(rooms.values()) <= set(counts.ROOMS)


# Sentry --------------------------------------------------------------------------------------------------


def test_errors_go_to_sentry_without_persons(monkeypatch):
    given = {}
    monkeypatch.setitem(
        sys.modules, "sentry_sdk", types.SimpleNamespace(init=lambda **options: given.update(options))
    )
    sentry.start("https://key@sentry.example/1", release="munistem")
    assert (given["send_default_pii"], given["include_local_variables"]) == (False, False)
    assert (given["max_request_body_size"], given["max_breadcrumbs"]) == ("never", 0)
    event = {
        "transaction": "/people/<uuid:key>/",
        "user": {"ip_address": "10.0.0.1", "email": "dana@example.org"},
        "request": {
            "method": "POST",
            "url": "https://x/join/secret/",
            "cookies": "c",
            "data": {"name": "Dana"},
        },
        "exception": {
            "values": [
                {
                    "type": "IntegrityError",
                    "value": "duplicate\nDETAIL: Key (email)=(dana@example.org)",
                    "stacktrace": {"frames": [{"function": "save", "vars": {"name": "Dana"}}]},
                }
            ]
        },
        "breadcrumbs": {"values": [{"message": "select 'Dana'"}]},
        "logentry": {"message": "Dana", "params": ["Dana"]},
    }
    kept = given["before_send"](event, {})
    assert "ana" not in json.dumps(kept) and "secret" not in json.dumps(kept)
    assert kept["request"] == {"method": "POST"}
    assert kept["exception"]["values"][0]["stacktrace"]["frames"] == [{"function": "save"}]
