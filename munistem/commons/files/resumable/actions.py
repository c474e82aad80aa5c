"""Deeds with files on their way: announce one, add a piece, finish, give up; and what the clock clears away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from munistem.commons.files.actions import digest
from munistem.commons.files.models import FileKind
from munistem.commons.files.resumable.keeping import keeping
from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.resumable.rules import can_send_all_kinds
from munistem.commons.files.rules import allowed, extension_of, extensions, recognise
from munistem.commons.files.uploads import MEGABYTE, MeasuredFile, most_bytes
from munistem.commons.text.names import harmless_file_name, isolated

MOST_OPEN = 30  # files of one person on their way
MOST_PICTURES = 3  # of one who can send no more than a picture of themselves
MOST_OF_PICTURES = 20 * MEGABYTE
PARKED = 100  # times the largest file: so much of all persons together waits on disk
LONGEST_PLACE, LONGEST_MARK = 300, 100
LONGEST_PIECE = 8 * MEGABYTE
GIVEN_UP = 3_600  # seconds without a piece, after which another file may take the room


class OtherOffset(Exception):
    """The piece does not begin where the file ends; ``received`` says where that is."""

    def __init__(self, received: int):
        super().__init__(received)
        self.received = received


class Gone(Exception):
    """The upload was given up, cleared away, or is nobody's."""


@dataclass(frozen=True)
class Room:
    """How much of one person may be on its way at once, and of which kinds (all when none are named)."""

    files: int
    bytes: int
    kinds: frozenset[FileKind]


def room_of(user: Any) -> Room:
    if can_send_all_kinds(user):
        return Room(MOST_OPEN, 5 * most_bytes(), frozenset())
    return Room(MOST_PICTURES, min(MOST_OF_PICTURES, most_bytes()), frozenset({FileKind.IMAGE}))


@transaction.atomic
def announce(*, by: Any, name: str, size: int, place: str = "", mark: str = "") -> Upload:
    """Begin an upload; raises ValidationError, in words for the person, for what would not be taken in the end.

    place: the page and field it was chosen for; mark: made of the file's contents by the sender's program. A file of the
    same name, size and mark that is announced again for the same place goes on where it was.
    """
    get_user_model().objects.select_for_update(no_key=True).get(
        pk=by.pk
    )  # the room is counted one after the other
    name, place, mark = harmless_file_name(name), place[:LONGEST_PLACE], mark[:LONGEST_MARK]
    room = room_of(by)
    refuse(name, size, room)
    own = Upload.objects.filter(person=by).unused()
    if known := own.filter(name=name, size=size, place=place, mark=mark).first() if mark else None:
        if known.is_here or not known.received:
            return known
        discard(known)  # its bytes are gone: it comes anew
    make_room(own, size, room)
    return Upload.objects.create(person=by, name=name, size=size, place=place, mark=mark)


@transaction.atomic
def park(*, by: Any, file: Any) -> Upload:
    """Keep an uploaded file that a form has recognised, so that the form still holds it when it is sent again.

    Raises ValidationError when the person has too much on the way.
    """
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
    make_room(Upload.objects.filter(person=by).unused(), file.size, room_of(by))
    row = Upload.objects.create(
        person=by,
        name=harmless_file_name(file.name),
        size=file.size,
        received=file.size,
        kind=str(file.recognised.kind),
        sha256=file.digest.hexdigest(),
    )
    file.flush()
    keeping().put(row.key, file.temporary_file_path())
    return row


