import hashlib
import logging
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from munistem.commons import audit
from munistem.commons.files import extraction, tasks
from munistem.commons.files.models import (
    DRAWN,
    PAGE_END,
    FileKind,
    FilePage,
    FileState,
    Hint,
    ScanState,
    StoredFile,
)
from munistem.commons.files.rules import FORMATS, extension_of, recognise, refusal_words
from munistem.commons.files.storage import near
from munistem.commons.files.uploads import incoming, on_disk
from munistem.commons.text.names import harmless_file_name, isolated

log = logging.getLogger("munistem.files")
PORTRAIT = 256


def digest(file: Any) -> tuple[str, int]:
    """SHA-256 and size in bytes of a file, read piece by piece."""
    summed, size = hashlib.sha256(), 0
    file.seek(0)
    for piece in iter(lambda: file.read(256 * 1024), b""):
        summed.update(piece)
        size += len(piece)
    file.seek(0)
    return summed.hexdigest(), size


@transaction.atomic
def store(uploaded: Any, *, by: Any) -> StoredFile:
    """Keep an uploaded file under a random key and let the worker read it; part of the deed that hangs it somewhere.

    uploaded: from FilesField or OneFileField, or any file with a name (then recognised here; raises ValidationError).
    """
    if hasattr(uploaded, "use"):
        uploaded.use(by=by)
    kind, content_type = getattr(uploaded, "recognised", None) or recognise(uploaded)
    sha256, size = digest(uploaded)
    stored = StoredFile(
        name=harmless_file_name(uploaded.name),
        kind=kind,
        content_type=content_type,
        size=size,
        sha256=sha256,
        uploaded_by=by if by is not None and by.is_authenticated else None,
        scan=ScanState.WAITING if settings.CLAMD_SOCKET else ScanState.NOT_SCANNED,
    )
    stored.blob.save(stored.name, uploaded if isinstance(uploaded, File) else File(uploaded), save=False)
    stored.save()
    if hasattr(uploaded, "use"):
        uploaded.close()
    audit.record("store_file", stored, by=by, size=size, sha256=sha256, kind=str(kind))
    tasks.prepare.defer(file=stored.pk)
    if stored.scan == ScanState.WAITING:
        tasks.scan_later(stored.pk)
    return stored


@transaction.atomic
def store_picture(uploaded: Any, *, by: Any, size: int = PORTRAIT) -> StoredFile:
    """Keep a picture of a person as a square WebP, drawn anew so that nothing of the sent file remains.

    size: pixels of a side. Raises ValidationError for what is no picture.
    """
    if hasattr(uploaded, "use"):
        uploaded.use(by=by)
    descriptor, target = tempfile.mkstemp(dir=incoming(), suffix=".webp")
    os.close(descriptor)
    try:
        try:
            with on_disk(uploaded) as path:
                extraction.portrait(path, size, target)
        except extraction.Refused as refusal:
            words = {
                "name": isolated(harmless_file_name(uploaded.name or "")),
                "allowed": "JPG, PNG, WEBP, GIF",
            }
            raise ValidationError(refusal_words(refusal.code), refusal.code, words) from refusal
        with Path(target).open("rb") as drawn:
            sha256, length = digest(drawn)
            stored = StoredFile(
                name=_("Picture") + ".webp",
                kind=FileKind.IMAGE,
                content_type=FORMATS["webp"].content_type,
                size=length,
                sha256=sha256,
                state=FileState.READY,
                uploaded_by=by,
            )
            stored.blob.save(stored.name, File(drawn), save=False)
    finally:
        Path(target).unlink(missing_ok=True)
        if hasattr(uploaded, "use"):
            uploaded.close()
    stored.save()
    audit.record("store_picture", stored, by=by, size=length, sha256=sha256)
    return stored


@transaction.atomic
def discard(stored: StoredFile, *, by: Any) -> None:
    """Delete a file that nothing hangs on any more; raises ProtectedError when something does."""
    pictures = [page.picture for page in stored.drawn_pages.all()]
    names = [(field.storage, field.name) for field in (stored.blob, stored.preview, *pictures) if field.name]
    audit.record("discard_file", stored, by=by, sha256=stored.sha256)
    stored.drawn_pages.all().delete()
    stored.delete()
    for storage, name in names:
        transaction.on_commit(partial(storage.delete, str(name)))


def prepare(pk: int) -> None:
    """Read a stored file in a child process, keep text, pages and preview, and tell the rooms; harmless if repeated."""
    stored = StoredFile.objects.filter(pk=pk).first()
    if stored is None or stored.state == FileState.READY:
        return
    descriptor, preview = tempfile.mkstemp(dir=incoming(), suffix=".preview")
    os.close(descriptor)
    try:
        found = read(stored, preview)
        with transaction.atomic():
            stored = StoredFile.objects.select_for_update().filter(pk=pk).first()
            if stored is None or stored.state == FileState.READY or stored.scan == ScanState.FOUND:
                return
            if found is None:
                stored.state = FileState.FAILED
            else:
                stored.state, stored.pages = FileState.READY, found["pages"]
                stored.text = PAGE_END.join(found["texts"])
                stored.hints = [hint for hint in found["hints"] if hint in Hint.values]
                if found["has_preview"] and not stored.preview:
                    with Path(preview).open("rb") as drawn:
                        stored.preview.save("preview", File(drawn), save=False)
            stored.save(update_fields=["state", "text", "pages", "hints", "preview"])
            for callback in tasks.READY:
                callback(stored)
            if stored.kind in DRAWN and stored.state == FileState.READY:
                tasks.draw_later(stored)
    finally:
        Path(preview).unlink(missing_ok=True)


def read(stored: StoredFile, preview: str) -> dict[str, Any] | None:
    """What the child found in a file; None when it failed."""
    try:
        with near(stored.blob) as path:
            return extraction.read(path, extension_of(stored.name), preview)
    except (extraction.Refused, OSError) as error:
        log.warning("File %s could not be read: %s", stored.pk, error)
        return None


def sweep_orphans(hours: int = 24) -> int:
    """Delete stored files whose deed was rolled back, so that no row knows them; returns how many."""
    old = timezone.now().timestamp() - hours * 3600
    storage: Any = default_storage
    storage.sweep_kept_back()
    here = set(storage.names_before(old))
    known = set(StoredFile.objects.filter(blob__in=here).values_list("blob", flat=True))
    known |= set(StoredFile.objects.filter(preview__in=here).values_list("preview", flat=True))
    known |= set(FilePage.objects.filter(picture__in=here).values_list("picture", flat=True))
    for name in here - known:
        default_storage.delete(name)
    return len(here - known)
