"""Which files people may send: recognised by what is in them, not by what they are called."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from munistem.commons.files import extraction
from munistem.commons.files.models import FileKind, ScanState, StoredFile
from munistem.commons.files.uploads import MEGABYTE, most_bytes, on_disk
from munistem.commons.text.names import harmless_file_name, isolated


class Format(NamedTuple):
    kind: FileKind
    content_type: str


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
#: Every extension that is taken; each has its examiner in child/examine.py.
FORMATS = {
    "pdf": Format(FileKind.PDF, "application/pdf"),
    "docx": Format(FileKind.WORD, _OOXML + "wordprocessingml.document"),
    "odt": Format(FileKind.WORD, _ODF + "text"),
    "xlsx": Format(FileKind.SHEET, _OOXML + "spreadsheetml.sheet"),
    "ods": Format(FileKind.SHEET, _ODF + "spreadsheet"),
    "pptx": Format(FileKind.SLIDES, _OOXML + "presentationml.presentation"),
    "odp": Format(FileKind.SLIDES, _ODF + "presentation"),
    "jpg": Format(FileKind.IMAGE, "image/jpeg"),
    "jpeg": Format(FileKind.IMAGE, "image/jpeg"),
    "png": Format(FileKind.IMAGE, "image/png"),
    "webp": Format(FileKind.IMAGE, "image/webp"),
    "gif": Format(FileKind.IMAGE, "image/gif"),
    "txt": Format(FileKind.TEXT, "text/plain; charset=utf-8"),
    "csv": Format(FileKind.TEXT, "text/csv; charset=utf-8"),
    "mp3": Format(FileKind.AUDIO, "audio/mpeg"),
    "m4a": Format(FileKind.AUDIO, "audio/mp4"),
    "mp4": Format(FileKind.VIDEO, "video/mp4"),
    "webm": Format(FileKind.VIDEO, "video/webm"),
    "zip": Format(FileKind.ARCHIVE, "application/zip"),
}


def can_have_bytes(user: Any, stored: StoredFile) -> bool:
    """Not while a scanner is looking (but who sent it), and never once it found something; who may see it is asked before."""
    if stored.scan == ScanState.WAITING:
        return user.is_authenticated and stored.uploaded_by_id == user.pk
    return stored.scan != ScanState.FOUND


def extension_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def extensions(kinds: Collection[FileKind] | None = None) -> list[str]:
    """The extensions taken for these kinds, all when none are named."""
    return [extension for extension, form in FORMATS.items() if not kinds or form.kind in kinds]


def allowed(kinds: Collection[FileKind] | None = None) -> str:
    """What may be sent, as words for people: ``PDF, DOCX, …``."""
    return ", ".join(extension.upper() for extension in extensions(kinds) if extension != "jpeg")


def recognise(uploaded: Any, kinds: Collection[FileKind] | None = None) -> Format:
    """Kind and content type of an uploaded file; raises ValidationError that says what to send instead."""
    name = harmless_file_name(uploaded.name or "")
    words = {"name": isolated(name), "allowed": allowed(kinds)}
    extension = extension_of(name)
    if getattr(uploaded, "is_too_large", False) or uploaded.size > most_bytes():
        words["limit"] = str(most_bytes() // MEGABYTE)
        raise ValidationError(_("The file %(name)s is larger than %(limit)s MB."), "too_large", words)
    if not uploaded.size:
        raise ValidationError(_("The file %(name)s is empty."), "empty", words)
    if extension not in extensions(kinds):
        raise ValidationError(
            _("%(name)s is not a kind of file we take. You may send: %(allowed)s."), "kind", words
        )
    if getattr(uploaded, "is_examined", False):  # as it arrived, piece by piece
        return FORMATS[extension]
    try:
        with on_disk(uploaded) as path:
            extraction.examine(path, extension)
    except extraction.Refused as refusal:
        raise ValidationError(refusal_words(refusal.code), refusal.code, words) from refusal
    return FORMATS[extension]


def refusal_words(code: str) -> str:
    """Why a file is not taken and what to do, with places for ``name`` and ``allowed``."""
    return {
        "mismatch": _("%(name)s is not what its name says. You may send: %(allowed)s."),
        "program": _(
            "%(name)s holds a program or a web page, and these are not taken. You may send: %(allowed)s."
        ),
        "markup": _(
            "%(name)s holds a web page or a script, and these are not taken. You may send: %(allowed)s."
        ),
        "macros": _("%(name)s holds macros. Save it without macros, or as PDF, and send that."),
        "locked": _(
            "%(name)s is locked with a password or in an old format. Save it unlocked, as PDF or in the present format."
        ),
        "encoding": _("%(name)s is not text in UTF-8. Save it with the encoding UTF-8 and send that."),
        "pixels": _("The picture %(name)s has too many pixels. Save it smaller (up to 40 megapixels)."),
        "bomb": _("%(name)s unpacks to far more than it should and is not taken."),
        "nested": _(
            "%(name)s holds another archive. Send the files themselves, or one archive without archives in it."
        ),
        "escape": _("%(name)s holds files that point outside of the archive and is not taken."),
    }.get(code, _("%(name)s is damaged and cannot be opened. Save it anew and send that."))
