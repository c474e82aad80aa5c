"""``make bench``: the portal's pages beside the floor, in one alternating run; see README.md here."""

import argparse
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).parent
ROOT = HERE.parent
DATA = ROOT / ".local" / "bench"
SIZE = {"people": 2_000, "topics": 5_000, "posts": 100_000, "items": 1_000}
#: What grows with the number of municipalities, and what it is called at ten times as many.
GROWING = {
    "adoption table": "adoption at 2,590",
    "overall picture": "picture at 2,590",
    "national picture": "national picture at 2,590",
    "picture of a cluster": "cluster picture at 2,590",
}
SMALL = {"people": 200, "topics": 500, "posts": 5_000, "items": 100}


def environment() -> None:
    """Production settings on a database of the benchmark's own."""
    from munistem import pgdev

    os.environ["DATA_DIR"] = str(DATA)
    os.environ["DATABASE_URL"] = pgdev.url(DATA / "pg")
    os.environ |= {
        "SECRET_KEY": "of the benchmark only, never elsewhere",
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "BASE_URL": "http://127.0.0.1",
        "EMAIL_URL": "file:",
        "DEMO": "1",
        "LOG_LEVEL": "warning",
        "DJANGO_SETTINGS_MODULE": "munistem.settings",
    }
    os.environ.pop("DEBUG", None)


def fill(size: dict[str, int]) -> None:
    """Migrations, register, founding content, static files and a network of the size asked for."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    for command in ("load_register", "load_founding_content"):
        call_command(command, verbosity=0)
    call_command("load_demo", **size, verbosity=0)
    grow(1)


def grow(times: int) -> None:
    """All municipalities of the register, so many times over, each with programmes and answers."""
    from bench.towns import PROGRAMMES, REGISTER, fill_towns

    fill_towns(REGISTER * times, PROGRAMMES * (times - 1) or PROGRAMMES)


def grown() -> list[tuple[str, str, bool, bool]]:
    """What is measured again at ten times as many municipalities."""
    return [(GROWING[name], *rest) for name, *rest in pages() if name in GROWING]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(
    settings: str, *options: str, application: str = "munistem.wsgi:application"
) -> Iterator[tuple[int, int]]:
    """A gunicorn with these settings, as in production: 2 workers, 4 threads each; its port and process."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "munistem/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--threads", "4", *options, application]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"DJANGO_SETTINGS_MODULE": settings}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(150):
            with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"no answer with {settings}; the reason stands above")
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # somebody still holds a connection
            process.send_signal(signal.SIGQUIT)
            process.wait(20)


def cookie_of(email: str) -> str:
    """A signed-in session of a demo person."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from members.models import User

    user = User.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def pages() -> list[tuple[str, str, bool, bool]]:
    """(name, address, measured signed in too, hot row of the targets)."""
    from communities.models import Community, Topic
    from knowledge.models import Item
    from members.models import LocalAuthority

    cluster = LocalAuthority.objects.select_related("cluster").get(pk=1139).cluster
    open_one = Community.objects.filter(access="open").order_by("-topic_count").first()
    topic = Topic.objects.filter(community=open_one, post_count__gte=20).order_by("pk").first()
    topic = topic or Topic.objects.filter(community=open_one).order_by("-post_count").first()
    item = Item.objects.filter(visibility="public").published().order_by("pk").first()
    return [
        ("topic", f"/topics/{topic.pk}/", True, True),
        ("list of topics", f"/communities/{open_one.slug}/", True, True),
        ("home", "/", True, True),
        ("page 200 of a list", f"/communities/{open_one.slug}/?page=200", False, True),
        ("item", f"/knowledge/{item.slug}/", True, False),
        ("library", "/knowledge/", True, False),
        ("communities", "/communities/", True, False),
        ("adoption table", "/policy/adoption/", True, False),
        ("overall picture", "/policy/picture/1139/", True, False),
        ("national picture", "/policy/picture/national/", False, False),
        ("picture of a cluster", f"/policy/picture/clusters/{cluster.slug}/", False, False),
        ("organisations", "/organisations/", True, False),
    ]


def queries_and_weight(path: str, cookie: str) -> tuple[int, int]:
    """SQL queries of one answer, and the page with its styles and scripts after brotli, in bytes."""
    import brotli
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    if cookie:
        client.cookies.load(cookie)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(path)
    weight = len(brotli.compress(answer.content, quality=5))
    for name in set(re.findall(rb'(?:href|src)="/static/([^"]+\.(?:css|js))"', answer.content)):
        file = Path(settings.STATIC_ROOT) / name.decode()
        packed = file.with_name(file.name + ".br")
        weight += (packed if packed.exists() else file).stat().st_size
    return len(captured), weight


def measure(seconds: float, asked: list[tuple[str, str, bool, bool]]) -> list[dict]:
    """Each page that is asked for and the floor in turn, visitor and signed in."""
    from urllib.parse import quote

    from bench.load import load

    rows = []
    cookie = cookie_of("manager@munistem.example")
    with served("bench.floor_settings") as (floor, _), served("munistem.settings") as (portal, _):
        for name, path, is_for_both, is_hot in asked:
            path = quote(path, safe="/?=&")
            for who in ("visitor", "member") if is_for_both else ("visitor",):
                key = cookie if who == "member" else ""
                load(portal, path, cookie=key, seconds=0.5)
                ground = [load(floor, "/", cookie=key, seconds=seconds / 2)]
                ours = load(portal, path, cookie=key, seconds=seconds)
                ground.append(load(floor, "/", cookie=key, seconds=seconds / 2))
                base = sum(result.rps for result in ground) / 2
                queries, weight = queries_and_weight(path, key)
                rows.append(
                    {
                        "page": name,
                        "who": who,
                        "concurrency": 16,
                        "rps": round(ours.rps, 1),
                        "p50": round(ours.percentile(0.50), 1),
                        "p95": round(ours.percentile(0.95), 1),
                        "p99": round(ours.percentile(0.99), 1),
                        "ratio": round(ours.rps / base, 2),
                        "queries": queries,
                        "bytes_br": weight,
                        "hot": is_hot,
                        "failures": ours.failures,
                    }
                )
                print(
                    "{page:24} {who:8} {rps:8} /s  ×{ratio:<5} p95 {p95:7} ms  {queries:3} SQL  {bytes_br:7} B".format(
                        **rows[-1]
                    )
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--small", action="store_true", help="a small network, for a quick look")
    parser.add_argument("--towns", action="store_true", help="only what grows with the municipalities")
    options = parser.parse_args()
    environment()
    import django

    django.setup()
    from munistem import pgdev

    try:
        fill(SMALL if options.small else SIZE)
        asked = [row for row in pages() if not options.towns or row[0] in GROWING]
        rows = measure(options.seconds, asked)
        grow(10)
        rows += measure(options.seconds, grown())
    finally:
        pgdev.stop(DATA / "pg")
    part = "towns-" if options.towns else ""
    target = HERE / "results" / f"{part}{date.today():%F}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
