"""A file that came in pieces, as a form takes it: like an uploaded one, examined already."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.resumable.rules import can_see_upload
from munistem.commons.files.uploads import incoming

MOST_KEYS = 30


class ArrivedFile(UploadedFile):
    """An upload that is whole. Used by who sent it, and by nobody else; used twice (a form sent twice), it is there twice."""

    is_examined = True
    opened: Any = None

    def __init__(self, upload: Upload):
        super().__init__(None, upload.name, size=upload.size)
        self.upload, self.place = upload, upload.path

    @property
    def file(self) -> Any:
        """Opened when somebody reads it; a form that only names it needs no open file."""
        if self.opened is None:
            self.opened = self.upload.path.open("rb")
        return self.opened

    @file.setter
    def file(self, file: Any) -> None:
        self.opened = file

    @property
    def key(self) -> str:
        return str(self.upload.key)

    def temporary_file_path(self) -> str:
        return str(self.place)

    def use(self, *, by: Any) -> None:
        """Give a link to the bytes away, to be moved to where stored files lie; raises PermissionDenied for others."""
        if not can_see_upload(by, self.upload):
            raise PermissionDenied
        self.place = incoming() / f"{uuid4().hex}.part"
        os.link(self.upload.path, self.place)
        Upload.objects.filter(pk=self.upload.pk).update(used_at=timezone.now())

    def close(self) -> None:
        """Let go of what was opened, and of what was not moved after all."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None
        if self.place != self.upload.path:
            Path(self.place).unlink(missing_ok=True)


class Missing:
    """A file that a form names and that is not here (any more), or not whole."""

    name = ""


def arrived(keys: Iterable[str]) -> list[Any]:
    """The files of these keys in their order, a ``Missing`` in the place of each that is not there; one query."""
    asked = [key for key in map(uuid_or_none, list(keys)[:MOST_KEYS]) if key]
    rows = {row.key: row for row in Upload.objects.filter(key__in=asked).whole()} if asked else {}
    return [file_of(rows.get(key)) for key in dict.fromkeys(asked)]


def file_of(upload: Upload | None) -> Any:
    return ArrivedFile(upload) if upload and upload.path.is_file() else Missing()


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
