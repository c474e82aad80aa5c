"""The few words of S3 that the portal speaks, signed by AWS Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, …/sigv4-query-string-auth.html. Each of these
requests may be repeated without harm, and is, when the bucket is busy or the connection breaks.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import urllib3

ALGORITHM, BLOCK = "AWS4-HMAC-SHA256", 256 * 1024
OF_NOTHING = hashlib.sha256(b"").hexdigest()
PATIENCE = urllib3.Timeout(connect=3, read=20)
ATTEMPTS, PAUSE = 4, 0.2  # seconds, doubled each time
BUSY = {429, 500, 502, 503, 504}


class Failed(OSError):
    """The bucket did not do what it was asked."""


def stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def written(query: Mapping[str, str]) -> str:
    """A query as it is sent and signed: in the order of its names, everything but letters, digits and -._~ escaped."""
    return "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items())
    )


def sum_of(body: Any) -> tuple[str, int]:
    """SHA-256 and length of a file from where it stands, to which it returns."""
    start, summed, length = body.tell(), hashlib.sha256(), 0
    while data := body.read(BLOCK):
        summed.update(data)
        length += len(data)
    body.seek(start)
    return summed.hexdigest(), length


class Signer:
    """Signs requests with a pair of keys for a region."""

    def __init__(self, access_key: str, secret_key: str, region: str):
        self.access_key, self.secret_key, self.region = access_key, secret_key, region

    def scope(self, at: str) -> str:
        return f"{at[:8]}/{self.region}/s3/aws4_request"

    def signature(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        summed: str,
        at: str,
    ) -> str:
        """path: escaped; headers: all that are signed, names in small letters; at: as ``stamp`` writes it."""
        lines = [f"{name}:{headers[name].strip()}" for name in sorted(headers)]
        request = "\n".join([method, path, written(query), *lines, "", ";".join(sorted(headers)), summed])
        text = "\n".join([ALGORITHM, at, self.scope(at), hashlib.sha256(request.encode()).hexdigest()])
        key = f"AWS4{self.secret_key}".encode()
        for part in (at[:8], self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def signed_headers(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        summed: str,
        at: str,
    ) -> dict[str, str]:
        """The headers of a request, with those that sign it."""
        told = {**headers, "x-amz-content-sha256": summed, "x-amz-date": at}
        names, signature = ";".join(sorted(told)), self.signature(method, path, query, told, summed, at)
        credential = f"{self.access_key}/{self.scope(at)}"
        told["authorization"] = (
            f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return told

    def signed_query(self, method: str, path: str, host: str, seconds: int, at: str) -> str:
        """A query by which anybody may send this one request for so long."""
        query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.access_key}/{self.scope(at)}",
            "X-Amz-Date": at,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        query["X-Amz-Signature"] = self.signature(method, path, query, {"host": host}, "UNSIGNED-PAYLOAD", at)
        return written(query)


class Bucket:
    """One bucket; safe to share among threads."""

    def __init__(self, *, name: str, endpoint: str, region: str, access_key: str, secret_key: str):
        region = region or "us-east-1"
        self.name, self.signer = name, Signer(access_key, secret_key, region)
        # A server of one's own has the bucket in the address's path, Amazon in the host's name.
        parts = urlsplit(endpoint or f"https://{name}.s3.{region}.amazonaws.com")
        self.origin, self.host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        self.root = f"{parts.path.rstrip('/')}/{name}" if endpoint else ""
        self.pool = urllib3.PoolManager(maxsize=32, timeout=PATIENCE, retries=False)

    def path_of(self, key: str) -> str:
        return quote(f"{self.root}/{key}", safe="/-_.~")

    def ask(
        self,
        method: str,
        key: str = "",
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        """The answer to a request, unread: let it go by ``release_conn`` or ``close``.

        Raises FileNotFoundError for what is not there, Failed for anything else that fails.
        """
        summed, length = sum_of(body) if body is not None else (OF_NOTHING, 0)
        more = dict(headers or {}) | ({"content-length": str(length)} if method == "PUT" else {})
        start = body.tell() if body is not None else 0
        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE * 2 ** (attempt - 1))
            if body is not None:
                body.seek(start)
            try:
                answer = self.send(method, self.path_of(key), query or {}, more, summed, body)
            except urllib3.exceptions.HTTPError as error:
                problem = type(error).__name__
                continue
            if answer.status < 300:
                return answer
            problem = f"{answer.status} {answer.read(500).decode(errors='replace')}"
            answer.release_conn()
            if answer.status == 404:
                raise FileNotFoundError(key)
            if answer.status not in BUSY:
                break
        raise Failed(f"{method} {key}: {problem}")

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: dict[str, str],
        summed: str,
        body: Any,
    ) -> Any:
        signed = self.signer.signed_headers(
            method, path, query, {"host": self.host, **headers}, summed, stamp()
        )
        address = f"{self.origin}{path}{'?' if query else ''}{written(query)}"
        return self.pool.request(
            method, address, headers=signed, body=body, preload_content=False, redirect=False
        )

    def done(self, method: str, key: str, **more: Any) -> Mapping[str, str]:
        """Ask for something of which only the headers matter."""
        answer = self.ask(method, key, **more)
        answer.drain_conn()
        answer.release_conn()
        return answer.headers

    # Words -----------------------------------------------------------------------------------------------

    def size(self, key: str) -> int:
        return int(self.done("HEAD", key)["Content-Length"])

    def put(self, key: str, body: Any) -> None:
        """Keep a file from where it stands to its end; the bucket compares its sum."""
        self.done("PUT", key, body=body)

    def get(self, key: str, start: int = 0) -> Any:
        """The bytes from here on, as they come; close it."""
        return self.ask("GET", key, headers={"range": f"bytes={start}-"} if start else None)

    def copy(self, key: str, to: str) -> None:
        self.done("PUT", to, headers={"x-amz-copy-source": quote(f"/{self.name}/{key}", safe="/-_.~")})

    def remove(self, key: str) -> None:
        self.done("DELETE", key)

    def entries(self, prefix: str = "") -> Iterator[tuple[str, int, datetime]]:
        """Name, size and time of all that lies below a prefix, in the order of their names."""
        query = {"list-type": "2", "prefix": prefix}
        while query:
            answer = self.ask("GET", "", query=query)
            page = ElementTree.fromstring(answer.read())  # noqa: S314 – from our own bucket, which people's files never reach as XML
            answer.release_conn()
            for row in page.iterfind("{*}Contents"):
                key, size, touched = (
                    row.findtext(f"{{*}}{name}", "") for name in ("Key", "Size", "LastModified")
                )
                yield key, int(size), datetime.fromisoformat(touched)
            token = page.findtext("{*}NextContinuationToken", "")
            query = {**query, "continuation-token": token} if token else {}

    def signed(self, key: str, seconds: int) -> str:
        """The query by which the proxy may fetch a file for so long."""
        return self.signer.signed_query("GET", self.path_of(key), self.host, seconds, stamp())
