"""A whole portal of its own – database, web service, worker – to be treated badly."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from munistem import pgdev

BASE = Path(__file__).resolve().parent.parent.parent
CSRF = "c" * 32
PEOPLE = """
import json, sys, uuid
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, BACKEND_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tests.communities.factories import make_community, make_membership, make_topic

community = make_community(access="open", slug=f"stormy-{uuid.uuid4().hex}")
topics = [make_topic(community) for _ in range(5)]
sessions = []
for _ in range(int(sys.argv[1])):
    person = make_membership(community).person
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    sessions.append(session.session_key)
print(json.dumps({"sessions": sessions, "topics": [topic.pk for topic in topics]}))
"""


class Away(Exception):
    """No answer, or one that says that nothing was kept."""


class Portal:
    """``with Portal(folder, port) as portal``: runs ``manage.py serve`` there, and speaks to it as its people do."""

    def __init__(self, folder: Path, port: int):
        self.folder, self.port, self.address = folder, port, f"http://127.0.0.1:{port}"
        self.cluster = pgdev.place(
            folder / "pg"
        )  # elsewhere when the folder is closed to the server's account
        self.surroundings = {
            **os.environ,
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "DEBUG": "1",
            "PYTHONPATH": str(BASE),
            "DJANGO_SETTINGS_MODULE": "munistem.settings",
        }
        self.surroundings.pop("DATABASE_URL", None)

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


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_words):
        return None


opener = urllib.request.build_opener(Stay)
