"""Words: of plain text, and of the XML within office files."""

import codecs
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from .limits import MEGABYTE, Refused

MOST_LETTERS = 400_000


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


def tidy(text: str) -> str:
    text = "".join(
        char if char in "\n\t" or char >= " " else " "
        for char in text[:MOST_LETTERS]
        if not "\ud800" <= char <= "\udfff"
    )
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip()


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
