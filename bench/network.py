"""The filled databases of the benchmark: deterministic, filled once and kept as long as size and migrations stay the same."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("BENCH_DIR") or ROOT / ".local" / "bench")


@dataclass(frozen=True)
class Network:
    """How much stands in one database; ``towns`` times all municipalities of the register."""

    name: str
    people: int
    topics: int
    posts: int
    items: int
    towns: int = 1

    @property
    def size(self) -> dict[str, int]:
        return {"people": self.people, "topics": self.topics, "posts": self.posts, "items": self.items}


ONE = Network("portal", people=2_000, topics=5_000, posts=100_000, items=5_000)
TEN = Network("tenfold", people=20_000, topics=50_000, posts=1_000_000, items=50_000)
#: The same people and texts among ten times as many municipalities.
TOWNS = Network("towns", people=2_000, topics=5_000, posts=100_000, items=5_000, towns=10)
SMALL = Network("small", people=200, topics=500, posts=5_000, items=100)
#: Migrations, register and founding content, from which the others grow.
GROUND = Network("ground", people=0, topics=0, posts=0, items=0)
#: A copy to write into, so that the filled ones stay as they are.
COPY = "copy"
#: What a database is a copy of before it is filled, where that is not the ground.
BASES = {TOWNS: ONE}


def environment(network: Network) -> None:
    """Production settings on a database of the benchmark's own."""
    from munistem import pgdev

    os.environ["DATA_DIR"] = str(DATA)
    os.environ["DATABASE_URL"] = pgdev.url(DATA / "pg", name=network.name)
    os.environ |= {
        "SECRET_KEY": "of the benchmark only, never elsewhere",
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "BASE_URL": "http://127.0.0.1",
        "EMAIL_URL": "file:",
        "DEMO": "1",
        "TRUSTED_PROXIES": "1",  # the load client says whose address it speaks for
        "LOG_LEVEL": "warning",
        "DJANGO_SETTINGS_MODULE": "munistem.settings",
    }
    os.environ.pop("DEBUG", None)


def use(name: str) -> None:
    """Turn this process, and the servers it starts from now on, to another database of the cluster."""
    from django.db import connection

    from munistem import pgdev

    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = pgdev.url(DATA / "pg", name=name)


def leave() -> None:
    """Let go of the database, so that its server may stop."""
    from django.db import connection

    connection.close()


def surgery(statement: str, *values: Any) -> list[tuple]:
    """Ask the cluster itself, beside the databases: they are made, copied and dropped here."""
    import psycopg

    from munistem import pgdev

    host, port = pgdev.start(DATA / "pg")
    with psycopg.connect(
        host=host, port=port, user="postgres", dbname="postgres", autocommit=True
    ) as cluster:
        found = cluster.execute(statement, values or None)  # type: ignore[arg-type]
        return found.fetchall() if found.description else []


def ready(network: Network, is_afresh: bool = False) -> None:
    """The database in use and filled as asked for: found so, brought up to newer migrations, or made anew."""
    from munistem import fingerprint

    collect_static()
    size, state = fingerprint.of_files([], repr(network)), fingerprint.of_files(fingerprint.migrations())
    size_before, _blank, state_before = (noted(network.name) or "").partition(" ")
    if is_afresh or size_before != size or (state_before != state and not migrated(network)):
        base = BASES.get(network, GROUND if network != GROUND else None)
        if base:
            ready(base)
        begin(network.name, base)
        fill(network)
    surgery(f"comment on database {network.name} is '{size} {state}'")
    use(network.name)
    count_words()


def count_words() -> None:
    """In how many public rows words stand, as every night counts it in a network that is used: a search hangs on it."""
    from munistem.commons.search.learning import count_terms
    from munistem.commons.search.tables import TermCount

    if not TermCount.objects.exists():
        count_terms()


def migrated(network: Network) -> bool:
    """Bring a filled database up to the migrations of this code; False where that cannot be, as after a new beginning of theirs."""
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError
    from django.db.migrations.exceptions import InconsistentMigrationHistory

    use(network.name)
    try:
        call_command("migrate", verbosity=0)
    except (CommandError, DatabaseError, InconsistentMigrationHistory):
        return False
    return True


def noted(name: str) -> str | None:
    """Of what this database was filled."""
    question = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
    return next((state for (state,) in surgery(question, name)), None)


def begin(name: str, base: Network | None) -> None:
    """A new database, empty or a copy of another one, in use from now on."""
    use(name)
    surgery(f"drop database if exists {name} with (force)")
    if base:
        surgery("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", base.name)
    surgery(f"create database {name}" + (f" template {base.name} strategy file_copy" if base else ""))


def collect_static() -> None:
    """Static files as they are now; collected anew only when one of ours changed."""
    from django.conf import settings
    from django.core.management import call_command

    from munistem import fingerprint

    files = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    state, mark = fingerprint.of_files(files), DATA / "static-state"
    if not mark.exists() or mark.read_text() != state or not settings.STATIC_ROOT.exists():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(state)


def fill(network: Network) -> None:
    """What the network has more than its base, each step told with its seconds."""
    from django.db import connection

    print(f"filling {network}")
    for name, step in steps_of(network).items():
        begun = time.perf_counter()
        step()
        print(f"  {name}: {time.perf_counter() - begun:.1f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def steps_of(network: Network) -> dict[str, Callable[[], object]]:
    from django.core.management import call_command

    from bench.floor import make_table
    from bench.towns import PROGRAMMES, REGISTER, fill_towns

    def call(*words: str, **options: Any) -> Callable[[], object]:
        return lambda: call_command(*words, verbosity=0, **options)

    if network == GROUND:
        return {
            "migrations": call("migrate"),
            "cache": call("createcachetable"),
            "register": call("load_register"),
            "founding content": call("load_founding_content"),
            "table of the floor": make_table,
        }
    programmes = PROGRAMMES * (network.towns - 1) or PROGRAMMES
    towns = {"municipalities": lambda: fill_towns(REGISTER * network.towns, programmes)}
    return towns if network in BASES else {"network": call("load_demo", **network.size), **towns}
