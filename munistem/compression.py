"""Pages and other text leave compressed when the browser takes it: a fifth of the bytes for a fifth of a millisecond."""

import secrets
import zlib
from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

TEXT = (
    *("text/html", "text/plain", "text/csv", "text/calendar", "application/json", "application/xml"),
    *("application/atom+xml", "application/rss+xml", "image/svg+xml", "text/xml"),
)
#: Below this many bytes nothing is won.
LEAST = 600


def compress(get_response: Callable[[HttpRequest], HttpResponse]):
    """Middleware for everything that stands ready in memory; files are sent as they are, static ones are compressed already."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.streaming or response.has_header("Content-Encoding") or len(response.content) < LEAST:
            return response
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind not in TEXT:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        encoding = encoding_for(request.headers.get("Accept-Encoding", ""))
        if not encoding:
            return response
        response.content = compressed(response.content, encoding, is_page=kind == "text/html")
        response.headers["Content-Encoding"] = encoding
        if response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))
        if tag := response.headers.get("ETag", ""):
            response.headers["ETag"] = tag if tag.startswith("W/") else f"W/{tag}"
        return response

    return middleware


def encoding_for(accepted: str) -> str:
    """The best of what the browser takes, "" for none; a weight of 0 is a refusal."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _semicolon, weight = part.strip().partition(";")
        weights[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((encoding for encoding in ("br", "gzip") if weights.get(encoding)), "")


def compressed(content: bytes, encoding: str, *, is_page: bool) -> bytes:
    """The content compressed. Pages end with a comment of chance length: what one guesses of a page is not told by its size (BREACH)."""
    if is_page:
        content += f"<!-- {secrets.token_hex(secrets.randbelow(48))} -->".encode()
    if encoding == "br":
        return brotli.compress(content, mode=brotli.MODE_TEXT, quality=3)
    return zlib.compress(content, 4, 31)
