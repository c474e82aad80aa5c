"""Pages of files as pictures, drawn by the worker some at a time in a child process, so that a long file keeps nobody waiting."""

import logging
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from munistem.commons.files import extraction, tasks
from munistem.commons.files.models import FileKind, FilePage, StoredFile
from munistem.commons.files.rules import extension_of
from munistem.commons.files.sketching import sketch
from munistem.commons.files.storage import near
from munistem.commons.files.uploads import incoming

#: Pages of a file that are drawn at all; the others are in the file itself.
MOST_PAGES_DRAWN = 300
AT_ONCE = 8
A_JOB = 40
#: Pixels of the longer side of the small picture that stands for a file.
SMALL = 640
log = logging.getLogger("munistem.files")


def draw_pages(pk: int) -> None:
    """Draw the next pages of a file, and ask for another job when some are left; harmless when repeated."""
    stored = StoredFile.objects.to_be_drawn().defer("text").filter(pk=pk).first()
    if stored is None:
        return
    last = last_drawn(stored)
    first = (stored.drawn_pages.aggregate(last=Max("number"))["last"] or 0) + 1
    for start in range(first, min(first + A_JOB, last + 1), AT_ONCE):
        draw_some(stored, start, min(start + AT_ONCE - 1, last))
    if first + A_JOB <= last:
        tasks.draw_later(stored)
    else:
        StoredFile.objects.filter(pk=pk).update(drawn_at=timezone.now())


def last_drawn(stored: StoredFile) -> int:
    """How many of its pages get a picture; of a Word document the first one, unless the file brought its own."""
    if stored.kind == FileKind.WORD:
        return 0 if stored.preview and not stored.drawn_pages.exists() else 1
    return min(stored.pages or 0, MOST_PAGES_DRAWN)


def draw_some(stored: StoredFile, first: int, last: int) -> None:
    """Draw the pages from first to last; when that fails, each by itself, so that one bad page spoils no other."""
    with tempfile.TemporaryDirectory(dir=incoming(), prefix="pages-") as folder:
        try:
            drawn = drawn_by_child(stored, folder, first, last)
        except (extraction.Refused, OSError) as error:
            if first < last:
                for number in range(first, last + 1):
                    draw_some(stored, number, number)
                return
            log.warning("Page %s of file %s could not be drawn: %s", first, stored.pk, error)
            drawn = [{"number": first, "width": 0, "height": 0}]
        keep(stored, Path(folder), drawn)


def drawn_by_child(stored: StoredFile, folder: str, first: int, last: int) -> list[dict[str, int]]:
    """Pages of a PDF as they are, of office files from their words; the first one also small."""
    with near(stored.blob) as path:
        if stored.kind == FileKind.PDF:
            return extraction.draw(path, folder, first, last)
        drawn = sketch(path, extension_of(stored.name), folder, first, last)
    if first == 1 and drawn[0]["width"] and not stored.preview:
        extraction.redraw(Path(folder) / "1.webp", SMALL, Path(folder) / "small.webp")
    return drawn


@transaction.atomic
def keep(stored: StoredFile, folder: Path, drawn: list[dict[str, int]]) -> None:
    """Keep pictures of pages, unless another job kept them or the file was deleted meanwhile."""
    if not StoredFile.objects.select_for_update(no_key=True).filter(pk=stored.pk).exists():
        return
    numbers = [row["number"] for row in drawn]
    known = set(stored.drawn_pages.filter(number__in=numbers).values_list("number", flat=True))
    pages = [FilePage(file=stored, **row) for row in drawn if row["number"] not in known]
    for page in pages:
        if page.width:
            with (folder / f"{page.number}.webp").open("rb") as picture:
                page.picture.save("page", File(picture), save=False)
    FilePage.objects.bulk_create(pages)
    if not stored.preview and (folder / "small.webp").exists():
        with (folder / "small.webp").open("rb") as small:
            stored.preview.save("preview", File(small), save=False)
        StoredFile.objects.filter(pk=stored.pk).update(preview=stored.preview.name)


def draw_forgotten(now: datetime | None = None, most: int = 50) -> int:
    """Ask for the pages of files that were read ten minutes ago and more and are not drawn yet; returns how many."""
    before = (now or timezone.now()) - timedelta(minutes=10)
    waiting = StoredFile.objects.to_be_drawn().filter(uploaded_at__lt=before).defer("text")
    waiting = list(waiting.order_by("-uploaded_at")[:most])
    for stored in waiting:
        tasks.draw_later(stored)
    return len(waiting)
