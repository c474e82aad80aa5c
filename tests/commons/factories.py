"""The smallest valid things of the ground floor; files are made here, honest ones and hostile ones."""

import io
import itertools
import struct
import zipfile
import zlib
from email import policy
from email.message import EmailMessage

import typst
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from munistem.commons.models import UnansweredSearch
from munistem.commons.pdf.glyphs import FONTS
from munistem.commons.search.unanswered.actions import note_unanswered, spelling_of

counter = itertools.count(1)
OOXML = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": "wordprocessingml.document.main+xml",
    "xlsx": "spreadsheetml.sheet.main+xml",
    "pptx": "presentationml.presentation.main+xml",
}


def make_person(**fields):
    fields.setdefault("email", f"person{next(counter)}@munistem.example")
    fields.setdefault("name", "Demo person")
    return get_user_model().objects.create_user(**fields)


def written(
    sender, to: str, text: str = "It worked with us.", subject: str = "Re: First lab", **headers
) -> EmailMessage:
    """A mail as its sender hands it in; further headers by name, ``number`` for its Message-ID."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = getattr(sender, "email", sender)
    message["To"], message["Subject"] = to, subject
    message["Message-ID"] = headers.pop("number", f"<{timezone.now().timestamp()}@member.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def uploaded(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def pdf(text: str = "Hello roundtable", pages: int = 1) -> bytes:
    """A PDF with a line of Latin text on each page, written by hand."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n in range(pages):
        stream = f"BT /F1 24 Tf 72 700 Td ({text} {n + 1}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * n} 0 R>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n".encode()


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), **options) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, form, **options)
    return buffer.getvalue()


