"""Examining: is it what its name says, and nothing else besides?"""

import codecs
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

from .archives import opened_zip, refuse_appended_archive, unpacked
from .limits import MEGABYTE, Refused
from .pictures import PICTURES, PREVIEW, opened_picture
from .places import FORGETTING, forget_place
from .texts import read_text

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
#: Parts of office files that are programs, or call one from elsewhere.
ACTIVE_INSIDE = re.compile(r"(?:^|/)(?:activeX|macrosheets|dialogsheets)/|vbaProject", re.IGNORECASE)
TEMPLATE_ELSEWHERE = re.compile(
    rb"<Relationship\b(?=[^>]*attachedTemplate)(?=[^>]*TargetMode\s*=\s*[\"']External)[^>]*>", re.IGNORECASE
)
#: Old office files of the open kind name their DTD; entities of their own are declared by none.
DECLARED, ENTITIES = (
    re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE),
    re.compile(rb"<!ENTITY", re.IGNORECASE),
)
PROGRAMS_INSIDE = re.compile(
    r"\.(?:exe|com|scr|pif|bat|cmd|msi|msp|dll|jse?|vb[se]|ws[fh]|hta|psm?1|sh|jar|lnk|reg|cpl|docm|xlsm|pptm|dotm)$",
    re.IGNORECASE,
)
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
FILM_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash", b"3gp4", b"3gp5"}  # fmt: skip
SOUND_BRANDS = {b"M4A ", b"M4B ", b"mp42", b"isom", b"iso2", b"dash"}


def examine(path: Path, extension: str) -> dict:
    """Refuse what is not truly a file of this extension or hides something; pictures and films forget where they were taken."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(PROGRAMS):
        raise Refused("program")
    EXAMINERS[extension](path, extension, head)
    if extension in FORGETTING:
        forget_place(path, extension)
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
            or any(map(ACTIVE_INSIDE.search, names))
        ):
            raise Refused("macros")
        refuse_unwelcome_parts(archive, DECLARED)
        if OFFICE[extension] not in types:
            raise Refused("mismatch")


def refuse_unwelcome_parts(archive: zipfile.ZipFile, declarations: re.Pattern[bytes]) -> None:
    """No programs beside the text, no templates from elsewhere (they may bring macros), no declarations in XML."""
    for info in archive.infolist():
        name = info.filename.lower()
        if name.endswith((".xml", ".rels")):
            with archive.open(info) as part:
                start = part.read(4096)
            if declarations.search(start):
                raise Refused("broken")  # written by no office program, but by who means harm
            if name.endswith("settings.xml.rels") and TEMPLATE_ELSEWHERE.search(start):
                raise Refused("macros")
        elif PROGRAMS_INSIDE.search(name.rstrip(". ")):
            raise Refused("program")


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
        refuse_unwelcome_parts(archive, ENTITIES)


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
                or re.match(r"[A-Za-z]:", name)
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
