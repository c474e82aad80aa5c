"""What is done with the bytes people send, in a process of its own: ``python -I child.py DEED ARGUMENT…``.

Imports nothing of the portal, and of the libraries only what the deed needs; memory, time and the size of what is
written are limited before the first byte is read. Answers with JSON on standard output:
``{"refused": code}`` for what we do not take, else the deed's findings.
"""

import codecs
import json
import re
import resource
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

MEGABYTE = 1024 * 1024
LIMITS = {
    "RLIMIT_DATA": 256 * MEGABYTE,
    "RLIMIT_AS": 1024 * MEGABYTE,
    "RLIMIT_CPU": 20,
    "RLIMIT_FSIZE": 16 * MEGABYTE,
    "RLIMIT_CORE": 0,
    "RLIMIT_NOFILE": 64,
}
MOST_PIXELS = 40_000_000
MOST_PAGES_READ = 500
MOST_LETTERS = 400_000
MOST_PARTS = 3_000
MOST_UNPACKED = 500 * MEGABYTE
UNSUSPICIOUS = 30 * MEGABYTE
STEEPEST = 120  # times larger unpacked than packed; office files reach 40
PREVIEW = 640  # pixels of the longer side

#: What a browser might run, wherever it stands at the beginning of a file that claims to be something else.
MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|meta|\?php|\?xml-stylesheet|!entity|!--\s*<)",
    re.IGNORECASE,
)
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")
UNWELCOME_INSIDE = re.compile(
    r"\.(?:exe|com|scr|pif|bat|cmd|msi|msp|dll|sys|js|jse|mjs|vbs|vbe|wsf|wsh|hta|ps1|psm1|sh|py|pl|php\d?|phtml|jsp|aspx?"
    r"|jar|war|apk|app|dmg|pkg|deb|rpm|lnk|url|reg|inf|cpl|html?|xhtml|shtml|svgz?|swf|docm|xlsm|pptm|dotm|xltm|potm"
    r"|ppsm|xlam|ppam|sldm|iso|img|vhdx?)$",
    re.IGNORECASE,
)
ARCHIVES_INSIDE = re.compile(r"\.(?:zip|zipx|7z|rar|gz|tgz|bz2|xz|zst|lz|cab|arj|ace|tar|z)$", re.IGNORECASE)
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
OPEN_DOCUMENT = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
PICTURES = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
FILM_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash", b"3gp4", b"3gp5"}  # fmt: skip
SOUND_BRANDS = {b"M4A ", b"M4B ", b"mp42", b"isom", b"iso2", b"dash"}


class Refused(Exception):
    """The file is not taken; the argument is a code that the portal puts into words."""


# Examining: is it what its name says, and nothing else besides? --------------------------------------------


