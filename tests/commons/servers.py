"""A server on this machine that plays the web: pages, pictures, redirects, and servers that mean harm."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import TypeVar

from munistem.commons.links.net import Guard

Answer = Callable[[BaseHTTPRequestHandler], None]
Server = TypeVar("Server", bound=BaseServer)


class Web(ThreadingHTTPServer):
    """``web.pages["/x"] = (kind, body, headers)``, or a function that speaks by itself; ``web.asked`` holds what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, tuple[str, bytes, dict[str, str]] | Answer] = {}
        self.asked: list[str] = []
        self.heads: list[dict[str, str]] = []

    @property
    def port(self) -> int:
        return self.server_address[1]

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def put(
        self, path: str, body: bytes | str, kind: str = "text/html; charset=utf-8", **headers: str
    ) -> str:
        self.pages[path] = (kind, body.encode() if isinstance(body, str) else body, headers)
        return self.url(path)

    def send_on(self, path: str, to: str, status: int = 302) -> str:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Location", to)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        self.pages[path] = answer
        return self.url(path)

    def guard(self, **more) -> Guard:
        """Lets this server be asked, and nothing else on this machine."""
        return Guard(is_open=lambda address: address == "127.0.0.1", ports=frozenset({self.port}), **more)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.heads.append(dict(self.headers))
        page = self.server.pages.get(self.path)
        if page is None:
            self.send_error(404)
        elif callable(page):
            page(self)
        else:
            kind, body, headers = page
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_words) -> None:
        pass


@contextmanager
def web() -> Iterator[Web]:
    with serving(Web()) as server:
        yield server


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """A server that answers in a thread of its own until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever."""
    try:
        for letter in b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + b"x" * 10_000:
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


def bursting(megabytes: int) -> bytes:
    return gzip.compress(b"<p>" + b"x" * (megabytes * 1024 * 1024))
