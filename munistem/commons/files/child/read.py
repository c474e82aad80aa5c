"""Reading: words, pages, a first picture."""

from collections.abc import Callable
from pathlib import Path

from . import arabic
from .archives import opened_zip
from .examine import OPEN_DOCUMENT
from .office import read_open_document, read_sheet, read_slides, read_word
from .pictures import MOST_PIXELS, PICTURES, PREVIEW, save_preview
from .texts import MOST_LETTERS, read_text, tidy

MOST_PAGES_READ = 500


def read(path: Path, extension: str, preview: Path) -> dict:
    """Texts by page, the number of pages, and what keeps some people from reading a file that was examined.

    A WebP of its first page is written to ``preview`` if it has one.
    """
    texts, pages = READERS.get(extension, lambda path, preview: ([], None))(path, preview)
    texts = within_limit(texts)
    return {
        "texts": texts,
        "pages": pages,
        "hints": hints(path, extension, texts),
        "has_preview": preview.exists() and preview.stat().st_size > 0,
    }


def hints(path: Path, extension: str, texts: list[str]) -> list[str]:
    """What keeps some people from reading it; a file that cannot be looked at so has none."""
    from .hints import hints_of_office, hints_of_pdf

    if extension == "pdf":
        import pypdfium2

        return hints_of_pdf(pypdfium2.PdfDocument(path), texts)
    if extension in ("docx", "pptx"):
        with opened_zip(path) as archive:
            return hints_of_office(archive, texts)
    return []


def within_limit(texts: list[str]) -> list[str]:
    """The texts tidied, as many of them as there is room for; those without a word at the end are left out."""
    kept, letters = [], 0
    for text in texts:
        kept.append(tidy(text)[: MOST_LETTERS - letters])
        letters += len(kept[-1])
        if letters >= MOST_LETTERS:
            break
    while kept and not kept[-1]:
        kept.pop()
    return kept


def read_pdf(path: Path, preview: Path) -> tuple[list[str], int]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    pages = len(document)
    page = document[0]
    scale = min(PREVIEW / max(page.get_width(), 1), 1.5 * PREVIEW / max(page.get_height(), 1), 4)
    save_preview(page.render(scale=scale).to_pil(), preview)
    parts, letters = [], 0
    for number in range(min(pages, MOST_PAGES_READ)):
        page = document[number]
        parts.append(arabic.in_order(page.get_textpage()))
        page.close()
        letters += len(parts[-1])
        if letters > MOST_LETTERS:
            break
    return parts, pages


def read_picture(path: Path, preview: Path) -> tuple[list[str], None]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path, formats=sorted(set(PICTURES.values()))) as picture:
        picture.draft("RGB", (PREVIEW, PREVIEW))
        picture.thumbnail((PREVIEW, PREVIEW))
        save_preview(ImageOps.exif_transpose(picture), preview)
    return [], None


def read_archive(path: Path, preview: Path) -> tuple[list[str], None]:
    with opened_zip(path) as archive:
        return ["\n".join(archive.namelist()[:300])], None


def read_plain(path: Path, preview: Path) -> tuple[list[str], None]:
    parts, letters = [], 0
    for piece in read_text(path):
        parts.append(piece)
        letters += len(piece)
        if letters > MOST_LETTERS:
            break
    return ["".join(parts)], None


READERS: dict[str, Callable[[Path, Path], tuple[list[str], int | None]]] = {
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