def vast_png(side: int = 60_000) -> bytes:
    """A PNG of a few bytes that claims 3.6 gigapixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def zipped(parts: dict[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else None)
    return buffer.getvalue()


def office(extension: str, parts: dict[str, bytes | str] | None = None, main: str = "") -> bytes:
    kind = main or OOXML + MAIN[extension]
    return zipped(
        {"[Content_Types].xml": f'<Types><Override ContentType="{kind}"/></Types>', **(parts or {})}
    )


def printed(*pages: str, language: str = "he") -> bytes:
    """A PDF as a program for writing prints it, with each text on a page of its own."""
    source = f'#set text(font: "Rubik", lang: "{language}")\n' + "\n#pagebreak()\n".join(pages)
    return typst.compile(source.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True)


def docx(text: str = "שלום שולחן עגול") -> bytes:
    body = f'<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    return office("docx", {"word/document.xml": body, "docProps/app.xml": "<P><Pages>3</Pages></P>"})


def pptx(*slides: str) -> bytes:
    return office("pptx", {f"ppt/slides/slide{n}.xml": f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>{text}</a:t></a:p></p:sld>' for n, text in enumerate(slides, 1)})  # fmt: skip


def xlsx(*cells: str) -> bytes:
    """A workbook of one sheet with the cells in a row; the words stand apart from it, as Excel keeps them."""
    strings = "".join(f"<si><t>{cell}</t></si>" for cell in cells)
    row = "".join(f'<c t="s"><v>{place}</v></c>' for place in range(len(cells)))
    return office(
        "xlsx",
        {
            "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData><row>{row}</row></sheetData></worksheet>",
        },
    )


def open_document(extension: str, text: str = "مرحبا", extra: dict[str, bytes | str] | None = None) -> bytes:
    kind = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}[extension]
    content = f'<o:c xmlns:o="o" xmlns:text="t"><text:p>{text}</text:p></o:c>'
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": content,
        **(extra or {}),
    }
    return zipped(parts, stored=("mimetype",))


def mp3() -> bytes:
    frame = b"\xff\xfb\x90\x00" + b"\0" * 413
    return frame * 3


def mp4(brand: bytes = b"isom") -> bytes:
    return (
        struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\2\0" + brand + brand + struct.pack(">I", 8) + b"mdat"
    )


def webm() -> bytes:
    return b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\0" * 20


def honest() -> dict[str, bytes]:
    """One file of every kind that is taken."""
    return {
        "plan.pdf": pdf(),
        "plan.docx": docx(),
        "plan.xlsx": xlsx("תקציב", "budget"),
        "plan.pptx": pptx("one", "two"),
        "plan.odt": open_document("odt"),
        "plan.ods": open_document("ods"),
        "plan.odp": open_document("odp"),
        "photo.jpg": picture("JPEG"),
        "photo.JPEG": picture("JPEG"),
        "photo.png": picture("PNG"),
        "photo.webp": picture("WEBP"),
        "photo.gif": picture("GIF"),
        "notes.txt": "שורה\nline\n".encode(),
        "table.csv": "\ufeffיישוב,מספר\nכרמיאל,<b>12</b>\n".encode(),
        "talk.mp3": mp3(),
        "tagged.mp3": b"ID3\x04\0\0\0\0\0\0" + mp3(),
        "talk.m4a": mp4(b"M4A "),
        "film.mp4": mp4(),
        "film.webm": webm(),
        "all.zip": zipped({"a/plan.txt": "hello", "b.docx": docx()}),
    }


def hostile() -> dict[str, bytes]:
    """Files that are not what they say, hide something, or unpack to more than they should."""
    html = b"<!DOCTYPE html><script>alert(1)</script>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    bomb = zipped({f"{n}.txt": b"\0" * 20_000_000 for n in range(4)})
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as archive:
        info = zipfile.ZipInfo("passwords")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    locked = bytearray(zipped({"a.txt": "hello"}))
    locked[6] |= 1
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1
    return {
        "page.html": html,
        "page.htm": html,
        "page.xhtml": html,
        "drawing.svg": svg,
        "program.exe": b"MZ\x90\0" + b"\0" * 200,
        "script.sh": b"#!/bin/sh\nrm -rf /\n",
        "script.js": b"alert(1)",
        "script.php": b"<?php phpinfo();",
        "script.py": b"import os",
        "page.pdf.html": html,
        "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "macros.docm": office("docx"),
        "noextension": pdf(),
        ".htaccess": b"AddType text/html .txt",
        "archive.rar": b"Rar!\x1a\x07\0",
        "archive.7z": b"7z\xbc\xaf\x27\x1c",
        "page.pdf": html,
        "hidden.pdf": b"\n" + html + pdf(),
        "inside.pdf": b"%PDF-1.4\n" + html + pdf()[9:],
        "program.pdf": b"MZ" + pdf(),
        "jar.pdf": pdf() + zipped({"Evil.class": "x"}),
        "cut.pdf": pdf()[:60],
        "text.pdf": b"%PDF-1.7 just words",
        "page.jpg": html,
        "drawing.png": svg,
        "other.png": picture("JPEG"),
        "other.gif": picture("PNG"),
        "cut.jpg": picture("JPEG", (900, 900))[:900],
        "gifar.gif": picture("GIF") + zipped({"Evil.class": "x"}),
        "vast.png": vast_png(),
        "program.png": b"MZ" + picture("PNG"),
        "macros.docx": office("docx", {"word/vbaProject.bin": b"x"}),
        "renamed-macros.docx": office("docx", main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "zip.docx": zipped({"a.txt": "hello"}),
        "sheet.docx": xlsx("a"),
        "old.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "bomb.docx": office("docx", {"word/document.xml": b"\0" * 80_000_000}),
        "text.odt": b"words",
        "macros.odt": open_document("odt", extra={"Basic/Standard/Module1.xml": "<x/>"}),
        "sheet.odt": open_document("ods"),
        "page.txt": html,
        "bom.txt": b"\xef\xbb\xbf  \n" + html,
        "script.txt": b"#!/bin/sh\n",
        "latin.txt": "שלום".encode("cp1255"),
        "binary.txt": b"hello\0world",
        "page.csv": html,
        "page.mp3": html,
        "page.mp4": html,
        "picture.mp4": struct.pack(">I", 24) + b"ftypheic" + b"\0\0\0\0heicmif1" + b"\0" * 30,
        "page.webm": html,
        "matroska.webm": b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + b"\0" * 30,
        "bomb.zip": bomb,
        "nested.zip": zipped({"inner.zip": zipped({"a.txt": "x"})}),
        "disguised.zip": zipped({"inner.txt": zipped({"a.txt": "x"})}),
        "program.zip": zipped({"setup.exe": "x"}),
        "hidden-program.zip": zipped({"readme.txt": b"MZ\x90\0"}),
        "escape.zip": zipped({"../../etc/cron.d/x": "x"}),
        "root.zip": zipped({"/etc/passwd": "x"}),
        "many.zip": zipped({f"{n}.txt": "" for n in range(3_100)}),
        "linked.zip": linked.getvalue(),
        "locked.zip": bytes(locked),
        "not.zip": b"PK\x03\x04 no archive",
        "word.zip": docx(),
        "empty.pdf": b"",
    }


def make_search(query: str = "lighthouse grants", people: int = 2, **fields) -> UnansweredSearch:
    """A search that found nothing, made by so many people."""
    for number in range(people):
        note_unanswered(query=query, asker=f"person {number}", language="en")
    search = UnansweredSearch.objects.get(text=spelling_of(query))
    for name, value in fields.items():
        setattr(search, name, value)
    search.save()
    return search
