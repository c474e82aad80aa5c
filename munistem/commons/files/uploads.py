"""Uploads on their way in: to disk as they arrive, measured, never whole in memory."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils import timezone

from munistem.commons.text.names import harmless_file_name

MEGABYTE = 1024 * 1024


def incoming() -> Path:
    """Where uploads wait: on the file system of the stored files, so that keeping one is a rename."""
    folder = Path(settings.MEDIA_ROOT) / ".incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def most_bytes() -> int:
    """The largest file taken."""
    return settings.UPLOAD_MAX_MB * MEGABYTE


def most_bytes_of_request() -> int:
    """The largest request read at all: what is larger is refused unread."""
    return 2 * most_bytes() + settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class MeasuredFile(TemporaryUploadedFile):
    """An upload in a temporary file of ours (mode 0600), with its hash; empty when it was too large to be kept."""

    def __init__(
        self, name: str, content_type: str | None = None, charset: str | None = None, extra: Any = None
    ):
        file = tempfile.NamedTemporaryFile(dir=incoming(), suffix=".part")  # noqa: SIM115 – closed by the request
        UploadedFile.__init__(self, file, harmless_file_name(name), content_type, 0, charset, extra)
        self.is_too_large = False
        self.digest = hashlib.sha256()

    def take(self, data: bytes) -> None:
        """Write one more piece, unless it makes the file too large; then what was written is given back."""
        self.size += len(data)
        if self.size > most_bytes():
            if not self.is_too_large:
                self.is_too_large = True
                self.file.seek(0)
                self.file.truncate()
            return
        self.file.write(data)
        self.digest.update(data)


class MeasuredUploadHandler(FileUploadHandler):
    """Streams every file of a form to disk; one that is too large is passed over, the form's other fields are kept."""

    chunk_size = 256 * 1024
    file: MeasuredFile | None = None

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.file = MeasuredFile(self.file_name, self.content_type, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data, start):
        try:
            self.file.take(raw_data)
        except OSError:  # the disk is full: what lies there half is given back at once
            self.upload_interrupted()
            raise

    def file_complete(self, file_size):
        self.file.flush()
        self.file.seek(0)
        return self.file

    def upload_interrupted(self):
        if self.file is not None:
            self.file.close()


@contextmanager
def on_disk(uploaded: Any) -> Iterator[str]:
    """The path of an uploaded file; one that lives in memory is written down for as long as needed, and what was changed read back."""
    if hasattr(uploaded, "temporary_file_path"):
        uploaded.flush()
        yield uploaded.temporary_file_path()
        return
    with tempfile.NamedTemporaryFile(dir=incoming(), suffix=".part") as file:
        uploaded.seek(0)
        shutil.copyfileobj(uploaded, file)
        file.flush()
        uploaded.seek(0)
        written = Path(file.name).stat().st_mtime_ns
        yield file.name
        if Path(file.name).stat().st_mtime_ns != written:
            with Path(file.name).open("rb") as changed:
                shutil.copyfileobj(changed, uploaded)
            uploaded.seek(0)


def sweep_incoming(hours: int = 24) -> int:
    """Delete what a killed process left waiting; returns how many files."""
    old = timezone.now().timestamp() - hours * 3600
    left = [path for path in incoming().iterdir() if path.is_file() and path.stat().st_mtime < old]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
