"""Reading office files: their words by page, slide or sheet, in the order in which people see them."""

import re
import zipfile
from html import unescape
from pathlib import Path
from posixpath import join, normpath

from .archives import opened_zip, unpacked
from .limits import MEGABYTE
from .pictures import save_preview
from .texts import shared_strings, sheet_rows, xml_pages, xml_text

ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*\"([^\"]*)\"")


def read_word(path: Path, preview: Path) -> tuple[list[str], int | None]:
    """Pages end where the author or Word itself broke them; notes stand after the last one."""
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        parts = [
            name for name in archive.namelist() if re.fullmatch(r"word/(document|footnotes)\d*\.xml", name)
        ]
        breaks, pages = {"p", "br", "tab", "tr"}, {"lastRenderedPageBreak": ""}
        texts = xml_pages(archive, parts, texts={"t"}, breaks=breaks, pages=pages)
        return texts, pages_of(archive, "Pages")


def read_slides(path: Path, preview: Path) -> tuple[list[str], int]:
    """Each slide with its notes."""
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        slides = in_order(archive, "ppt/presentation.xml", "sldId", r"ppt/slides/slide(\d+)\.xml")
        texts = [
            xml_text(archive, [slide, *notes_of(archive, slide)], texts={"t"}, breaks={"p", "br"})
            for slide in slides
        ]
        return texts, len(slides)


def notes_of(archive: zipfile.ZipFile, slide: str) -> list[str]:
    there = archive.namelist()
    return [name for name in related(archive, slide).values() if "/notesSlides/" in name and name in there]


def read_sheet(path: Path, preview: Path) -> tuple[list[str], int]:
    """Each sheet under its name, a line a row."""
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        sheets = in_order(archive, "xl/workbook.xml", "sheet", r"xl/worksheets/sheet(\d+)\.xml")
        targets, shared = related(archive, "xl/workbook.xml"), shared_strings(archive)
        names = {
            targets.get(row.get("r:id", "")): row.get("name", "")
            for row in elements(archive, "xl/workbook.xml", "sheet")
        }
        texts = ["\n".join([names.get(sheet, ""), *sheet_rows(archive, sheet, shared)]) for sheet in sheets]
        return texts, len(sheets)


def read_open_document(path: Path, preview: Path) -> tuple[list[str], int | None]:
    """Slides and sheets each by themselves; of a text the pages as its program broke them last."""
    with opened_zip(path) as archive:
        take_thumbnail(archive, preview)
        texts, is_text = open_document_texts(archive)
        return texts, None if is_text and len(texts) == 1 else len(texts)


def open_document_texts(archive: zipfile.ZipFile) -> tuple[list[str], bool]:
    """Its words by page, and whether it is a text."""
    is_text = unpacked(archive, "mimetype", 200).endswith(b".text")
    texts = xml_pages(
        archive,
        ["content.xml"],
        texts={"p", "h"},
        breaks={"p", "h", "tab", "line-break", "s"},
        pages={"soft-page-break": ""} if is_text else {"page": "", "table": "table:name"},
        keeps_empty=not is_text,
    )
    return texts, is_text


# The order of parts --------------------------------------------------------------------------------------


def in_order(archive: zipfile.ZipFile, main: str, element: str, pattern: str) -> list[str]:
    """Names of the parts that match, as the main part puts them in order; those it does not name come last."""
    known = numbered(archive, pattern)
    targets = related(archive, main)
    told = [targets.get(row.get("r:id", ""), "") for row in elements(archive, main, element)]
    ordered = [name for name in dict.fromkeys(told) if name in known]
    return ordered + [name for name in known if name not in ordered]


def related(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """What a part refers to: key → name of the other part."""
    folder, _slash, name = part.rpartition("/")
    rows = elements(archive, f"{folder}/_rels/{name}.rels", "Relationship")
    return {row.get("Id", ""): normpath(join("/", folder, row.get("Target", "")))[1:] for row in rows}


def elements(archive: zipfile.ZipFile, part: str, name: str) -> list[dict[str, str]]:
    """Attributes of every element of this name in a small part; none when the part is not there."""
    if part not in archive.namelist():
        return []
    content = unpacked(archive, part, 4 * MEGABYTE).decode("utf-8", "replace")
    found = re.findall(rf"<(?:\w+:)?{name}\s([^>]*)>", content)
    return [
        {key: unescape(value) for key, value in ATTRIBUTE.findall(attributes)} for attributes in found[:3_000]
    ]


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
