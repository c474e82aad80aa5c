"""The slides of a presentation: title first, then what stands on it in its order."""

import re
import zipfile

from ..office import elements, in_order
from ..texts import walk
from .paragraphs import MOST_BLOCKS, MOST_LETTERS, Paragraph, attribute

TITLES = ("title", "ctrTitle")
#: Places of a layout that say nothing of the slide itself.
FURNITURE = ("dt", "ftr", "sldNum", "hdr")
#: Places whose lines are points unless they say otherwise.
POINTS = ("", "body", "obj")


def slides(archive: zipfile.ZipFile, first: int, last: int) -> list[dict]:
    """The slides from first to last, in the order of the show."""
    parts = in_order(archive, "ppt/presentation.xml", "sldId", r"ppt/slides/slide(\d+)\.xml")
    ratio = ratio_of(archive)
    sheets = []
    for number, part in enumerate(parts[first - 1 : last], first):
        slide = Slide()
        walk(archive, part, slide.start, slide.end, slide.words, lambda slide=slide: slide.is_over)  # type: ignore[misc]
        blocks = slide.titles + slide.blocks
        sheets.append({"number": number, "form": "slide", "dir": "", "ratio": ratio, "blocks": blocks})
    return sheets


def ratio_of(archive: zipfile.ZipFile) -> float:
    """Height to width of the slides, within reason."""
    size = next(iter(elements(archive, "ppt/presentation.xml", "sldSz")), {})
    width, height = (size.get(name, "") for name in ("cx", "cy"))
    if not (re.fullmatch(r"\d{1,9}", width) and re.fullmatch(r"\d{1,9}", height) and int(width)):
        return 0.5625
    return round(min(max(int(height) / int(width), 0.4), 1.6), 4)


class Slide:
    """Reads one slide."""

    def __init__(self) -> None:
        self.titles: list[dict] = []
        self.blocks: list[dict] = []
        self.paragraph: Paragraph | None = None
        self.rows: list[list[str]] = []
        self.place: str | None = None
        self.skipped = self.tables = self.letters = 0
        self.is_text = self.is_over = self.is_picture = False

    def start(self, name: str, attributes: dict) -> None:
        if self.is_over:
            return
        if self.skipped or name == "Fallback":
            self.skipped += 1
        elif name in ("sp", "pic", "graphicFrame"):
            self.place, self.is_picture = None, name == "pic"
        elif name == "ph":
            self.place = attribute(attributes, "type")
        elif name == "cNvPr" and self.is_picture:
            self.blocks.append({"t": "picture", "text": attribute(attributes, "descr")[:200]})
            self.is_picture = False
        elif name == "p":
            self.paragraph = Paragraph()
        elif name in ("tbl", "tr", "tc"):
            self.start_table(name)
        elif name == "t":
            self.is_text = True
        elif self.paragraph is not None:
            self.start_within(self.paragraph, name, attributes)

    def start_within(self, paragraph: Paragraph, name: str, attributes: dict) -> None:
        if name == "pPr":
            level = attribute(attributes, "lvl")
            paragraph.level = int(level) if re.fullmatch(r"[0-8]", level) else 0
            paragraph.turn = {"1": "rtl", "0": "ltr"}.get(attribute(attributes, "rtl"), "")
        elif name in ("buNone", "buChar", "buAutoNum"):
            paragraph.mark = name
        elif name == "br":
            paragraph.add("\n")

    def start_table(self, name: str) -> None:
        if name == "tbl":
            self.tables += 1
        elif name == "tr":
            self.rows.append([])
        elif self.rows:
            self.rows[-1].append("")

    def end(self, name: str) -> None:
        if self.is_over:
            return
        if self.skipped:
            self.skipped -= 1
        elif name == "t":
            self.is_text = False
        elif name == "p" and self.paragraph is not None:
            self.keep(self.paragraph)
            self.paragraph = None
        elif name == "tbl":
            self.tables -= 1
            if any(any(row) for row in self.rows):
                rows = [[cell[:300] for cell in row[:8]] for row in self.rows[:30]]
                self.blocks.append({"t": "table", "rows": rows})
            self.rows = []

    def words(self, data: str) -> None:
        if self.is_text and not self.skipped and self.paragraph is not None:
            self.paragraph.add(data)
            self.letters += len(data)
            self.is_over = self.letters > MOST_LETTERS

    def keep(self, paragraph: Paragraph) -> None:
        if not paragraph.text or self.place in FURNITURE:
            return
        if self.tables and self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]}\n{paragraph.text}".strip()
            return
        block = {"text": paragraph.text} | ({"dir": paragraph.turn} if paragraph.turn else {})
        if self.place in TITLES:
            self.titles.append({"t": "title", **block})
        elif self.place == "subTitle":
            self.blocks.append({"t": "h3", **block})
        elif paragraph.mark != "buNone" and (self.place in POINTS or paragraph.mark):
            self.blocks.append({"t": "li", "level": paragraph.level, "mark": "•", **block})
        else:
            self.blocks.append({"t": "p", **block})
        self.is_over = self.is_over or len(self.blocks) > MOST_BLOCKS
