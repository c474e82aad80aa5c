"""Everything of one's own in one file: asked for, made by the worker, kept for a week, fetched by oneself alone."""

import json
import logging
import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from members.actions.person import lock
from members.emails.account import tell_ready
from members.enums import ArchiveState
from members.models import Archive, User
from munistem.commons import audit
from munistem.commons.files.models import StoredFile
from munistem.commons.files.uploads import incoming
from munistem.commons.text.names import harmless_file_name
from munistem.front import tasks
from munistem.front.actions.owned import kept_about, profile_of

KEPT = timedelta(days=7)
#: So long the making may take; then another may be asked for.
LONGEST = timedelta(hours=2)
PIECE = 256 * 1024
README = """muni:STEM – everything the portal keeps about you, as JSON (UTF-8), one file for each kind.
Texts of posts and items are HTML. Times are in UTC. What you uploaded is in the folder "files".
"""
log = logging.getLogger("munistem.archives")


@transaction.atomic
def ask_archive(*, by: User) -> Archive:
    """Ask for everything of one's own in one file; while one is being made, that is it."""
    row = lock(by)
    waiting = Archive.objects.filter(person=row, state=ArchiveState.WAITING)
    waiting.filter(asked_at__lt=timezone.now() - LONGEST).update(state=ArchiveState.FAILED)
    if known := waiting.first():
        return known
    archive = Archive.objects.create(person=row)
    audit.record("ask_archive", archive, by=by)
    tasks.build_archive.defer(archive=archive.pk)
    return archive


def build_archive(pk: int) -> bool:
    """Make the file and tell its person; returns whether it was made. Harmless when repeated."""
    archive = Archive.objects.filter(pk=pk, state=ArchiveState.WAITING).select_related("person").first()
    if archive is None:
        return False
    descriptor, name = tempfile.mkstemp(dir=incoming(), suffix=".zip")
    os.close(descriptor)
    try:
        write_archive(name, archive.person)
        with Path(name).open("rb") as made:
            return keep(archive, File(made))
    except Exception:
        Archive.objects.filter(pk=pk, state=ArchiveState.WAITING).update(state=ArchiveState.FAILED)
        log.exception("Archive %s could not be made", pk)
        raise
    finally:
        Path(name).unlink(missing_ok=True)


@transaction.atomic
def keep(archive: Archive, made: File) -> bool:
    """Keep the file that was made; one made before is deleted, so that there is one at most."""
    row = Archive.objects.select_for_update(of=("self",)).select_related("person").get(pk=archive.pk)
    if row.state != ArchiveState.WAITING:
        return False
    for older in Archive.objects.filter(person=row.person, state=ArchiveState.READY):
        delete(older)
    row.state, row.built_at, row.size = ArchiveState.READY, timezone.now(), made.size
    row.expires_at = row.built_at + KEPT
    row.blob.save("archive.zip", made, save=False)
    row.save(update_fields=["state", "built_at", "size", "expires_at", "blob"])
    audit.record("build_archive", row, size=row.size)
    tell_ready(row, row.expires_at)
    return True


def note_taken(*, by: Any, archive: Archive) -> None:
    """Write down that the file was taken along."""
    audit.record("take_archive", archive, by=by)


def write_archive(path: str, person: User) -> None:
    """A ZIP of JSON files, the person's picture, and what the person uploaded, piece by piece."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("profile.json", as_json(profile_of(person)))
        for name, rows in kept_about(person).items():
            archive.writestr(f"{name}.json", as_json(list(rows.order_by("pk"))))
        if person.photo:
            put(archive, person.photo, "picture.webp")
        uploaded = StoredFile.objects.filter(uploaded_by=person).exclude(photo_of=person)
        for stored in uploaded.defer("text").order_by("pk").iterator():
            put(archive, stored, f"files/{stored.key}/{harmless_file_name(stored.name)}")


def put(archive: ZipFile, stored: StoredFile, name: str) -> None:
    """Add a file as it is; one that is missing on disk stops nothing."""
    try:
        with stored.blob.open("rb") as source:
            info = ZipInfo(name, timezone.localtime(stored.uploaded_at).timetuple()[:6])
            info.compress_type = ZIP_STORED  # what people upload is compressed already
            with archive.open(info, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, PIECE)
    except FileNotFoundError:
        log.error("Stored file %s is missing on disk", stored.pk)


def as_json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def delete_old_archives() -> int:
    """Delete the files whose week is over; returns how many. Harmless when repeated."""
    over = Archive.objects.filter(state=ArchiveState.READY, expires_at__lte=timezone.now())
    return sum(delete(row) for row in over)


@transaction.atomic
def delete(archive: Archive) -> bool:
    rows = Archive.objects.select_for_update(skip_locked=True)
    row = rows.filter(pk=archive.pk, state=ArchiveState.READY).first()
    if row is None:
        return False
    storage, name = row.blob.storage, str(row.blob.name)
    row.state, row.blob = ArchiveState.OVER, ""
    row.save(update_fields=["state", "blob"])
    audit.record("delete_archive", row)
    transaction.on_commit(lambda: storage.delete(name))
    return True
