"""The door for pieces of files: announce, ask how far it came, send on, give up. Answers are JSON, words the reader's."""

from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from munistem.commons.files.resumable import actions as deeds
from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.resumable.rules import can_send_files
from munistem.commons.guards.limits import is_over
from munistem.commons.guards.middleware import int_or_zero

HOUR = 3_600
PIECE = "application/octet-stream"
MOST_ANNOUNCED = 300  # files an hour; pieces are bounded by the room that each person has
MOST_PIECES = 1_000


def for_senders(view):
    """Answer 401 in words to who is not (or no longer) signed in, instead of a page that a script cannot read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_send_files(request.user):
            return said(_("You are signed out. Sign in again in another tab, then go on here."), 401)
        return view(request, *args, **kwargs)

    return guarded


def said(words: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"error": words, **more}, status=status)


def told(upload: Upload) -> dict[str, Any]:
    return {
        "key": str(upload.key),
        "url": reverse("send_piece", args=[upload.key]),
        "name": upload.name,
        "size": upload.size,
        "received": upload.received,
        "is_whole": upload.is_whole,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_senders
def announce_upload(request: HttpRequest) -> HttpResponse:
    """Announce a file (``name``, ``size``, ``place``); GET with ``?place=`` lists those on their way to a form."""
    if request.method != "POST":
        rows = Upload.objects.visible_to(request.user).unused()
        rows = rows.filter(place=request.GET.get("place", "")).longest_untouched_first()
        return JsonResponse({"uploads": [told(row) for row in rows[: deeds.MOST_OPEN]]})
    if is_over(request, "announce", MOST_ANNOUNCED, HOUR):
        return said(_("That was very much within an hour. Wait a little, then try again."), 429)
    data = request.POST
    name, size = data.get("name", ""), int_or_zero(data.get("size"))
    try:
        more = {"place": data.get("place", ""), "mark": data.get("mark", "")}
        upload = deeds.announce(by=request.user, name=name, size=size, **more)
    except ValidationError as error:
        return said(error.messages[0], 413 if error.code == "too_large" else 422)
    return JsonResponse(told(upload), status=201)


@require_http_methods(["GET", "HEAD", "PATCH", "DELETE"])
@for_senders
def send_piece(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far a file came (GET), the next piece of it (PATCH, where it begins in ``Upload-Offset``), or its end (DELETE)."""
    upload = Upload.objects.visible_to(request.user).filter(key=key).first()
    if upload is None:
        return said(_("This file is not on its way any more. Choose it again."), 404)
    if request.method == "PATCH":
        return take(request, upload)
    if request.method == "DELETE":
        deeds.discard(upload)
        return HttpResponse(status=204)
    return with_offset(JsonResponse(told(upload)), upload.received)


def take(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Keep a piece. What is on disk is answered, so that a sender who was cut off knows where to go on."""
    length = int_or_zero(request.META.get("CONTENT_LENGTH"))
    is_end = upload.received == upload.size  # all is here; the examination was cut off
    is_piece = 0 < length <= deeds.LONGEST_PIECE and request.content_type == PIECE
    if not (is_piece or (is_end and not length)):
        return said(_("The file arrived in pieces of an odd size. Choose it again."), 413)
    if is_over(request, "piece", MOST_PIECES, HOUR):
        return said(_("That was very much within an hour. Wait a little, then try again."), 429)
    offset = offset_of(request)
    if offset != upload.received:
        return differs(upload.received)
    held, came = deeds.piece_on_disk(request.read, length)
    try:
        after = deeds.take_piece(by=request.user, upload=upload, offset=offset, piece=held.file, length=came)
    except deeds.OtherOffset as other:
        return differs(other.received)
    except deeds.Gone:
        return said(_("This file is not on its way any more. Choose it again."), 404)
    except ValidationError as error:
        return said(error.messages[0], 422)
    finally:
        held.close()
    return with_offset(JsonResponse(told(after)), after.received)


def offset_of(request: HttpRequest) -> int:
    """Where the piece begins; -1 when that is not said."""
    text = request.headers.get("Upload-Offset", "")
    return int_or_zero(text) if text.isascii() and text.isdigit() else -1


def differs(received: int) -> HttpResponse:
    """Not where the file ends: the sender goes on from there."""
    words = _("A piece of the file went missing; it is sent again.")
    return with_offset(said(words, 409, received=received), received)


def with_offset(response: HttpResponse, received: int) -> HttpResponse:
    response.headers["Upload-Offset"] = str(received)
    response.headers["Cache-Control"] = "no-store, private"
    return response