def examine(path: Path, extension: str) -> dict:
    """Refuse what is not truly a file of this extension or hides something."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(PROGRAMS):
        raise Refused("program")
    EXAMINERS[extension](path, extension, head)
    return {}


def examine_pdf(path: Path, extension: str, head: bytes) -> None:
    if not head.startswith(b"%PDF-") or MARKUP.search(head[:1024]):
        raise Refused("mismatch")
    refuse_appended_archive(path)
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        raise Refused("locked" if "password" in str(error).lower() else "broken") from error
    if not pages:
        raise Refused("broken")


def examine_picture(path: Path, extension: str, head: bytes) -> None:
    refuse_appended_archive(path)
    with opened_picture(path, PICTURES[extension]) as picture:
        picture.verify()
    with opened_picture(path, PICTURES[extension]) as picture:
        picture.draft("RGB", (PREVIEW, PREVIEW))
        picture.load()


def examine_office(path: Path, extension: str, head: bytes) -> None:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("locked")  # Office wraps a document with a password (and its own old formats) so
    with opened_zip(path) as archive:
        names = {info.filename for info in archive.infolist()}
        if "[Content_Types].xml" not in names:
            raise Refused("mismatch")
        types = unpacked(archive, "[Content_Types].xml", 4 * MEGABYTE).decode("utf-8", "replace")
        if (
            "macroenabled" in types.lower()
            or "vbaproject" in types.lower()
            or any("vbaproject" in n.lower() for n in names)
        ):
            raise Refused("macros")
        if OFFICE[extension] not in types:
            raise Refused("mismatch")


def examine_open_document(path: Path, extension: str, head: bytes) -> None:
    with opened_zip(path) as archive:
        names = {info.filename for info in archive.infolist()}
        if (
            "mimetype" not in names
            or unpacked(archive, "mimetype", 200).decode("ascii", "replace") != OPEN_DOCUMENT[extension]
        ):
            raise Refused("mismatch")
        if any(re.match(r"(?:Basic/.*(?<!script-l[bc])\.xml|Scripts/.+[^/])$", name) for name in names):
            raise Refused("macros")
        if "META-INF/manifest.xml" in names and b"encryption-data" in unpacked(
            archive, "META-INF/manifest.xml", MEGABYTE
        ):
            raise Refused("locked")


def examine_archive(path: Path, extension: str, head: bytes) -> None:
    if not head.startswith(b"PK\x03\x04"):
        raise Refused("mismatch")
    with opened_zip(path) as archive:
        infos = archive.infolist()
        for info in infos:
            name = info.filename.rstrip("/")
            if info.flag_bits & 1:
                raise Refused("locked")
            if (
                stat.S_ISLNK(info.external_attr >> 16)
                or name.startswith(("/", "\\"))
                or ".." in re.split(r"[/\\]", name)
            ):
                raise Refused("escape")
            if UNWELCOME_INSIDE.search(name.rstrip(". ")):
                raise Refused("program")
            if ARCHIVES_INSIDE.search(name):
                raise Refused("nested")
        if any(info.filename == "[Content_Types].xml" for info in infos):
            raise Refused("mismatch")  # an office file under another name
        for info in infos[:200]:
            with archive.open(info) as part:
                start = part.read(8)
            if start.startswith((b"MZ", b"\x7fELF", b"PK\x03\x04")) and not info.filename.lower().endswith(
                (*OFFICE, *OPEN_DOCUMENT)
            ):
                raise Refused("program" if not start.startswith(b"PK") else "nested")


def examine_text(path: Path, extension: str, head: bytes) -> None:
    if MARKUP.match(head.removeprefix(codecs.BOM_UTF8).lstrip()) or (
        extension != "csv" and MARKUP.search(head)
    ):
        raise Refused("markup")
    for piece in read_text(path):
        if "\x00" in piece:
            raise Refused("mismatch")


def examine_mp3(path: Path, extension: str, head: bytes) -> None:
    if not head.startswith(b"ID3") and not is_mpeg_frame(head):
        raise Refused("mismatch")
    refuse_appended_archive(path)


def is_mpeg_frame(head: bytes) -> bool:
    """Whether an MPEG audio layer III frame starts here and another follows it."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    is_first = head[1] & 0x18 == 0x18
    rates = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0) if is_first else (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)  # fmt: skip
    frequency = (44_100, 48_000, 32_000, 0)[head[2] >> 2 & 3] >> {0x18: 0, 0x10: 1, 0: 2}.get(
        head[1] & 0x18, 0
    )
    if not (rate := rates[head[2] >> 4]) or not frequency:
        return False
    length = (144 if is_first else 72) * rate * 1000 // frequency + (head[2] >> 1 & 1)
    return head[length : length + 2][:1] == b"\xff" and head[length + 1] & 0xE6 == 0xE2


def examine_mp4(path: Path, extension: str, head: bytes) -> None:
    length = int.from_bytes(head[:4], "big")
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, 256), 4))}
    if (
        head[4:8] != b"ftyp"
        or not 16 <= length <= 1024
        or not brands & (SOUND_BRANDS if extension == "m4a" else FILM_BRANDS)
    ):
        raise Refused("mismatch")
    refuse_appended_archive(path)


def examine_webm(path: Path, extension: str, head: bytes) -> None:
    if not head.startswith(b"\x1a\x45\xdf\xa3") or b"\x42\x82\x84webm" not in head[:128]:
        raise Refused("mismatch")
    refuse_appended_archive(path)


EXAMINERS: dict[str, Callable[[Path, str, bytes], None]] = {
    "pdf": examine_pdf,
    **dict.fromkeys(OFFICE, examine_office),
    **dict.fromkeys(OPEN_DOCUMENT, examine_open_document),
    **dict.fromkeys(PICTURES, examine_picture),
    "txt": examine_text,
    "csv": examine_text,
    "mp3": examine_mp3,
    "m4a": examine_mp4,
    "mp4": examine_mp4,
    "webm": examine_webm,
    "zip": examine_archive,
}


def refuse_appended_archive(path: Path) -> None:
    """A picture or PDF that is at the same time a ZIP (or a Java program) is neither."""
    if zipfile.is_zipfile(path):
        raise Refused("mismatch")


def opened_picture(path: Path, form: str):
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow warns at this number and refuses twice as many
    try:
        picture = Image.open(path, formats=[form])
    except UnidentifiedImageError as error:
        raise Refused("mismatch") from error
    except Image.DecompressionBombError as error:
        raise Refused("pixels") from error
    if picture.width * picture.height > MOST_PIXELS or getattr(picture, "n_frames", 1) > 600:
        raise Refused("pixels")
    return picture


