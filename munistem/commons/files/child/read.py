"""Reading: words, pages, a first picture."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from .archives import opened_zip, unpacked
from .examine import OPEN_DOCUMENT
from .limits import MEGABYTE
from .pictures import MOST_PIXELS, PICTURES, PREVIEW, save_preview
from .texts import MOST_LETTERS, read_text, tidy, xml_text

MOST_PAGES_READ = 500


def read(path: Path, extension: str, preview: Path) -> dict:
    """Text and page count of a file that was examined; writes a WebP of its first page to ``preview`` if it has one."""
    text, pages = READERS.get(extension, lambda path, preview: ("", None))(path, preview)
    return {
        "text": tidy(text),
        "pages": pages,
        "has_preview": preview.exists() and preview.stat().st_size > 0,
    }


def read_pdf(path: Path, preview: Path) -> tuple[str, int]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    pages = len(document)
    page = document[0]
    scale = min(PREVIEW / max(page.get_width(), 1), 1.5 * PREVIEW / max(page.get_height(), 1), 4)
    save_preview(page.render(scale=scale).to_pil(), preview)
    parts, letters = [], 0
    for number in range(min(pages, MOST_PAGES_READ)):
        page = document[number]
        parts.append(page.get_textpage().get_text_bounded())
        page.close()
        letters += len(parts[-1])
        if letters > MOST_LETTERS:
            break
    return "\n".join(parts), pages


def read_picture(path: Path, preview: Path) -> tuple[str, None]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path, formats=sorted(set(PICTURES.values()))) as picture:
        picture.draft("RGB", (PREVIEW, PREVIEW))
        picture.thumbnail((PREVIEW, PREVIEW))
        save_preview(ImageOps.exif_transpose(picture), preview)
    return "", None


def read_word(path: Path, preview: Path) -> tuple[str, int | None]:
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        parts = [
            name for name in archive.namelist() if re.fullmatch(r"word/(document|footnotes)\d*\.xml", name)
        ]
        return xml_text(archive, parts, texts={"t"}, breaks={"p", "br", "tab", "tr"}), pages_of(
            archive, "Pages"
        )


def read_slides(path: Path, preview: Path) -> tuple[str, int]:
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        slides = numbered(archive, r"ppt/slides/slide(\d+)\.xml")
        notes = numbered(archive, r"ppt/notesSlides/notesSlide(\d+)\.xml")
        return xml_text(archive, slides + notes, texts={"t"}, breaks={"p", "br"}), len(slides)


def read_sheet(path: Path, preview: Path) -> tuple[str, int]:
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        sheets = numbered(archive, r"xl/worksheets/sheet(\d+)\.xml")
        shared = [name for name in archive.namelist() if name == "xl/sharedStrings.xml"]
        return xml_text(archive, shared, texts={"t"}, breaks={"si"}), len(sheets)


def read_open_document(path: Path, preview: Path) -> tuple[str, None]:
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        return xml_text(
            archive, ["content.xml"], texts={"p", "h"}, breaks={"p", "h", "tab", "line-break", "s"}
        ), None


def read_archive(path: Path, preview: Path) -> tuple[str, None]:
    with opened_zip(path) as archive:
        return "\n".join(archive.namelist()[:300]), None


def read_plain(path: Path, preview: Path) -> tuple[str, None]:
    parts, letters = [], 0
    for piece in read_text(path):
        parts.append(piece)
        letters += len(piece)
        if letters > MOST_LETTERS:
            break
    return "".join(parts), None


READERS: dict[str, Callable[[Path, Path], tuple[str, int | None]]] = {
    "pdf": read_pdf,
    "docx": read_word,
    "xlsx": read_sheet,
    "pptx": read_slides,
    **dict.fromkeys(OPEN_DOCUMENT, read_open_document),
    **dict.fromkeys(PICTURES, read_picture),
    "txt": read_plain,
    "csv": read_plain,
    "zip": read_archive,
}


def numbered(archive: zipfile.ZipFile, pattern: str) -> list[str]:
    """Names of parts in the order of their number."""
    found = [(int(match[1]), name) for name in archive.namelist() if (match := re.fullmatch(pattern, name))]
    return [name for _, name in sorted(found)]


def take_thumbnail(archive: zipfile.ZipFile, preview: Path) -> None:
    """Many office files carry a small picture of their first page."""
    from PIL import Image, UnidentifiedImageError

    for name in ("docProps/thumbnail.jpeg", "docProps/thumbnail.png", "Thumbnails/thumbnail.png"):
        if name in archive.namelist() and archive.getinfo(name).file_size < 4 * MEGABYTE:
            try:
                with archive.open(name) as part, Image.open(part, formats=["JPEG", "PNG"]) as picture:
                    if 128 <= picture.width * picture.height <= 4_000_000 and picture.width >= 200:
                        save_preview(picture, preview)
            except (UnidentifiedImageError, OSError):
                continue
            return


def pages_of(archive: zipfile.ZipFile, name: str) -> int | None:
    """The page count that Office wrote beside the text."""
    if "docProps/app.xml" not in archive.namelist():
        return None
    found = re.search(
        rf"<{name}>(\d{{1,5}})</{name}>",
        unpacked(archive, "docProps/app.xml", MEGABYTE).decode("utf-8", "replace"),
    )
    return int(found[1]) or None if found else None
