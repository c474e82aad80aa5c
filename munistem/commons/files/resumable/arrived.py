"""A file that came in pieces, as a form takes it: like an uploaded one, examined already."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from munistem.commons.files.resumable.keeping import keeping
from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.resumable.rules import can_see_upload

MOST_KEYS = 30


class ArrivedFile(UploadedFile):
    """An upload that is whole. Used by who sent it, and by nobody else; used twice (a form sent twice), it is there twice."""

    is_examined = True
    opened: Any = None

    def __init__(self, upload: Upload):
        super().__init__(None, upload.name, size=upload.size)
        self.upload = upload
        self.place: Path | None = None
        self.given: Path | None = None
        self.held: Any = None  # a copy on this machine that goes with us

    def near(self) -> Path:
        """Where its bytes are on this machine."""
        if self.place is None:
            self.place, self.held = keeping().near(self.upload.key)
        return self.place

    @property
    def file(self) -> Any:
        """Opened when somebody reads it; a form that only names it needs no open file."""
        if self.opened is None:
            self.opened = self.near().open("rb")
        return self.opened

    @file.setter
    def file(self, file: Any) -> None:
        self.opened = file

    @property
    def key(self) -> str:
        return str(self.upload.key)

    def temporary_file_path(self) -> str:
        return str(self.near())

    def use(self, *, by: Any) -> None:
        """Give a link to the bytes away, to be moved to where stored files lie; raises PermissionDenied for others."""
        if not can_see_upload(by, self.upload):
            raise PermissionDenied
        self.given, self.held = keeping().given_away(self.upload.key)
        self.place = self.given
        Upload.objects.filter(pk=self.upload.pk).update(used_at=timezone.now())

    def close(self) -> None:
        """Let go of what was opened, and of what was not moved after all."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None
        if self.held is not None:
            self.held.close()
        elif self.given is not None:
            self.given.unlink(missing_ok=True)
        self.place = self.given = self.held = None


class Missing:
    """A file that a form names and that is not here (any more), or not whole."""

    name = ""


def arrived(keys: Iterable[str]) -> list[Any]:
    """The files of these keys in their order, a ``Missing`` in the place of each that is not there; one query."""
    asked = [key for key in map(uuid_or_none, list(keys)[:MOST_KEYS]) if key]
    rows = {row.key: row for row in Upload.objects.filter(key__in=asked).whole()} if asked else {}
    return [file_of(rows.get(key)) for key in dict.fromkeys(asked)]


def file_of(upload: Upload | None) -> Any:
    return ArrivedFile(upload) if upload and upload.is_here else Missing()


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
