"""What the web service refuses before the portal sees it: asked through a plain socket, of the service as it is run."""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PASSING = {"content-type", "content-length", "content-language", "connection", "server", "date", "vary"}
PASSING |= {"cache-control", "etag", "expires", "x-request-id"}
ASKED = {
    b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n": 431,
    b"<script>alert(1)</script>\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Name: 1\r\n\r\n": 400,
}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Of a service with one worker; no database is asked for what is asked here."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    surroundings = os.environ | {
        "DEBUG": "1",
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "PORT": str(number),
        "WEB_WORKERS": "1",
        "LOG_LEVEL": "error",
    }
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-c", "munistem/gunicorn.py"]
    service = subprocess.Popen(command, cwd=ROOT, env=surroundings, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", number), timeout=1):
                break
            assert service.poll() is None
            time.sleep(0.2)
        yield number
    finally:
        service.terminate()
        service.wait(30)


def ask(port: int, words: bytes) -> tuple[int, dict[str, str], str]:
    """Status, headers by small names, and text of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(words)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionResetError):  # it need not read on to the end
            while part := line.recv(65_536):
                answer += part
    head, _blank, page = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    pairs = (one.partition(": ")[::2] for one in lines)
    return int(status.split()[1]), {name.lower(): value for name, value in pairs}, page.decode()


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_what_cannot_be_read_is_refused_kindly_and_sealed(port, number):
    words, status = list(ASKED.items())[number]
    found, headers, page = ask(port, words)
    assert found == status
    assert 'lang="he"' in page and 'lang="ar"' in page and 'lang="en"' in page and 'href="/"' in page
    assert "script" not in page and "aaaa" not in page  # nothing of what was sent comes back
    _status, usual, _text = ask(port, b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert usual.keys() - headers.keys() - PASSING == set()
    assert {headers[name] for name in ("x-frame-options", "x-content-type-options")} == {"DENY", "nosniff"}
