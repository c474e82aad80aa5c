"""Several files in one, sent while it is made: nothing is gathered on disk or in memory."""

from collections.abc import Iterable, Iterator
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.contrib.auth.models import AnonymousUser
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from munistem.commons.files.models import StoredFile
from munistem.commons.files.rules import can_have_bytes, extension_of
from munistem.commons.files.views import SANDBOX
from munistem.commons.text.names import harmless_file_name

PIECE = 256 * 1024


class Outlet:
    """A file that can only be written to; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> bytes:
        data = b"".join(self.waiting)
        self.waiting.clear()
        return data


def names_of(files: Iterable[tuple[StoredFile, str]]) -> Iterator[tuple[StoredFile, str]]:
    """Each file with a name that no other has, whatever the letters; titles get the ending of their file."""
    known: set[str] = set()
    for stored, title in files:
        ending = extension_of(stored.name)
        name = harmless_file_name(stored.name if not title else f"{title}.{ending}")
        stem, count, free = name.rpartition(".")[0] or name, 2, name
        while free.casefold() in known:
            free = f"{stem} ({count}).{ending}"
            count += 1
        known.add(free.casefold())
        yield stored, free


def zipped(files: Iterable[tuple[StoredFile, str]]) -> Iterator[bytes]:
    """The bytes of a ZIP file of stored files and their titles; what is lost on disk or withheld is left out."""
    outlet = Outlet()
    files = [(stored, title) for stored, title in files if can_have_bytes(AnonymousUser(), stored)]
    with ZipFile(outlet, "w", ZIP_STORED, allowZip64=True) as archive:  # type: ignore[arg-type]
        for stored, name in names_of(files):
            info = ZipInfo(name, date_time=timezone.localtime(stored.uploaded_at).timetuple()[:6])
            info.external_attr = 0o600 << 16
            try:
                source = stored.blob.open("rb")
            except FileNotFoundError:
                continue
            with source, archive.open(info, "w", force_zip64=True) as target:
                while piece := source.read(PIECE):
                    target.write(piece)
                    yield outlet.taken()
            yield outlet.taken()
    yield outlet.taken()


def serve_zip(files: Iterable[tuple[StoredFile, str]], name: str) -> StreamingHttpResponse:
    """Answer with files in one ZIP, for those who may see each of them."""
    response = StreamingHttpResponse(zipped(files), content_type="application/zip")
    disposition = content_disposition_header(as_attachment=True, filename=harmless_file_name(f"{name}.zip"))
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