def opened_zip(path: Path) -> zipfile.ZipFile:
    """Open a ZIP whose table of contents and declared sizes are sane; the table is counted before it is read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise Refused("mismatch")
    entries, table = (
        int.from_bytes(tail[at + 10 : at + 12], "little"),
        int.from_bytes(tail[at + 12 : at + 16], "little"),
    )
    if entries > MOST_PARTS or (table > 4 * MEGABYTE and table != 0xFFFFFFFF):
        raise Refused("bomb")
    archive = zipfile.ZipFile(path)
    infos = archive.infolist()
    whole = sum(info.file_size for info in infos)
    if len(infos) > MOST_PARTS or whole > MOST_UNPACKED or (whole > UNSUSPICIOUS and whole > STEEPEST * size):
        raise Refused("bomb")
    if len({info.filename for info in infos}) != len(infos):
        raise Refused("mismatch")  # two entries of one name: readers differ in which one they take
    return archive


def unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as part:
        content = part.read(most + 1)
    if len(content) > most:
        raise Refused("bomb")
    return content


def read_text(path: Path) -> Iterator[str]:
    """The pieces of a text file; refused when it is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with path.open("rb") as file:
        try:
            while piece := file.read(256 * 1024):
                yield decoder.decode(piece)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise Refused("encoding") from error


# Reading: words, pages, a first picture -------------------------------------------------------------------


def read(path: Path, extension: str, preview: Path) -> dict:
    """Text and page count of a file that was examined; writes a WebP of its first page to ``preview`` if it has one."""
    text, pages = READERS.get(extension, lambda path, preview: ("", None))(path, preview)
    return {
        "text": tidy(text),
        "pages": pages,
        "has_preview": preview.exists() and preview.stat().st_size > 0,
    }


def tidy(text: str) -> str:
    text = "".join(
        char if char in "\n\t" or char >= " " else " "
        for char in text[:MOST_LETTERS]
        if not "\ud800" <= char <= "\udfff"
    )
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip()


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


def save_preview(picture, preview: Path) -> None:
    """Write a picture as WebP on white, without metadata."""
    from PIL import Image

    picture = picture.convert("RGBA")
    picture.thumbnail((PREVIEW, round(1.5 * PREVIEW)))
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    paper.save(preview, "WEBP", quality=78, method=4)


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


def xml_text(archive: zipfile.ZipFile, parts: list[str], *, texts: set[str], breaks: set[str]) -> str:
    """The words within elements named in ``texts``, a new line after those in ``breaks``; names without prefix."""
    found: list[str] = []
    letters = depth = 0

    def start(name: str, _attributes: dict) -> None:
        nonlocal depth
        depth += name.rpartition(":")[2] in texts

    def end(name: str) -> None:
        nonlocal depth
        local = name.rpartition(":")[2]
        depth -= local in texts
        if local in breaks:
            found.append("\n")

    def words(data: str) -> None:
        nonlocal letters
        if depth:
            found.append(data)
            letters += len(data)

    def entity(*_declared) -> None:
        raise Refused("bomb")

    for part in parts:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
        parser.EntityDeclHandler = entity
        depth = 0
        read_so_far = 0
        with archive.open(part) as stream:
            while (
                letters <= MOST_LETTERS and read_so_far < 100 * MEGABYTE and (piece := stream.read(64 * 1024))
            ):
                read_so_far += len(piece)
                parser.Parse(piece)
        if letters > MOST_LETTERS:
            break
    return "".join(found)


# A portrait -----------------------------------------------------------------------------------------------


def portrait(path: Path, size: str, target: Path) -> dict:
    """Write a square WebP of the middle of a picture, upright, without metadata."""
    from PIL import ImageOps

    side = int(size)
    for form in sorted(set(PICTURES.values())):
        try:
            picture = opened_picture(path, form)
            break
        except Refused as refusal:
            if refusal.args[0] != "mismatch":
                raise
    else:
        raise Refused("mismatch")
    with picture:
        picture.draft("RGB", (2 * side, 2 * side))
        picture.thumbnail((4 * side, 4 * side))
        square = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (side, side))
        square.info.clear()
        square.save(target, "WEBP", quality=82, method=6)
    return {}


DEEDS: dict[str, Callable[..., dict]] = {
    "examine": lambda path, extension: examine(Path(path), extension),
    "read": lambda path, extension, preview: read(Path(path), extension, Path(preview)),
    "portrait": lambda path, size, target: portrait(Path(path), size, Path(target)),
}


def limit() -> None:
    """Give up more than a file of honest size needs; a system that knows a limit not does without it."""
    for name, most in LIMITS.items():
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue


def main(deed: str, *arguments: str) -> int:
    limit()
    try:
        answer = DEEDS[deed](*arguments)
    except Refused as refusal:
        answer = {"refused": refusal.args[0]}
    except Exception:  # noqa: BLE001 – a damaged file may fail anywhere in the libraries
        answer = {"refused": "broken"}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
