"""Pictures and films forget where they were taken, in place, whatever their form; nothing else of them changes."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from munistem.commons.files import extraction
from munistem.commons.files.actions import store
from munistem.commons.files.child.places import forget_place
from munistem.commons.files.extraction import Refused, ask, patiently
from tests.commons.factories import make_person, mp4, picture, uploaded

NAMED = "<x:xmpmeta exif:GPSLatitude='32,55.1N'/>"
APPLE = b"com.apple.quicktime.location.ISO6709\0\0data+32.9170+035.2950+120.5/"


def exif() -> Image.Exif:
    notes = Image.Exif()
    notes[0x010F] = "Camera works"
    notes.get_ifd(0x8825).update(
        {1: "N", 2: (32.0, 55.0, 7.5), 3: "E", 4: (35.0, 17.0, 59.25), 29: "2026:11:26"}
    )
    return notes


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def film(*notes: bytes, filling: int = 0) -> bytes:
    """As phones write it: the description stands behind the film itself."""
    start = mp4()[:-8]
    return start + box(b"mdat", b"\x01" * filling) + box(b"moov", box(b"mvhd", b"\0" * 100) + b"".join(notes))


def forgotten(tmp_path: Path, name: str, content: bytes) -> bytes:
    path = tmp_path / name
    path.write_bytes(content)
    forget_place(path, name.rpartition(".")[2])
    assert path.stat().st_size == len(content)
    return path.read_bytes()


def place_in(content: bytes) -> dict:
    with Image.open(io.BytesIO(content)) as opened:
        return dict(opened.getexif().get_ifd(0x8825))


@pytest.mark.parametrize(("name", "form"), [("lab.png", "PNG"), ("lab.webp", "WEBP"), ("lab.jpg", "JPEG")])
def test_notes_of_cameras_lose_the_place_and_nothing_else(tmp_path, name, form):
    sent = picture(form, (90, 60), exif=exif())
    assert place_in(sent)[3] == "E"
    kept = forgotten(tmp_path, name, sent)
    assert place_in(kept) == {}
    assert b"2026:11:26" in sent and b"2026:11:26" not in kept
    with Image.open(io.BytesIO(kept)) as after, Image.open(io.BytesIO(sent)) as before:
        after.verify()
        assert after.getexif()[0x010F] == "Camera works"
        assert before.size == after.size
    with Image.open(io.BytesIO(kept)) as after, Image.open(io.BytesIO(sent)) as before:
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("is_packed", [False, True])
def test_texts_of_a_png_that_name_a_place_are_blanked(tmp_path, is_packed):
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", NAMED, zip=is_packed)
    info.add_text("Raw profile type exif", "\nexif\n  12\n457869660000", zip=is_packed)
    info.add_text("Author", "Dana")
    kept = forgotten(tmp_path, "a.png", picture("PNG", pnginfo=info))
    with Image.open(io.BytesIO(kept)) as opened:
        opened.load()
        assert set(opened.info) - {"dpi", "Comment"} == {"Author"}
        assert opened.info["Author"] == "Dana"


def test_text_of_a_png_without_a_place_stays(tmp_path):
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta dc:creator='Dana'/>")
    sent = picture("PNG", pnginfo=info)
    assert forgotten(tmp_path, "a.png", sent) == sent


def test_xmp_of_a_webp_that_names_a_place_is_blanked(tmp_path):
    kept = forgotten(tmp_path, "a.webp", picture("WEBP", xmp=NAMED.encode()))
    assert b"32,55.1N" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        opened.load()
    sent = picture("WEBP", xmp=b"<x:xmpmeta dc:creator='Dana'/>")
    assert forgotten(tmp_path, "b.webp", sent) == sent


@pytest.mark.parametrize("name", ["lab.mp4", "talk.m4a"])
@pytest.mark.parametrize(
    "note",
    [
        box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+32.9170+035.2950/")),
        box(
            b"udta",
            box(b"loci", b"\0" * 6 + b"lab\0\0" + struct.pack(">III", 35 << 16, 32 << 16, 0) + b"earth\0\0"),
        ),
        box(b"udta", box(b"meta", b"\0" * 4 + APPLE)),
        box(b"meta", APPLE),
    ],
    ids=["android", "3gpp", "apple-udta", "apple"],
)
def test_films_lose_the_place(tmp_path, name, note):
    kept = forgotten(tmp_path, name, film(note, box(b"trak", b"picture +32.9170+035.2950/")))
    assert b"+32.9170" not in kept.replace(b"picture +32.9170", b"")
    assert struct.pack(">I", 35 << 16) not in kept
    assert b"picture +32.9170+035.2950/" in kept  # of what is no note nothing is touched


def test_film_whose_notes_stand_far_behind_is_taken(tmp_path):
    """The child may write no more than 16 MB of its own, and yet blank within a longer file."""
    path = tmp_path / "film.mp4"
    path.write_bytes(film(box(b"meta", APPLE), filling=20 * 1024 * 1024))
    extraction.examine(path, "mp4")
    assert b"+32.9170" not in path.read_bytes()[-1000:]


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.mp4", "a.jpg"])
@pytest.mark.parametrize("cut", [3, 9, 13, 25, 40, 70, 120])
def test_what_is_broken_is_survived(tmp_path, name, cut):
    whole = {
        "a.png": picture("PNG", exif=exif()),
        "a.webp": picture("WEBP", exif=exif()),
        "a.mp4": film(box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+32.9170+035.2950/"))),
        "a.jpg": picture("JPEG", exif=exif()),
    }[name]
    forgotten(tmp_path, name, whole[:-cut])
    forgotten(tmp_path, name, whole[:cut] + b"\xff" * 8 + whole[cut + 8 :])
    forgotten(tmp_path, name, whole[:cut])


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["lab.png", "lab.webp"])
def test_stored_picture_has_no_place(name):
    form = {"lab.png": "PNG", "lab.webp": "WEBP"}[name]
    stored = store(uploaded(name, picture(form, exif=exif())), by=make_person())
    assert place_in(Path(stored.blob.path).read_bytes()) == {}


def test_chunk_keeps_a_right_checksum(tmp_path):
    kept = forgotten(tmp_path, "a.png", picture("PNG", exif=exif()))
    at = kept.index(b"eXIf")
    length = struct.unpack(">I", kept[at - 4 : at])[0]
    told = struct.unpack(">I", kept[at + 4 + length : at + 8 + length])[0]
    assert told == zlib.crc32(kept[at : at + 4 + length])


def test_files_of_our_own_are_read_with_more_patience(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        extraction.subprocess, "run", lambda *told, timeout, **more: asked.append(timeout) or Gone()
    )
    with patiently(600), pytest.raises(Refused):
        ask("read", tmp_path)
    with pytest.raises(Refused):
        ask("read", tmp_path)
    assert asked == [600, extraction.SECONDS]


class Gone:
    returncode = 1
