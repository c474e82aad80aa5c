"""Words: of plain text, and of the XML within office files."""

import codecs
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

from .limits import MEGABYTE, Refused

MOST_LETTERS = 400_000
MOST_CELLS = 100_000


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


def walk(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict], None],
    end: Callable[[str], None],
    words: Callable[[str], None],
    is_enough: Callable[[], bool],
) -> None:
    """Read the XML of a part with names without prefix, until it is over or enough was read; refuses entities."""

    def entity(*_declared) -> None:
        raise Refused("bomb")

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = words
    parser.EntityDeclHandler = entity
    read_so_far = 0
    with archive.open(part) as stream:
        while not is_enough() and read_so_far < 100 * MEGABYTE and (piece := stream.read(64 * 1024)):
            read_so_far += len(piece)
            parser.Parse(piece)


def xml_pages(
    archive: zipfile.ZipFile,
    parts: list[str],
    *,
    texts: set[str],
    breaks: set[str],
    pages: Mapping[str, str] | None = None,
    keeps_empty: bool = False,
) -> list[str]:
    """The words within elements named in ``texts``, a new line after those in ``breaks``; names without prefix.

    pages: elements that begin a page → attribute that gives it a heading, or ""; so does a ``br`` of type page.
    keeps_empty: count pages without words too.
    """
    found: list[list[str]] = [[]]
    letters = depth = 0
    begun = False

    def start(name: str, attributes: dict) -> None:
        nonlocal depth, begun
        depth += name in texts
        is_break = name == "br" and any(
            key.endswith(":type") and value == "page" for key, value in attributes.items()
        )
        if is_break or name in (pages or {}):
            if any(map(str.strip, found[-1])) or (keeps_empty and begun):
                found.append([])
            begun = True
            if heading := attributes.get((pages or {}).get(name, "")):
                found[-1].append(f"{heading}\n")

    def end(name: str) -> None:
        nonlocal depth
        depth -= name in texts
        if name in breaks:
            found[-1].append("\n")

    def words(data: str) -> None:
        nonlocal letters
        if depth:
            found[-1].append(data)
            letters += len(data)

    for part in parts:
        depth = 0
        walk(archive, part, start, end, words, lambda: letters > MOST_LETTERS)
    return ["".join(page) for page in found]


def xml_text(archive: zipfile.ZipFile, parts: list[str], *, texts: set[str], breaks: set[str]) -> str:
    """All words of the parts in one text."""
    return "".join(xml_pages(archive, parts, texts=texts, breaks=breaks))


def shared_strings(archive: zipfile.ZipFile) -> list[str]:
    """The texts that the cells of a workbook refer to by number."""
    strings: list[list[str]] = []
    is_text = is_hint = False
    letters = 0

    def start(name: str, _attributes: dict) -> None:
        nonlocal is_text, is_hint
        if name == "si":
            strings.append([])
        is_hint = is_hint or name == "rPh"
        is_text = name == "t" and not is_hint

    def end(name: str) -> None:
        nonlocal is_text, is_hint
        is_text = False
        is_hint = is_hint and name != "rPh"

    def words(data: str) -> None:
        nonlocal letters
        if is_text and strings:
            strings[-1].append(data)
            letters += len(data)

    if "xl/sharedStrings.xml" in archive.namelist():
        walk(archive, "xl/sharedStrings.xml", start, end, words, lambda: letters > MOST_LETTERS)
    return [" ".join("".join(string).split()) for string in strings]


def sheet_rows(archive: zipfile.ZipFile, part: str, shared: list[str]) -> list[str]:
    """The rows of a sheet, their filled cells with dots between."""
    rows: list[list[str]] = []
    cell: list[str] = []
    is_value = is_shared = False
    cells = 0

    def start(name: str, attributes: dict) -> None:
        nonlocal is_value, is_shared
        if name == "row":
            rows.append([])
        elif name == "c":
            is_shared = attributes.get("t") == "s"
            cell.clear()
        is_value = name in {"v", "t"}

    def end(name: str) -> None:
        nonlocal is_value, cells
        is_value = False
        if name != "c" or not rows:
            return
        value = "".join(cell).strip()
        if is_shared:
            value = shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
        if value:
            rows[-1].append(value)
            cells += 1

    def words(data: str) -> None:
        if is_value:
            cell.append(data)

    walk(archive, part, start, end, words, lambda: cells > MOST_CELLS)
    return [" · ".join(row) for row in rows if row]
