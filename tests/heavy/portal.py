"""A whole portal of its own – database, web service, worker – to be treated badly."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from munistem import pgdev

BASE = Path(__file__).resolve().parent.parent.parent
CSRF = "c" * 32
PEOPLE = "import json, sys; from tests.heavy.people import make_people; print(json.dumps(make_people(int(sys.argv[1]))))"


class Away(Exception):
    """No answer, or one that says that nothing was kept."""


class Portal:
    """``with Portal(folder) as portal``: runs ``manage.py serve`` there, and speaks to it as its people do.

    database: the address of another server than its own, which it then does not start again either.
    """

    def __init__(self, folder: Path, database: str = "", **surroundings: str):
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.cluster = pgdev.place(
            folder / "pg"
        )  # elsewhere when the folder is closed to the server's account
        self.surroundings = {
            **os.environ,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "DEBUG": "1",
            "PYTHONPATH": str(BASE),
            "DJANGO_SETTINGS_MODULE": "munistem.settings",
            "DATABASE_URL": database,
            **surroundings,
        }

    def __enter__(self):
        self.log = (self.folder / "serve.log").open("w")
        command = [sys.executable, "manage.py", "serve", "--no-demo"]
        self.process = subprocess.Popen(
            command, cwd=BASE, env=self.surroundings, stdout=self.log, stderr=self.log, start_new_session=True
        )
        self.wait(600)
        return self

    def __exit__(self, *_words):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()
        shutil.rmtree(self.cluster, ignore_errors=True)

    def wait(self, seconds: float) -> float:
        """Until it is ready; returns how long that took."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            assert self.process.poll() is None, (self.folder / "serve.log").read_text()[-2000:]
            with suppress(OSError):
                urllib.request.urlopen(f"{self.address}/readyz", timeout=3).read()
                return time.monotonic() - begun
            time.sleep(0.1)
        raise AssertionError((self.folder / "serve.log").read_text()[-2000:])

    def run(self, script: str, *words: str) -> str:
        """The output of a script over the portal's data, by another process."""
        head = "import django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", head + script, *words],
            cwd=BASE,
            env=self.surroundings,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def people(self, count: int) -> dict[str, list]:
        return json.loads(self.run(PEOPLE, str(count)).splitlines()[-1])

    def reply(self, session: str, topic: int, fields: dict[str, str], file: tuple[str, bytes] | None) -> None:
        """Answer in a topic as a browser does; raises Away unless the portal says that it is kept."""
        body, boundary = bytearray(), "b0undary"
        for name, value in {**fields, "csrfmiddlewaretoken": CSRF}.items():
            body += (
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            )
        if file:
            head = f'name="files"; filename="{file[0]}"\r\nContent-Type: text/plain'
            body += (
                f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + file[1] + b"\r\n"
            )
        body += f"--{boundary}--\r\n".encode()
        request = urllib.request.Request(
            f"{self.address}/topics/{topic}/",
            bytes(body),
            {
                "Cookie": f"session={session}; csrf={CSRF}",
                "Content-Type": f"multipart/form-data; boundary={boundary}",
            },
        )
        try:
            opener.open(request, timeout=20)
        except urllib.error.HTTPError as answer:
            if answer.code != 302:
                raise Away(answer.code) from answer
        except (OSError, ValueError) as error:
            raise Away(str(error)) from error
        else:
            raise AssertionError("the form was not taken")

    # What can be killed ----------------------------------------------------------------------------------

    def victim(self, what: str) -> psutil.Process | None:
        """A process of this kind that runs now: web (one worker), service (all of the web), worker, database."""
        if what == "database":
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            return psutil.Process(int(lines[0]))
        found = [
            (child, " ".join(child.cmdline())) for child in psutil.Process(self.process.pid).children(True)
        ]
        gunicorns = [child for child, words in found if "gunicorn" in words]
        masters = [child for child in gunicorns if child.ppid() == self.process.pid]
        if what == "worker":
            return next((child for child, words in found if "procrastinate" in words), None)
        if what == "service":
            return masters[0] if masters else None
        return next((child for child in gunicorns if child not in masters), None)

    def kill(self, what: str) -> None:
        """kill -9, as soon as there is such a process again."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(psutil.Error, OSError, IndexError, ValueError):
                if victim := self.victim(what):
                    victim.kill()
                    return
            time.sleep(0.1)
        raise AssertionError(f"no {what} to kill")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Writer(threading.Thread):
    """Somebody who answers again and again, and tries each answer until the portal says that it is kept."""

    def __init__(self, portal: Portal, session: str, topics: list[int], count: int):
        super().__init__(daemon=True)
        self.portal, self.session, self.topics, self.count = portal, session, topics, count
        self.texts: list[str] = []
        self.files: dict[str, str] = {}
        self.refusals: list[str] = []
        self.longest = 0.0

    def run(self) -> None:
        for number in range(self.count):
            mark = f"mark{uuid.uuid4().hex}"
            fields = {"body": f"<p>{mark}</p>", "nonce": str(uuid.uuid4())}
            file = (f"{mark}.txt", f"text of {mark}".encode()) if number % 5 == 0 else None
            while not self.is_kept(fields, file):
                time.sleep(1.0)
            self.texts.append(mark)
            if file:
                self.files[file[0]] = file[1].decode()

    def is_kept(self, fields: dict[str, str], file: tuple[str, bytes] | None) -> bool:
        begun = time.monotonic()
        try:
            self.portal.reply(self.session, random.choice(self.topics), fields, file)
        except Away as refusal:
            self.refusals.append(str(refusal))
            return False
        finally:
            self.longest = max(self.longest, time.monotonic() - begun)
        return True


def known_to(writers: list[Writer]) -> dict[str, Any]:
    """What the portal said that it kept: texts and files."""
    return {
        "texts": [mark for writer in writers for mark in writer.texts],
        "files": {name: text for writer in writers for name, text in writer.files.items()},
    }


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_words):
        return None


opener = urllib.request.build_opener(Stay)
