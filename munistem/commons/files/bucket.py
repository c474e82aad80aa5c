"""Files of people in a bucket that speaks S3: for portals on more than one machine (docs/scaling.md).

Names are random and what lies under one never changes, so that nothing has to be locked to be written. Deletions ask the
database whether a backup is being made, as no lock on a disk is seen by all machines.
"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.core.files.storage import Storage
from django.db import connection, transaction
from django.utils.deconstruct import deconstructible
from django.utils.functional import cached_property
from urllib3.exceptions import HTTPError

from munistem.commons.files.s3 import Bucket, Failed
from munistem.commons.files.storage import KEPT_BACK, BackupRuns
from munistem.commons.files.uploads import incoming

BLOCK = 256 * 1024
HANDED_OUT = 60  # seconds for which the proxy may fetch what it was sent for
BACKUP = 5_172_033  # of the advisory lock: a backup holds it, deletions ask it


class BucketFile:
    """What lies in a bucket, read from where one stands; nothing is fetched before it is read."""

    mode = "rb"

    def __init__(self, storage: "BucketStorage", name: str, size: int):
        self.storage, self.name, self.size = storage, name, size
        self.at, self.body = 0, None
        self.closed = False

    def __enter__(self) -> "BucketFile":
        return self

    def __exit__(self, *_words: Any) -> None:
        self.close()

    def fileno(self) -> int:
        """gunicorn asks for it, to let the system send what is a file here."""
        raise io.UnsupportedOperation("fileno")

    def readable(self) -> bool:
        return not self.closed

    seekable = readable

    def writable(self) -> bool:
        return False

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        to = max(0, start + offset)
        if to != self.at:
            self.let_go()
            self.at = to
        return self.at

    def read(self, size: int = -1) -> bytes:
        if self.at >= self.size or size == 0:
            return b""
        if self.body is None:
            self.body = self.storage.there.get(self.name, self.at)
        data = bytes(read_from(self.body, size if size > 0 else None))
        self.at += len(data)
        return data

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.seek(0)
        while data := self.read(chunk_size or BLOCK):
            yield data

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks()

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> "BucketFile":
        self.closed = False
        self.seek(0)
        return self

    def let_go(self) -> None:
        if self.body is not None:
            self.body.close()
            self.body = None

    def close(self) -> None:
        self.let_go()
        self.closed = True


@deconstructible
class BucketStorage(Storage):
    """What CarefulStorage is to a disk. There is no ``path``: who needs one asks ``near`` for a copy on this machine."""

    def __init__(self, **bucket: str):
        self.described = bucket

    @cached_property
    def there(self) -> Bucket:
        """Made at the first use, so that no two processes share a connection after a fork."""
        return Bucket(**self.described)

    @property
    def bucket(self) -> str:
        return self.described["name"]

    # As every storage ------------------------------------------------------------------------------------

    def _open(self, name: str, mode: str = "rb") -> BucketFile:
        return BucketFile(self, name, self.size(name))

    def _save(self, name: str, content: Any) -> str:
        content.seek(0)
        self.there.put(name, content)
        return name

    def exists(self, name: str) -> bool:
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return self.there.size(name)

    def delete(self, name: str) -> None:
        """For good; while a backup is being made only aside, until its end."""
        if not name:
            raise ValueError("The name must be given to delete().")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock_shared(%s)", [BACKUP])
            if not cursor.fetchone()[0]:
                with suppress(FileNotFoundError):
                    self.there.copy(name, f"{KEPT_BACK}/{name}")
            with suppress(FileNotFoundError):
                self.there.remove(name)

    # As CarefulStorage -----------------------------------------------------------------------------------

    @contextmanager
    def near(self, name: str) -> Iterator[str]:
        """The path of a copy on this machine, for as long as needed."""
        with tempfile.NamedTemporaryFile(dir=incoming(), suffix=".near") as held:
            self.bring(name, held)
            yield held.name

    def names_before(self, moment: float) -> Iterator[str]:
        """Stored files that are older than this (seconds since 1970); what only passes through is left out."""
        for key, _size, touched in self.there.entries():
            if len(key.partition("/")[0]) == 2 and touched < datetime.fromtimestamp(moment, UTC):
                yield key

    @contextmanager
    def deletions_wait(self) -> Iterator[None]:
        """Until the end of this block nothing is deleted for good; raises BackupRuns when that is so already."""
        private = connection.copy()
        try:
            with private.cursor() as cursor:
                cursor.execute("select pg_try_advisory_lock(%s)", [BACKUP])
                if not cursor.fetchone()[0]:
                    raise BackupRuns
                yield
                for key, _size, _touched in list(self.there.entries(f"{KEPT_BACK}/")):
                    self.there.remove(key)
        finally:
            private.close()  # and with it the lock

    def sweep_kept_back(self) -> None:
        """Delete what a killed backup kept back."""
        with suppress(BackupRuns), self.deletions_wait():
            pass

    def accelerated(self, name: str) -> str:
        """Where the proxy fetches a file: its name, with a signature that lets it do so for a minute."""
        return f"{quote(name)}?{self.there.signed(name, HANDED_OUT)}"

    # What only a bucket has ------------------------------------------------------------------------------

    def bring(self, name: str, target: Any) -> int:
        """Write a file's bytes into another; returns how many they are."""
        count, body = 0, self.there.get(name)
        try:
            while data := read_from(body, BLOCK):
                target.write(data)
                count += len(data)
        finally:
            body.close()
        target.flush()
        return count


def read_from(body: Any, size: int | None) -> bytes:
    try:
        return body.read(size)
    except HTTPError as error:
        raise Failed(type(error).__name__) from error
