"""A small server that speaks the few words of S3 which the portal uses; every request must be signed (version 4)."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.commons.servers import serving

KEY, SECRET, NAME = "portal", "of-the-tests", "files"
AT_ONCE = 3  # names in one answer to a list, so that going on is tried
SIGNED = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={KEY}/\d{{8}}/[a-z0-9-]+/s3/aws4_request, .*Signature=[0-9a-f]{{64}}$"
)
RANGE = re.compile(r"bytes=(\d+)-(\d*)$")


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        """Tests are quiet."""

    def handle_one(self):
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server
        server.asked.append((self.command, unquote(parts.path), self.headers.get("Range", "")))
        if server.is_away:
            return self.say(503, b"<Error><Code>SlowDown</Code></Error>")
        if not self.is_signed(asked, body):
            return self.say(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if bucket != NAME:
            return self.say(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        return getattr(self, f"answer_{self.command.lower()}")(key, asked, body)

    do_GET = do_HEAD = do_PUT = do_DELETE = handle_one

    def is_signed(self, asked, body):
        if "X-Amz-Signature" in asked:
            made = datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return datetime.now(UTC) < made + timedelta(seconds=int(asked["X-Amz-Expires"]))
        told = self.headers.get("x-amz-content-sha256", "")
        return (
            bool(SIGNED.match(self.headers.get("Authorization", "")))
            and told == hashlib.sha256(body).hexdigest()
        )

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_put(self, key, asked, body):
        if source := self.headers.get("x-amz-copy-source"):
            kept = self.server.kept.get(unquote(source).lstrip("/").partition("/")[2])
            if kept is None:
                return self.say(404, b"<Error><Code>NoSuchKey</Code></Error>")
            self.server.kept[key] = (kept[0], datetime.now(UTC))
            return self.say(200, b"<CopyObjectResult><ETag>x</ETag></CopyObjectResult>")
        self.server.kept[key] = (body, datetime.now(UTC))
        return self.say(200, ETag='"x"')

    def answer_delete(self, key, asked, body):
        self.server.kept.pop(key, None)
        return self.say(204)

    def answer_head(self, key, asked, body):
        if key not in self.server.kept:
            return self.say(404)
        return self.say(200, Content_Length=str(len(self.server.kept[key][0])))

    def answer_get(self, key, asked, body):
        if not key:
            return self.list(asked)
        if key not in self.server.kept:
            return self.say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        data = self.server.kept[key][0]
        if found := RANGE.match(self.headers.get("Range", "")):
            first, last = int(found[1]), int(found[2] or len(data) - 1)
            return self.say(206, data[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(data)}")
        return self.say(200, data)

    def list(self, asked):
        after = asked.get("continuation-token", "")
        names = [
            name
            for name in sorted(self.server.kept)
            if name.startswith(asked.get("prefix", "")) and name > after
        ]
        rows = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(self.server.kept[name][0])}</Size>"
            f"<LastModified>{self.server.kept[name][1]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for name in names[:AT_ONCE]
        )
        more = len(names) > AT_ONCE
        going_on = (
            f"<NextContinuationToken>{escape(names[AT_ONCE - 1])}</NextContinuationToken>" if more else ""
        )
        return self.say(
            200,
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{going_on}{rows}</ListBucketResult>".encode(),
            Content_Type="application/xml",
        )


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.kept, self.asked, self.is_away = {}, [], False

    @property
    def described(self):
        """What the settings say of it."""
        address = f"http://127.0.0.1:{self.server_port}"
        return {"name": NAME, "endpoint": address, "region": "", "access_key": KEY, "secret_key": SECRET}

    def age(self, hours):
        """Let all that is there be older."""
        self.kept = {name: (data, at - timedelta(hours=hours)) for name, (data, at) in self.kept.items()}


def running():
    return serving(Server())
