"""How stored files are handed out; who may have them is decided by the view of the thing they hang on."""

import logging
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.http import content_disposition_header, parse_etags

from munistem.commons.files.models import FileKind, ScanState, StoredFile
from munistem.commons.files.rules import can_have_bytes

log = logging.getLogger("munistem.files")
PIECE = 64 * 1024
#: Opened in the browser; anything else, PDF too (no browser shows one inside a sandbox), is offered for saving.
SHOWN = {FileKind.IMAGE, FileKind.AUDIO, FileKind.VIDEO}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$")
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def serve(request: HttpRequest, stored: StoredFile, *, as_attachment: bool | None = None) -> HttpResponseBase:
    """Answer with a stored file, whole or the range asked for; call it after the rule said yes. 403 while it is withheld.

    as_attachment: True offers pictures and recordings for saving too.
    """
    if not can_have_bytes(request.user, stored):
        context = {"is_found": stored.scan == ScanState.FOUND, "name": stored.name}
        return render(request, "files/withheld.html", context, status=403)
    is_shown = stored.kind in SHOWN and not as_attachment
    response = answer(request, stored.blob, stored.content_type, f'"{stored.sha256}"')
    disposition = content_disposition_header(as_attachment=not is_shown, filename=stored.name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    if stored.kind in {FileKind.AUDIO, FileKind.VIDEO}:
        response.headers["Content-Security-Policy"] = SANDBOX.replace(";", "; media-src 'self';", 1)
    response.headers["Cache-Control"] = (
        "private, no-store" if request.user.is_authenticated else "private, no-cache"
    )
    return response


def serve_preview(request: HttpRequest, stored: StoredFile) -> HttpResponseBase:
    """Answer with the picture of the first page; 404 while there is none or it is withheld."""
    if not stored.preview or not can_have_bytes(request.user, stored):
        raise Http404
    return answer(request, stored.preview, "image/webp", f'"{stored.sha256}-preview"')


def serve_page(
    request: HttpRequest, stored: StoredFile, number: int, *, is_public: bool = False
) -> HttpResponseBase:
    """Answer with the picture of a page; 404 while there is none or the file is withheld.

    is_public: everyone may see it, so that the reader's browser may keep it and ask no more.
    """
    page = stored.drawn_pages.filter(number=number).exclude(picture="").first()
    if page is None or not can_have_bytes(request.user, stored):
        raise Http404
    response = answer(request, page.picture, "image/webp", f'"{stored.sha256}-{number}"')
    if is_public:
        response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    return response


def answer(request: HttpRequest, file: Any, content_type: str, etag: str) -> HttpResponseBase:
    """The bytes, or the part of them that was asked for, with the headers every file of people has."""
    try:
        size = file.storage.size(file.name)
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            response: HttpResponseBase = HttpResponse(status=304)
        elif settings.X_ACCEL:
            response = HttpResponse(content_type=content_type)
            response.headers["X-Accel-Redirect"] = (
                f"{settings.X_ACCEL.rstrip('/')}/{file.storage.accelerated(file.name)}"
            )
        else:
            response = whole_or_part(request, file, size, content_type, etag)
    except FileNotFoundError as error:
        log.error("Stored file %s is missing on disk", file.name)
        raise Http404 from error
    response.headers["Content-Disposition"] = "inline"
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def whole_or_part(
    request: HttpRequest, file: Any, size: int, content_type: str, etag: str
) -> HttpResponseBase:
    span = asked_range(request, size, etag)
    if span == ():
        response = HttpResponse(status=416, content_type="text/plain")
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    first, last = span or (0, size - 1)
    if request.method == "HEAD":
        answered: HttpResponseBase = HttpResponse(content_type=content_type)
    elif span is None:
        answered = FileResponse(file.storage.open(file.name), content_type=content_type)
        answered.block_size = PIECE
    else:
        answered = StreamingHttpResponse(
            pieces(file.storage.open(file.name), first, last), content_type=content_type
        )
    if span is not None:
        answered.status_code = 206
        answered.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    answered.headers["Content-Length"] = str(last - first + 1)
    return answered


def asked_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | tuple[()] | None:
    """First and last byte asked for; None for the whole file, () for a range that is not there.

    Several ranges at once, units unknown and a stale If-Range are answered with the whole file (RFC 9110, 14.2).
    """
    found = RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if not found or found.groups() == ("", "") or request.headers.get("If-Range", etag) != etag:
        return None
    start, end = found.groups()
    if not start:
        length = min(int(end), size)
        return (size - length, size - 1) if length else ()
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    if end and int(end) < int(start):
        return None
    return (first, last) if first < size else ()


def pieces(file: Any, first: int, last: int) -> Iterator[bytes]:
    """The bytes from first to last, a piece at a time."""
    with file:
        file.seek(first)
        left = last - first + 1
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
