"""The whole portal in one process tree, for a trial: database, contents, web server and job worker."""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from munistem import catalogs, fingerprint, pgdev
from munistem.commons.search.tasks import learn_words

PASSWORD = "stem-demo-2026"  # printed on purpose: of the demo only
AGAIN = 10  # seconds for which a server that died is tried to start, before the others are looked after
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ACCOUNTS = {
    "admin@munistem.example": "network admin",
    "knowledge@munistem.example": "knowledge manager",
    "facilitator@munistem.example": "facilitator of the community stem-managers",
    "manager@munistem.example": "manager of a member municipality (Karmiel)",
    "member@munistem.example": "representative of a municipality (Nazareth), Arabic",
    "outsider@munistem.example": "representative of a company, in no community",
    "applicant@munistem.example": "registered, application pending",
    "former@munistem.example": "deactivated",
}


class Command(BaseCommand):
    help = "Run the portal with everything it needs; --no-demo leaves the demo network out."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--no-demo", action="store_true", help="register and founding content only")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *args, **options):
        is_embedded = "EMBEDDED" in settings.DATABASES["default"]
        for number in SIGNALS:
            signal.signal(number, leave)
        children: list[Child] = []
        hold(settings.DATA_DIR, options["port"])
        refuse_taken(options["port"])
        try:
            self.prepare(with_demo=settings.DEMO and not options["no_demo"])
            self.serve(children, options["port"], is_embedded)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        except pgdev.NoServer as error:
            raise CommandError(str(error)) from error
        finally:
            for number in SIGNALS:  # an impatient second Ctrl-C must not leave half of it running
                signal.signal(number, signal.SIG_IGN)
            stop_all(children)
            connection.close()
            if is_embedded:
                pgdev.stop(settings.DATABASES["default"]["EMBEDDED"], only_idle=True)
            hand_over(settings.DATA_DIR)
        self.stdout.write("Stopped; the data stay.")

    def prepare(self, with_demo: bool) -> None:
        """Bring the database up to this code; nothing is done twice for the same migrations and contents."""
        catalogs.compile_all()
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        files = [*fingerprint.migrations(), *fingerprint.contents()]
        wanted = fingerprint.of_files(files, f"demo={with_demo}")
        if noted() == wanted:
            return
        started = time.monotonic()
        call_command("prepare", stdout=self.stdout)
        if with_demo and not get_user_model().objects.exists():  # never among real people
            self.stdout.write("  load demo …")
            self.stdout.flush()
            call_command("load_demo", verbosity=0)
            learn_words.defer(timestamp=0)  # the worker does it while the first pages are looked at
        note(wanted)
        self.stdout.write(f"Ready after {time.monotonic() - started:.0f} seconds.")

    def serve(self, children: list["Child"], port: int, is_embedded: bool) -> None:
        connection.close()
        surroundings = os.environ | {"PORT": str(port), "LOG_LEVEL": os.environ.get("LOG_LEVEL", "warning")}
        web = Child([sys.executable, "-m", "gunicorn", "-c", "munistem/gunicorn.py"], surroundings)
        children.append(web)
        await_answer(web, port)
        self.tell(port)
        manage = str(settings.BASE_DIR / "manage.py")
        children.append(
            Child([sys.executable, manage, "procrastinate", "--skip-checks", "worker"], surroundings)
        )
        while True:
            time.sleep(0.5)
            if is_interrupted(os.getppid()):
                raise KeyboardInterrupt
            if is_embedded:  # a server that died is started again before anybody asks; while its disk is full, again and again
                with contextlib.suppress(pgdev.NoServer):
                    pgdev.start(settings.DATABASES["default"]["EMBEDDED"], patience=AGAIN)
            for child in children:
                child.keep_alive()

    def tell(self, port: int) -> None:
        lines = [f"\nmuniSTEM is ready: http://127.0.0.1:{port}/\n"]
        people = get_user_model().objects.filter(email__in=ACCOUNTS).count() if settings.DEMO else 0
        connection.close()
        if people:
            lines += [f"Demo accounts, password of all: {PASSWORD}"]
            lines += [f"  {address:32} {who}" for address, who in ACCOUNTS.items()]
        lines += ["Mail of the trial: /dev/mail/   Ctrl-C stops everything; the data stay.\n"]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


class Child:
    """A process of ours that is started again when it dies, at most once in two seconds."""

    def __init__(self, command: list[str], surroundings: dict[str, str]):
        self.command, self.surroundings = command, surroundings
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=settings.BASE_DIR,
            env=self.surroundings,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal reaches only us, and we stop the rest in order
            preexec_fn=die_with_parent,
        )

    def keep_alive(self) -> None:
        if self.process.poll() is not None and time.monotonic() - self.started > 2:
            self.start()

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)

    def end(self, deadline: float) -> None:
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop_all(children: list[Child]) -> None:
    for child in children:
        child.stop()
    deadline = time.monotonic() + 10
    for child in children:
        child.end(deadline)


def leave(number, frame):
    raise KeyboardInterrupt


def die_with_parent() -> None:
    """On Linux a child of a killed `serve` ends too, instead of keeping the port."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def is_interrupted(parent: int) -> bool:
    """Whether our parent is a `make` that got Ctrl-C alone: it waits for us but does not pass the signal on.

    While it waits so, the signal is blocked in it; the kernel's list of blocked signals shows that.
    """
    with contextlib.suppress(OSError, KeyError, ValueError):
        lines = Path(f"/proc/{parent}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        return status["Name"] == "make" and bool(int(status["SigBlk"], 16) >> (signal.SIGINT - 1) & 1)
    return False


def hold(directory: Path, port: int) -> int:
    """Keep these data for ourselves until we end; two portals with two workers on them would only confuse people.

    Returns the descriptor of the lock, which must stay open.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lock = os.open(directory / "serve.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        address = os.read(lock, 99).decode()
        os.close(lock)
        raise CommandError(
            f"The portal already runs on {directory}: {address}\n"
            "Stop it with Ctrl-C there, or give this one other data: make run DATA_DIR=/some/where"
        ) from error
    os.truncate(lock, 0)
    os.write(lock, f"http://127.0.0.1:{port}/".encode())
    return lock


def refuse_taken(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from error


def await_answer(web: Child, port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if web.process.poll() is not None:
            raise CommandError("The web server did not start; the reason stands above.")
        time.sleep(0.05)
    raise CommandError("The web server did not answer within a minute.")


def noted() -> str:
    """What is noted on the database about the state of its contents; it goes with the database wherever that goes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
        )
        return cursor.fetchone()[0] or ""


def note(state: str) -> None:
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with (
        contextlib.suppress(DatabaseError),
        connection.cursor() as cursor,
    ):  # not every role may: then all runs again
        cursor.execute(f"comment on database {name} is '{state}'")


def hand_over(directory: Path) -> None:
    """Whatever root wrote into somebody's checkout becomes theirs, so that they can go on without root."""
    owner = settings.BASE_DIR.stat()
    if os.geteuid() != 0 or owner.st_uid == 0 or not directory.is_relative_to(settings.BASE_DIR):
        return
    for path in (directory, *directory.rglob("*")):
        with contextlib.suppress(OSError):
            if path.lstat().st_uid == 0:
                os.lchown(path, owner.st_uid, owner.st_gid)
