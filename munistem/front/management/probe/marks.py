"""Random words that stand in one object only, so that a probe that finds one knows whence it leaked."""

import secrets
import string
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile

from munistem.commons.files.models import FileKind, FileState, StoredFile

LETTERS = string.ascii_lowercase


def mark() -> str:
    """A word nobody else uses and no analyser changes."""
    return "zq" + "".join(secrets.choice(LETTERS) for _ in range(12))


def file(by: Any) -> tuple[StoredFile, list[str]]:
    """A stored text file whose name and text carry marks."""
    name, text = mark(), mark()
    stored = StoredFile(
        name=f"{name}.txt", kind=FileKind.TEXT, content_type="text/plain; charset=utf-8", size=len(text), sha256=sha256(text.encode()).hexdigest(),
        state=FileState.READY, text=text, uploaded_by=by,
    )  # fmt: skip
    stored.blob.save(stored.name, ContentFile(text.encode()), save=False)
    stored.save()
    return stored, [name, text]


@dataclass
class Probed:
    """One object: where it is seen, by whom, and its marks."""

    kind: str
    visibility: str
    id: Any
    allowed: list[str]
    detail: str
    canaries: list[str] = field(default_factory=list)
    detail_canaries: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    edit: str | None = None
    delete: str | None = None

    def told(self) -> dict[str, Any]:
        urls = [self.detail, *(url for url in self.urls if url != self.detail)]
        return {**self.__dict__, "id": str(self.id), "urls": urls}
