"""Asking a virus scanner (ClamAV's daemon) about stored files, when CLAMD_SOCKET names one. Only the worker asks."""

import logging
import re
import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from munistem.commons import audit
from munistem.commons.files import tasks
from munistem.commons.files.letters import tell_of_found
from munistem.commons.files.models import FileState, ScanState, StoredFile

PIECE = 64 * 1024
SECONDS = 60
#: So long others wait for a file of which the scanner says nothing; then it is handed out, marked as not scanned.
PATIENCE = timedelta(hours=1)
FORGOTTEN = timedelta(minutes=10)
LONGEST_ANSWER = 4096
#: What it calls a find and is none: it looked no further, or could not (only said where its AlertExceedsMax, AlertEncrypted are on).
UNSEEN = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")
PORT = re.compile(r"(?P<host>[^/]+):(?P<port>\d{1,5})")
log = logging.getLogger("munistem.files")


class NoAnswer(Exception):
    """The scanner is away, or looks at no file of this size: nothing is known of the file."""


def scan(pk: int) -> None:
    """Ask the scanner about a stored file and keep what it says; harmless if repeated. Raises OSError while it is away."""
    if not settings.CLAMD_SOCKET:
        return
    stored = StoredFile.objects.to_be_scanned().defer("text").filter(pk=pk).first()
    if stored is None:
        return
    try:
        file = stored.blob.open("rb")
    except FileNotFoundError:
        log.error("Stored file %s is missing and cannot be scanned", stored.pk)
        return
    try:
        with file:
            found = ask(file)
    except NoAnswer as error:
        log.warning("File %s was not scanned: %s", stored.pk, error)
        keep(pk, ScanState.NOT_SCANNED)
        return
    keep(pk, ScanState.FOUND if found else ScanState.CLEAN, found)


def ask(file: BinaryIO) -> str:
    """What the scanner found in the bytes, "" for nothing. Raises OSError when it is away, NoAnswer when it cannot say."""
    with line() as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough, and says why
            connection.sendall(b"zINSTREAM\0")
            while (piece := file.read(PIECE)) and not has_spoken(connection):
                connection.sendall(len(piece).to_bytes(4, "big") + piece)
            connection.sendall(bytes(4))
        said = b"".join(heard(connection)).rstrip(b"\0\n").decode("utf-8", "replace")
    answer = said.removeprefix("stream: ")
    if answer == "OK":
        return ""
    if answer.endswith(" FOUND") and not answer.startswith(UNSEEN):
        return answer.removesuffix(" FOUND")[:200]
    if not answer:
        raise ConnectionError("the scanner closed the line without a word")
    raise NoAnswer(answer[:200])


def line() -> socket.socket:
    """Connected to the scanner: at a path, or at host:port."""
    place = PORT.fullmatch(settings.CLAMD_SOCKET)
    if place:
        return socket.create_connection((place["host"], int(place["port"])), timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(SECONDS)
    try:
        connection.connect(settings.CLAMD_SOCKET)
    except OSError:
        connection.close()
        raise
    return connection


def has_spoken(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])


def heard(connection: socket.socket) -> Iterator[bytes]:
    """What the other side says until it closes the line, or breaks it off with bytes of ours unread."""
    length = 0
    with suppress(ConnectionResetError):
        while length < LONGEST_ANSWER and (piece := connection.recv(LONGEST_ANSWER)):
            length += len(piece)
            yield piece


@transaction.atomic
def keep(pk: int, state: ScanState, found: str = "") -> None:
    """Write down what was said of a file. Of one with a virus nothing is shown any more; who sent it and the staff hear of it."""
    stored = StoredFile.objects.to_be_scanned().select_for_update(of=("self",)).filter(pk=pk).first()
    if stored is None:
        return
    stored.scan, stored.scanned_at, stored.found = state, timezone.now(), found
    stored.save(update_fields=["scan", "scanned_at", "found"])
    if state == ScanState.FOUND:
        withhold(stored)


def withhold(stored: StoredFile) -> None:
    stored.state, stored.text, stored.hints = FileState.FAILED, "", []
    stored.save(update_fields=["state", "text", "hints"])
    audit.record("withhold_file", stored, by=None, found=stored.found, sha256=stored.sha256)
    for callback in tasks.READY:
        callback(stored)  # its words are found no more
    staff: Any = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("pk")
    tell_of_found(stored, staff)


def scan_forgotten(now: datetime | None = None, most: int = 50) -> int:
    """Ask for files that no scanner has seen, the newest first; hand out those that waited too long. Returns how many are asked for."""
    now = now or timezone.now()
    if not settings.CLAMD_SOCKET:
        StoredFile.objects.filter(scan=ScanState.WAITING).update(scan=ScanState.NOT_SCANNED)
        return 0
    left = StoredFile.objects.to_be_scanned().filter(uploaded_at__lt=now - FORGOTTEN)
    late = left.filter(scan=ScanState.WAITING, uploaded_at__lt=now - PATIENCE)
    if count := late.update(scan=ScanState.NOT_SCANNED):
        log.error("The virus scanner is away: %s files are handed out unscanned", count)
    keys = list(left.order_by("-uploaded_at").values_list("pk", flat=True)[:most])
    for key in keys:
        tasks.scan_later(key)
    return len(keys)
