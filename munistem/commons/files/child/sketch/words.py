"""The first page of a Word document."""

import re
import zipfile

from ..archives import unpacked
from ..limits import MEGABYTE
from ..texts import walk
from .paragraphs import MOST_BLOCKS, MOST_LETTERS, Paragraph, attribute, is_on, is_within

NAMED = re.compile(r"<w:style\b[^>]*w:styleId=\"([^\"]+)\"[^>]*>\s*<w:name w:val=\"([^\"]+)\"", re.IGNORECASE)
BULLETS = ("•", "–", "·")


def first_page(archive: zipfile.ZipFile, first: int, last: int) -> list[dict]:
    """What stands before the first break of a page; where none is known, as much as a page may hold."""
    if first > 1:
        return []
    page = Page(styles_of(archive), numbers_of(archive))
    walk(archive, "word/document.xml", page.start, page.end, page.words, lambda: page.is_over)
    page.close()
    return [{"number": 1, "form": "page", "dir": "", "blocks": page.blocks}]


def styles_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Key of a style → its name, in small letters."""
    if not is_within(archive, "word/styles.xml"):
        return {}
    content = unpacked(archive, "word/styles.xml", 4 * MEGABYTE).decode("utf-8", "replace")
    return {key: name.lower() for key, name in NAMED.findall(content)}


def numbers_of(archive: zipfile.ZipFile) -> dict[tuple[str, int], str]:
    """Number and level of a list → how it is counted ("bullet", "decimal", …)."""
    forms: dict[tuple[str, int], str] = {}
    lists: dict[str, str] = {}
    abstract = number = ""
    level = 0

    def start(name: str, attributes: dict) -> None:
        nonlocal abstract, number, level
        if name == "abstractNum":
            abstract = attribute(attributes, "abstractNumId")
        elif name == "lvl":
            level = as_level(attribute(attributes, "ilvl"))
        elif name == "numFmt":
            forms[abstract, level] = attribute(attributes, "val")
        elif name == "num":
            number = attribute(attributes, "numId")
        elif name == "abstractNumId":
            lists[number] = attribute(attributes, "val")

    if is_within(archive, "word/numbering.xml"):
        nothing = lambda *_: None  # noqa: E731
        walk(archive, "word/numbering.xml", start, nothing, nothing, lambda: len(forms) > 2_000)
    return {
        (number, level): form
        for number, key in list(lists.items())[:500]
        for (owner, level), form in forms.items()
        if owner == key
    }


def as_level(text: str) -> int:
    return min(int(text), 8) if text.isascii() and text.isdigit() and len(text) < 3 else 0


class Page:
    """Reads the document until its first page is over."""

    def __init__(self, styles: dict[str, str], numbers: dict[tuple[str, int], str]):
        self.styles, self.numbers = styles, numbers
        self.blocks: list[dict] = []
        self.open: list[Paragraph] = []
        self.counts: dict[tuple[str, int], int] = {}
        self.rows: list[list[str]] = []
        self.tables = self.skipped = self.settings = self.letters = 0
        self.is_text = self.is_over = False

    def start(self, name: str, attributes: dict) -> None:
        if self.is_over:
            return
        if self.skipped or name in ("Fallback", "sectPr"):
            self.skipped += 1  # what stands in a fallback was said before it
            return
        paragraph = self.open[-1] if self.open else None
        if name == "p":
            self.open.append(Paragraph())
        elif name in ("tbl", "tr", "tc"):
            self.start_table(name)
        elif name in ("lastRenderedPageBreak", "br"):
            self.start_break(name, attributes)
        elif name == "t":
            self.is_text = True
        elif paragraph is not None:
            self.start_within(paragraph, name, attributes)

    def start_within(self, paragraph: Paragraph, name: str, attributes: dict) -> None:
        if name in ("pPr", "rPr"):
            self.settings += 1
        elif name == "pStyle":
            paragraph.style = self.styles.get(attribute(attributes, "val"), "")
        elif name == "numId":
            paragraph.number = attribute(attributes, "val")
        elif name == "ilvl":
            paragraph.level = as_level(attribute(attributes, "val"))
        elif name == "bidi":
            paragraph.turn = "rtl" if is_on(attributes) else "ltr"
        elif name == "tab" and not self.settings:
            paragraph.add("  ")
        elif name == "docPr":
            paragraph.pictures.append(attribute(attributes, "descr"))

    def start_table(self, name: str) -> None:
        if name == "tbl":
            self.tables += 1
        elif self.tables == 1 and name == "tr":
            self.rows.append([])
        elif self.tables == 1 and name == "tc" and self.rows:
            self.rows[-1].append("")

    def start_break(self, name: str, attributes: dict) -> None:
        is_page = name == "lastRenderedPageBreak" or attribute(attributes, "type") == "page"
        if is_page and (self.blocks or self.rows or any(paragraph.has_words for paragraph in self.open)):
            self.is_over = True
        elif not is_page and self.open:
            self.open[-1].add("\n")

    def end(self, name: str) -> None:
        if self.is_over:
            return
        if self.skipped:
            self.skipped -= 1
        elif name == "t":
            self.is_text = False
        elif name in ("pPr", "rPr"):
            self.settings = max(0, self.settings - 1)
        elif name == "p" and self.open:
            self.keep(self.open.pop())
        elif name == "tbl":
            self.tables -= 1
            if not self.tables:
                self.keep_table()

    def words(self, data: str) -> None:
        if self.is_text and not self.skipped and not self.is_over and self.open:
            self.open[-1].add(data)
            self.letters += len(data)
            self.is_over = self.letters > MOST_LETTERS

    def keep(self, paragraph: Paragraph) -> None:
        if self.tables and self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]}\n{paragraph.text}".strip()
            return
        if block := self.block_of(paragraph):
            self.blocks.append(block | ({"dir": paragraph.turn} if paragraph.turn else {}))
        self.blocks += [{"t": "picture", "text": words[:200]} for words in paragraph.pictures[:4]]
        self.is_over = self.is_over or len(self.blocks) > MOST_BLOCKS

    def block_of(self, paragraph: Paragraph) -> dict:
        if not paragraph.text:
            return {}
        style, words = paragraph.style, {"text": paragraph.text}
        if style == "title":
            return {"t": "title", **words}
        if style.startswith(("heading ", "subtitle")):
            return {"t": "h2" if style in ("heading 1", "subtitle") else "h3", **words}
        form = self.numbers.get((paragraph.number, paragraph.level), "")
        if not form and style.startswith(("list bullet", "list number")):
            form = "bullet" if "bullet" in style else "decimal"
        if not form or paragraph.number == "0" or form == "none":
            return {"t": "p", **words}
        return {"t": "li", "level": paragraph.level, "mark": self.mark_of(paragraph, form), **words}

    def mark_of(self, paragraph: Paragraph, form: str) -> str:
        if form == "bullet":
            return BULLETS[paragraph.level % len(BULLETS)]
        key = (paragraph.number or paragraph.style, paragraph.level)
        self.counts[key] = self.counts.get(key, 0) + 1
        return f"{self.counts[key]}."

    def keep_table(self) -> None:
        if any(any(row) for row in self.rows):
            self.blocks.append(
                {"t": "table", "rows": [[cell[:400] for cell in row[:8]] for row in self.rows[:40]]}
            )
        self.rows = []

    def close(self) -> None:
        """What was begun when the page was over belongs to it as far as it came."""
        tables, self.tables = self.tables, min(self.tables, 1)
        while self.open:
            self.keep(self.open.pop(0))
        if tables:
            self.keep_table()