def refuse(name: str, size: int, room: Room) -> None:
    """Say before anything is sent what would be refused afterwards."""
    most = min(most_bytes(), room.bytes)
    words = {"name": isolated(name), "limit": str(most // MEGABYTE), "allowed": allowed(room.kinds)}
    if size > most:
        raise ValidationError(_("The file %(name)s is larger than %(limit)s MB."), "too_large", words)
    if size <= 0:
        raise ValidationError(_("The file %(name)s is empty."), "empty", words)
    if extension_of(name) not in extensions(room.kinds):
        raise ValidationError(
            _("%(name)s is not a kind of file we take. You may send: %(allowed)s."), "kind", words
        )


def make_room(own: Any, size: int, room: Room) -> None:
    """Refuse what is more than one person, or all together, may have on the way; what was left lying gives way first."""
    give_way(own, lambda: has_room(own, size, room.files, room.bytes))
    if not has_room(own, size, room.files, room.bytes):
        raise ValidationError(
            _("Many files of yours are on their way already. Send the form with them first, or remove some."),
            "quota",
        )
    everyones = Upload.objects.unused()
    most = PARKED * most_bytes()
    give_way(everyones, lambda: has_room(everyones, size, None, most))
    if not has_room(everyones, size, None, most):
        raise ValidationError(_("That was very much within an hour. Wait a little, then try again."), "quota")


def give_way(rows: Any, is_enough: Callable[[], bool]) -> None:
    """Discard what nobody went on with for an hour, the oldest first, until there is room."""
    old = timezone.now() - timedelta(seconds=GIVEN_UP)
    left = rows.filter(touched_at__lt=old).longest_untouched_first()
    while not is_enough() and (row := left.first()):
        discard(row)


def has_room(rows: Any, size: int, most: int | None, most_bytes_: int) -> bool:
    there = rows.aggregate(sum=Sum("size"), count=Count("pk"))
    return (most is None or there["count"] < most) and (there["sum"] or 0) + size <= most_bytes_


@transaction.atomic
def discard_all(*, person: Any) -> int:
    """Give up all that a person has on the way; returns how many."""
    rows = list(Upload.objects.filter(person=person))
    for row in rows:
        discard(row)
    return len(rows)


def take_piece(*, by: Any, upload: Upload, offset: int, piece: BinaryIO, length: int) -> Upload:
    """Add a piece that has arrived; what this answers is on disk for good. Finishes the file with its last byte.

    Raises OtherOffset for a piece that does not fit on, Gone, and ValidationError (the upload is gone then) for a file
    that is not what its name says.
    """
    with transaction.atomic():
        row = Upload.objects.visible_to(by).select_for_update().filter(pk=upload.pk).first()
        if row is None:
            raise Gone
        if offset != row.received or row.received + length > row.size:
            raise OtherOffset(row.received)
        keeping().add(row.key, row.received, piece, length)
        row.received, row.touched_at = row.received + length, timezone.now()
        row.save(update_fields=["received", "touched_at"])
    return finish(row) if row.received == row.size else row


def finish(row: Upload) -> Upload:
    """Recognise a file of which all bytes are here, as any uploaded file is; harmless if repeated."""
    if row.is_whole:
        return row
    try:
        path, _held = keeping().near(row.key)
        arrived_at = path.stat().st_mtime_ns
        with path.open("rb") as file:
            whole = Whole(file, row, path)
            kind = recognise(whole).kind
            sha256, _size = digest(file)
        if path.stat().st_mtime_ns != arrived_at:  # a photograph has forgotten where it was taken
            keeping().keep_changed(row.key, path)
    except FileNotFoundError as error:
        raise Gone from error
    except ValidationError:
        discard(row)
        raise
    row.kind, row.sha256 = str(kind), sha256
    Upload.objects.filter(pk=row.pk, received=row.size).update(kind=row.kind, sha256=row.sha256)
    return row


class Whole:
    """What ``recognise`` asks of a file."""

    def __init__(self, file: BinaryIO, row: Upload, path: Path):
        self.name, self.size, self.path = row.name, row.size, path
        self.flush: Callable[[], None] = file.flush

    def temporary_file_path(self) -> str:
        return str(self.path)


def discard(upload: Upload) -> None:
    """Give an upload up, its bytes too; harmless if repeated."""
    Upload.objects.filter(pk=upload.pk).delete()
    transaction.on_commit(lambda: keeping().drop(upload.key.hex))


def piece_on_disk(read: Callable[[int], bytes], most: int) -> tuple[MeasuredFile, int]:
    """A piece as it arrives, never whole in memory; of one that breaks off what came of it. Close it after use."""
    held = MeasuredFile("piece")
    file: Any = held.file
    taken = 0
    try:
        while taken < most and (part := read(min(256 * 1024, most - taken))):
            file.write(part)
            taken += len(part)
    except OSError:  # the connection was lost (UnreadablePostError is one): what came is kept
        pass
    file.flush()
    file.seek(0)
    return held, taken


def sweep_uploads() -> int:
    """Clear away what nobody went on with, and bytes that no row knows; returns how many files."""
    now = timezone.now()
    count = 0
    for row in Upload.objects.over(now):
        discard(row)
        count += 1
    known = {key.hex for key in Upload.objects.values_list("key", flat=True)}
    old = now.timestamp() - GIVEN_UP
    for key in set(keeping().keys_before(old)) - known:
        keeping().drop(key)
        count += 1
    return count
