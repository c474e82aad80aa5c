"""A virus scanner that speaks as clamd does, on this machine."""

import socketserver
from contextlib import AbstractContextManager
from pathlib import Path

from tests.commons.servers import serving

#: What every scanner takes for a virus, and no computer suffers from; put together so that none stops at this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanner(socketserver.ThreadingUnixStreamServer):
    """``scanner.seen``: bytes of each file it was sent; ``scanner.says``: an answer that it gives whatever it was sent."""

    daemon_threads = True

    def __init__(self, path: Path):
        super().__init__(str(path), Listener)
        self.path = str(path)
        self.seen: list[bytes] = []
        self.says: bytes | None = None
        self.most = 10 * 1024 * 1024


class Listener(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        if self.server.says is not None:
            self.wfile.write(self.server.says)
            return
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(length)
            if len(content) > self.server.most:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(content)
        self.wfile.write(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


def scanner(folder: Path) -> AbstractContextManager[Scanner]:
    return serving(Scanner(folder / "clamd"))
