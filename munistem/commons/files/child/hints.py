"""What keeps some people from reading a file, as far as a program can see it."""

import ctypes
import re
import zipfile

from .archives import unpacked
from .limits import MEGABYTE, Refused

#: A page with fewer letters is a picture, or nearly empty.
FEWEST_LETTERS = 20
#: A text so long wants headings.
LONG = 3_000
MOST_XML = 20 * MEGABYTE
HEADING = re.compile(
    r"<w:style\b[^>]*w:styleId=\"([^\"]+)\"[^>]*>\s*<w:name w:val=\"(?:heading \d|Title)\"", re.IGNORECASE
)
PICTURE = re.compile(r"<(?:wp:docPr|p:cNvPr|xdr:cNvPr)\b([^>]*)>")


def hints_of_pdf(document, texts: list[str]) -> list[str]:
    """Codes for a PDF: no text layer, no tags, no language, no title."""
    import pypdfium2.raw as pdfium

    found = []
    read = texts[:50]
    if read and sum(len(text.strip()) >= FEWEST_LETTERS for text in read) * 2 < len(read):
        found.append("no_text")
    if not pdfium.FPDFCatalog_IsTagged(document.raw):
        found.append("no_tags")
    if not language_of(document):
        found.append("no_language")
    if not document.get_metadata_value("Title").strip():
        found.append("no_title")
    return found


def language_of(document) -> str:
    import pypdfium2.raw as pdfium

    length = pdfium.FPDFCatalog_GetLanguage(document.raw, None, 0)
    if not 2 < length < 200:
        return ""
    buffer = ctypes.create_string_buffer(length)
    words = ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR))
    pdfium.FPDFCatalog_GetLanguage(document.raw, words, length)
    return buffer.raw.decode("utf-16-le", "replace").strip("\0 ")


def hints_of_office(archive: zipfile.ZipFile, texts: list[str]) -> list[str]:
    """Codes for a Word document or a presentation: no headings, pictures without words, no title."""
    found = []
    names = archive.namelist()
    if "word/document.xml" in names and sum(map(len, texts)) > LONG and not has_headings(archive):
        found.append("no_headings")
    shown = [name for name in names if re.fullmatch(r"word/document\.xml|ppt/slides/slide\d+\.xml", name)]
    if any(has_silent_picture(xml_of(archive, name)) for name in shown[:200]):
        found.append("no_alt")
    title = re.search(r"<dc:title>(.*?)</dc:title>", xml_of(archive, "docProps/core.xml"), re.DOTALL)
    if title is None or not title[1].strip():
        found.append("no_title")
    return found


def has_headings(archive: zipfile.ZipFile) -> bool:
    text = xml_of(archive, "word/document.xml")
    styles = set(HEADING.findall(xml_of(archive, "word/styles.xml")))
    used = set(re.findall(r"<w:pStyle w:val=\"([^\"]+)\"", text))
    return bool(used & styles) or "<w:outlineLvl" in text


def has_silent_picture(xml: str) -> bool:
    """Whether a picture stands there that is neither described nor marked as decoration."""
    for chunk in re.findall(
        r"<(?:wp:inline|wp:anchor|p:pic)\b.*?</(?:wp:inline|wp:anchor|p:pic)>", xml, re.DOTALL
    ):
        mark = PICTURE.search(chunk)
        if ("<pic:pic" not in chunk and "<p:pic" not in chunk) or mark is None or "decorative" in chunk:
            continue
        if not re.search(r"\bdescr=\"[^\"]*\w", mark[1]):
            return True
    return False


def xml_of(archive: zipfile.ZipFile, name: str) -> str:
    if name not in archive.namelist():
        return ""
    try:
        return unpacked(archive, name, MOST_XML).decode("utf-8", "replace")
    except Refused:
        return ""
