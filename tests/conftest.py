"""What all tests share: the database cloned from a template, strict templates, jobs on demand."""

import asyncio
import inspect
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import hypothesis
import psycopg
import pytest
from django.conf import settings
from filelock import FileLock

from munistem import catalogs, fingerprint, pgdev

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

# Every run tries the same examples, however long they take here; `--hypothesis-profile hunt` looks for new ones.
hypothesis.settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "hunt", deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.load_profile("same")


class UndefinedVariable(Exception):
    """A template of ours asks for something that the view did not pass."""


class Undefined(str):
    """Django's ``string_if_invalid`` that raises, except in the templates of packages: those rely on silence."""

    def __bool__(self):
        return True

    def __contains__(self, part):
        return True  # "%s": Django then formats us with the name of the variable

    def __mod__(self, variable):
        if origin := origin_of_caller():
            raise UndefinedVariable(f"{variable} in {origin}")
        return ""


def origin_of_caller() -> str:
    """The template of ours that is being rendered right now, else ""."""
    from django.template.base import Node

    frame = sys._getframe(2)
    while frame:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and hasattr(node, "origin"):
            name = str(node.origin.name)
            return name if Path(name).is_relative_to(settings.BASE_DIR / "templates") else ""
        frame = frame.f_back
    return ""


def pytest_configure(config):
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    settings.MEDIA_ROOT = tempfile.mkdtemp(prefix="munistem-files-")
    settings.MAIL_RESTS = False  # tests are run on any day of the week
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing one
    catalogs.compile_all()


def pytest_unconfigure(config):
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    if not IS_WORKER and "EMBEDDED" in settings.DATABASES["default"]:
        pgdev.stop(settings.DATABASES["default"]["EMBEDDED"], only_idle=True)


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if journeys := sorted({report.nodeid for report in skipped if "NO BROWSER" in str(report.longrepr)}):
        terminalreporter.section("NO BROWSER: these journeys were not walked", sep="!", red=True, bold=True)
        for journey in journeys:
            terminalreporter.line(f"  {journey}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """Migrate once into a template database; every worker clones it, in a fifth of a second instead of many."""
    from django.core.management import call_command
    from django.db import connections

    connection = connections["default"]
    connection.get_connection_params()  # starts the embedded server
    database = connection.settings_dict
    template = f"template_{fingerprint.of_files(fingerprint.migrations())}"
    server = {name: database[name.upper()] or None for name in ("host", "port", "user", "password")}
    lock = Path(settings.DATA_DIR) / f"template-{database['PORT'] or 'default'}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock), psycopg.connect(**server, dbname="postgres", autocommit=True) as admin:
        older = admin.execute("select datname from pg_database where datname like 'template\\_%'").fetchall()
        ready = admin.execute(
            "select 1 from pg_database where datname = %s and datistemplate", [template]
        ).fetchone()
        if not ready:
            for (name,) in older:  # of earlier states of the code, or half made
                admin.execute(f'alter database "{name}" is_template false')
                admin.execute(f'drop database "{name}" with (force)')
            admin.execute(f'create database "{template}"')
            original, database["NAME"] = database["NAME"], template
            try:
                with django_db_blocker.unblock():
                    call_command("migrate", verbosity=0)
                    call_command("createcachetable", verbosity=0)
            finally:
                connection.close()
                database["NAME"] = original
            admin.execute(f'alter database "{template}" is_template true')
    database.setdefault("TEST", {})["TEMPLATE"] = template


@pytest.fixture(scope="session", autouse=True)
def _alone_at_the_end(django_db_setup, django_db_blocker):
    """Threads of live servers and workers keep their connections; the database could not be dropped under them."""
    from django.db import connection

    others = "datname = current_database() and pid <> pg_backend_pid()"
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}")


@pytest.fixture(autouse=True)
def _jobs_end_with_their_test(request, django_db_blocker):
    """Tests that commit leave their jobs behind: the queue's tables are not ours, so that Django does not empty them."""
    from django.db import connection

    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    yield
    if commits or (marker and marker.kwargs.get("transaction")):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs")


@pytest.fixture
def english_pages(client, settings):
    """The client reads English; nobody is asked for a second factor."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    settings.IS_SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def english_words():
    """What is made outside a request is in English."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def in_november(monkeypatch):
    """It is Tuesday, 24 November 2026, ten o'clock: for tests that name days to come, on whatever day they run."""
    from tests.moments import at, stop_clock

    stop_clock(monkeypatch, at("2026-11-24 10:00"))


@pytest.fixture
def read(client):
    """``read("/people/")``: the page as text; another status fails."""
    from tests import visits

    return partial(visits.read, client)


@pytest.fixture
def count_queries(client):
    """``count_queries("/people/")``: how many queries a page costs, once everything is warm."""
    from tests import visits

    return partial(visits.count_queries, client)


@pytest.fixture
def run_jobs(db):
    """Run every job that is due, or those of some names, in this process and transaction, until none is left; answers how many ran."""
    from django.db import connection
    from procrastinate.contrib.django import app

    due = """
    select id, task_name, args from procrastinate_jobs
    where status = 'todo' and coalesce(scheduled_at, now()) <= now() and (task_name = any(%s::text[]) or %s::text[] = '{}')
    order by id
    """

    def run(*names: str) -> int:
        count = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(due, [list(names), list(names)])
                jobs = cursor.fetchall()
            if not jobs:
                return count
            for number, name, args in jobs:
                done = app.tasks[name].func(**(args if isinstance(args, dict) else loads(args)))
                if inspect.isawaitable(done):
                    asyncio.run(done)
                with connection.cursor() as cursor:
                    cursor.execute("delete from procrastinate_jobs where id = %s", [number])
                count += 1

    return run


@pytest.fixture
def tell_now(run_jobs):
    """Tell of topics and answers as the worker does a moment later, and make no letters of it yet."""
    return lambda: run_jobs("communities.tell_of_topic", "communities.tell_of_reply")


def loads(text: str) -> dict:
    import json

    return json.loads(text)
