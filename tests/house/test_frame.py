"""The ground under the portal: the private database server, the catalogues' tools, the database's eyes for Hebrew."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.db import connection

from munistem import catalogs, pgdev

BASE = Path(settings.BASE_DIR)
embedded = pytest.mark.skipif(
    "EMBEDDED" not in settings.DATABASES["default"], reason="the tests run on a server given by DATABASE_URL"
)


def start_apart(directory) -> subprocess.Popen:
    """Another Python process that starts, or finds, the server of this directory and prints its address."""
    code = f"from munistem import pgdev; print(pgdev.url({str(directory)!r}, fast=True))"
    return subprocess.Popen([sys.executable, "-c", code], cwd=BASE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def cluster():
    """A directory for a server of this test alone, removed with the server."""
    directory = Path(tempfile.mkdtemp(prefix="munistem-"))
    directory.chmod(0o755)  # as root the server runs under another account
    yield directory / "pg"
    pgdev.stop(directory / "pg")
    shutil.rmtree(directory)


@embedded
def test_racing_processes_share_one_server(cluster):
    processes = [start_apart(cluster) for _ in range(4)]
    addresses = {process.communicate(timeout=300)[0].strip() for process in processes}
    assert len(addresses) == 1
    assert addresses == {pgdev.url(cluster)}


@embedded
def test_killed_server_is_back_at_once(cluster):
    pgdev.start(cluster, fast=True)
    place = pgdev.place(cluster)
    pid = int((place / "postmaster.pid").read_text().split()[0])
    os.kill(pid, 9)
    assert start_apart(cluster).communicate(timeout=300)[0].startswith("postgresql:")
    assert pgdev.running(place)


@embedded
def test_page_does_not_wait_long_for_a_server_that_others_try_to_start(cluster):
    """As long as its disk is full they try again and again; the page says within seconds that it comes back."""
    with pgdev.alone(pgdev.place(cluster)):
        begun = time.monotonic()
        with pytest.raises(pgdev.NoServer):
            pgdev.start(cluster, fast=True, patience=0.3)
        assert time.monotonic() - begun < 3


@embedded
def test_path_too_long_for_a_socket_is_served(cluster):
    deep = cluster.parent / ("long" * 20) / ("path" * 10)
    deep.mkdir(parents=True)
    try:
        host, _port = pgdev.start(deep / "pg", fast=True)
        assert len(host) < pgdev.SOCKET_PATH_LIMIT
    finally:
        assert pgdev.stop(deep / "pg")
    assert not Path(host).exists()  # it lay elsewhere and went with the server


@embedded
def test_server_in_use_is_left_alone_when_asked(cluster):
    import psycopg

    host, port = pgdev.start(cluster, fast=True)
    with psycopg.connect(host=host, port=port, user="postgres", dbname=pgdev.DATABASE):
        assert not pgdev.stop(cluster, only_idle=True)
        assert pgdev.running(pgdev.place(cluster))
    until = time.monotonic() + 30  # the server notices a moment later that its guest has gone
    while not pgdev.stop(cluster, only_idle=True):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert not pgdev.running(pgdev.place(cluster))


@pytest.mark.django_db
def test_database_sees_hebrew_and_arabic():
    with connection.cursor() as cursor:
        cursor.execute("create extension if not exists pg_trgm")
        cursor.execute(
            "select show_trgm('שלום') <> '{}', similarity('ממשלה', 'הממשלה') > 0.3, lower('É') = 'é'"
        )
        assert cursor.fetchone() == (True, True, True)
        cursor.execute("select show_trgm('سلام') <> '{}', 'שלום' ~ '^\\w+$'")
        assert cursor.fetchone() == (True, True)


def test_readme_lists_the_environment_that_the_code_reads():
    """Each variable that is read has its row, and each row is read; what the machine itself sets is left out."""
    asked = re.compile(r"""(?:\benv|switch|environ\.get|environ\.setdefault)\(\s*["']([A-Z][A-Z0-9_]+)["']""")
    places = [*(BASE / "munistem").rglob("*.py"), *(BASE / "tests").rglob("*.py"), BASE / "manage.py"]
    read = {name for path in places for name in asked.findall(path.read_text())}
    of_the_machine = {"PATH", "PYTEST_XDIST_WORKER", "PLAYWRIGHT_BROWSERS_PATH", "DJANGO_SETTINGS_MODULE"}
    section = (BASE / "README.md").read_text().partition("## Environment")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}
    assert read - of_the_machine == listed


def test_compose_file_passes_only_variables_that_are_listed():
    passed = set(re.findall(r"\$\{([A-Z_]+)", (BASE / "compose.yaml").read_text()))
    listed = set(re.findall(r"`([A-Z_]+)`", (BASE / "README.md").read_text()))
    assert passed - listed == {"POSTGRES_PASSWORD", "BACKUP_FOLDER"}  # of the compose file alone


def test_catalogue_tools_find_every_kind_of_word(tmp_path, monkeypatch):
    room = tmp_path / "members"
    room.mkdir()
    (tmp_path / "templates").mkdir()
    (room / "views.py").write_text(
        "from django.utils.translation import gettext as _, npgettext, pgettext_lazy\n"
        "# Translators: shown on top\n_('One')\npgettext_lazy('verb', 'Open')\nnpgettext('mail', '%(n)s a', '%(n)s b', 2)\n"
    )
    (tmp_path / "templates" / "page.html").write_text(
        "<p>\n    {% translate 'Two' %}\n  {% blocktranslate trimmed count n=x %}\n one {{ n }}\n {% plural %}\n"
        " many {{ n }}\n{% endblocktranslate %} {{ _('Three') }} {% translate 'May' context 'month' as may %}</p>"
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "retention.yaml").write_text("rules: {x: {what: Four, why: Five, kept: Six}}")
    monkeypatch.setattr(catalogs, "BASE", tmp_path)
    assert catalogs.words().keys() == {
        (None, "One", None),
        ("verb", "Open", None),
        ("mail", "%(n)s a", "%(n)s b"),
        (None, "Two", None),
        (None, "one %(n)s", "many %(n)s"),
        (None, "Three", None),
        ("month", "May", None),
        *((None, word, None) for word in ("Four", "Five", "Six")),
    }


@pytest.mark.parametrize(
    ("msgid", "msgstr", "is_fine"),
    [
        ("Hello %(name)s", "שלום %(name)s", True),
        ("Hello %(name)s", "שלום", False),
        ("Hello", "שלום %(name)s", False),
        ("100% of {count}", "{count} מתוך 100%", True),
        ("Hello", "", False),
    ],
)
def test_catalogue_tools_compare_placeholders(msgid, msgstr, is_fine):
    faults = list(catalogs.faults_of(polib.POEntry(msgid=msgid, msgstr=msgstr)))
    assert (not faults) == is_fine


def test_production_list_holds_what_the_environment_may_switch_on():
    listed = (BASE / "munistem" / "requirements" / "production.txt").read_text()
    for package in ("redis", "django-anymail", "gunicorn", "psycopg"):
        assert f"\n{package}==" in listed, package
