"""The servers that are measured, as in production, and what their processes use."""

import contextlib
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from bench.network import DATA, ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(
    settings: str, *options: str, application: str = "munistem.wsgi:application"
) -> Iterator[tuple[int, int]]:
    """A gunicorn with these settings, as in production: 2 workers, 4 threads each; its port and process.

    Raises RuntimeError when it has not answered within a minute.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "munistem/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--threads", "4", *options, application]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"DJANGO_SETTINGS_MODULE": settings}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
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


@contextlib.contextmanager
def working() -> Iterator[int]:
    """The worker for jobs, its process."""
    command = [sys.executable, "manage.py", "procrastinate", "--skip-checks", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(8)  # it imports the portal
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def postmaster() -> int:
    """The process of the database server."""
    return int((DATA / "pg" / "postmaster.pid").read_text().split()[0])


def family_of(pid: int) -> list[int]:
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def processor_of(*pids: int) -> float:
    """Seconds of a processor that these processes and their children have used, the ended ones too.

    Other load on the machine hardly changes it, unlike any time by the clock.
    """
    ticks = 0
    for pid in pids:
        for process in family_of(pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                own = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]
                ticks += sum(map(int, own if process == pid else own[:2]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """Megabytes of a process and its children, shared pages counted once."""
    total = 0.0
    for process in family_of(pid):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
    return total


def machine() -> dict[str, str]:
    """On what was measured, and with what."""
    from importlib.metadata import version

    from django.db import connection

    model = next(
        (line.split(":", 1)[1] for line in lines_of("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next((int(line.split()[1]) for line in lines_of("/proc/meminfo") if "MemTotal" in line), 0)
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        database = cursor.fetchone()[0]
    return {
        "processor": f"{os.cpu_count()} × {model.strip() or platform.machine()}",
        "memory": f"{memory / 2**20:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": database,
        **{name: version(name) for name in ("django", "gunicorn", "psycopg")},
        "load": " ".join(f"{one:.1f}" for one in os.getloadavg()),
    }


def lines_of(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
