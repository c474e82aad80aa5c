"""More than one machine on one: a streaming replica, PgBouncer, two sets of web processes and nginx before them.

PostgreSQL comes with the embedded one; ``pgbouncer`` and ``nginx`` must be installed (Debian: apt install pgbouncer nginx-light).
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psycopg

from bench.network import DATA, ROOT
from bench.serving import free_port
from munistem import pgdev

POSTMASTER = (
    "shared_buffers=128MB",
    "work_mem=16MB",
    "max_connections=100",
    "random_page_cost=1.1",
    "max_parallel_workers_per_gather=0",
    "jit=off",
    "hot_standby_feedback=on",
    "listen_addresses=",
    "unix_socket_permissions=0700",
)
POOLER = """
[databases]
{name} = host={host} port={port} user=postgres dbname={name}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 500
server_lifetime = 600
server_connect_timeout = 2
server_login_retry = 1
{more}
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""
#: Forms of the portal are harmless when they come twice, so that one of a set that died may go to the other as well.
PROXY = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log error; worker_rlimit_nofile 2048;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream portal {{ {servers} keepalive 32; }}
    server {{
        listen 127.0.0.1:{port} reuseport;
        location / {{
            proxy_pass http://portal; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_connect_timeout 2s; proxy_next_upstream error timeout non_idempotent; proxy_next_upstream_tries 3;
        }}
    }}
}}
"""


@dataclass
class Server:
    """Something that runs, with the process that leads it."""

    process: subprocess.Popen
    port: int = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)


@contextlib.contextmanager
def running(command: list, **options) -> Iterator[Server]:
    server = Server(subprocess.Popen([str(word) for word in command], **options))
    try:
        yield server
    finally:
        server.stop()
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


# PostgreSQL ----------------------------------------------------------------------------------------------


class Standby:
    """A replica of the embedded cluster below ``primary``, made by pg_basebackup, fed by streaming."""

    def __init__(self, primary: Path, folder: Path):
        self.host, self.port = pgdev.start(primary)
        self.primary, self.data, self.programs = primary, folder, pgdev.binaries(primary)

    def ask(self, statement: str, host: Path | str = "", name: str = "postgres"):
        """One statement of the replica, or of the server with another socket."""
        where = {"host": str(host or self.data), "port": self.port, "user": "postgres", "dbname": name}
        with psycopg.connect(**where, autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def make(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        pgdev.own(self.data, self.primary)
        copy = [
            "-D",
            self.data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-h",
            self.host,
            "-p",
            self.port,
            "-U",
            "postgres",
        ]
        pgdev.run(self.primary, self.programs / "pg_basebackup", *copy)
        for socket in self.data.glob(".s.PGSQL.*"):  # the primary's lies in its folder too
            socket.unlink()

    def start(self) -> None:
        options = " ".join(
            f"-c {option}" for option in (*POSTMASTER, f"unix_socket_directories='{self.data}'")
        )
        command = [
            "start",
            "-w",
            "-s",
            "-t",
            30,
            "-D",
            self.data,
            "-l",
            self.data / "server.log",
            "-o",
            options,
        ]
        quiet = {"capture_output": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        pgdev.run(self.primary, self.programs / "pg_ctl", *command, **quiet)

    def stop(self, mode: str = "fast") -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            pgdev.run(self.primary, self.programs / "pg_ctl", "stop", "-w", "-s", "-m", mode, "-D", self.data)

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def lag_by(self, delay: str) -> None:
        """Let it replay each commit so much later."""
        self.ask(f"alter system set recovery_min_apply_delay = '{delay}'")  # nosec – our own words
        self.ask("select pg_reload_conf()")


@contextlib.contextmanager
def standby_of(primary: Path) -> Iterator[Standby]:
    standby = Standby(pgdev.place(primary), pgdev.place(DATA / "standby"))
    standby.stop("immediate")
    standby.make()
    standby.start()
    try:
        yield standby
    finally:
        standby.stop()
        shutil.rmtree(standby.data, ignore_errors=True)


# Before and after the database ---------------------------------------------------------------------------


@contextlib.contextmanager
def pooled(standby: Standby, name: str, way: str, pool: int = 10) -> Iterator[Server]:
    """PgBouncer in transaction mode before the primary (``rw``) or the replica (``ro``); see ``pooler_of``."""
    folder = pooler_of(standby, way)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    pgdev.own(folder, standby.primary)
    host = standby.host if way == "rw" else standby.data
    # Nobody waits long for a replica that is away: pages are made from the primary then.
    more = "query_wait_timeout = 3" if way == "ro" else ""
    told = {"name": name, "host": host, "port": standby.port, "folder": folder, "pool": pool, "more": more}
    (folder / "pgbouncer.ini").write_text(POOLER.format(**told))
    command = [shutil.which("pgbouncer"), "-q", folder / "pgbouncer.ini"]
    with running(command, stderr=subprocess.DEVNULL, **pgdev.account(standby.primary)) as server:
        time.sleep(1)
        yield server


def pooler_of(standby: Standby, way: str) -> Path:
    """The folder of a pooler, in which its socket lies."""
    return standby.data.with_name(f"pooler-{way}")


@contextlib.contextmanager
def web_set(port: int, **surroundings: str) -> Iterator[Server]:
    """A gunicorn of two workers with four threads, as on a machine of its own."""
    command, options = web_command(port, surroundings)
    with running(command, **options) as server:
        await_answer(port)
        server.port = port
        yield server


def running_web(port: int, surroundings: dict[str, str]) -> Server:
    command, options = web_command(port, surroundings)
    return Server(subprocess.Popen(command, **options), port)


def web_command(port: int, surroundings: dict[str, str]) -> tuple[list, dict]:
    command = [sys.executable, "-m", "gunicorn", "-c", "munistem/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
    return command, {"cwd": ROOT, "env": os.environ | surroundings, "start_new_session": True}


def await_answer(port: int) -> None:
    """Until the portal answers there; raises RuntimeError after some twenty seconds."""
    for _ in range(200):
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"no answer at {port}")


@contextlib.contextmanager
def proxied(*ports: int) -> Iterator[Server]:
    folder, port = DATA / "proxy", free_port()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    servers = " ".join(f"server 127.0.0.1:{one} max_fails=1 fail_timeout=2s;" for one in ports)
    (folder / "nginx.conf").write_text(PROXY.format(folder=folder, port=port, servers=servers))
    with running(["/usr/sbin/nginx", "-c", folder / "nginx.conf", "-p", folder]) as server:
        await_answer(port)
        server.port = port
        yield server
