"""What the readers of pages share: paragraphs, attributes, and how much a page may hold."""

import re
import zipfile

MOST_LETTERS = 6_000
MOST_BLOCKS = 80


class Paragraph:
    """A paragraph while it is read."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.pictures: list[str] = []
        self.style = self.number = self.turn = self.mark = ""
        self.level = 0

    def add(self, words: str) -> None:
        self.parts.append(words)

    @property
    def has_words(self) -> bool:
        return any(part.strip() for part in self.parts)

    @property
    def text(self) -> str:
        """Its words, clean of what cannot be written, a line each."""
        text = "".join(self.parts)[:MOST_LETTERS]
        text = "".join(sign if sign == "\n" or sign >= " " else " " for sign in text)
        text = "".join(sign for sign in text if not "\ud800" <= sign <= "\udfff")
        return re.sub(r" *\n *", "\n", re.sub(r" {3,}", "   ", text)).strip()


def attribute(attributes: dict, name: str) -> str:
    """An attribute by its name without prefix, or ""."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


def is_on(attributes: dict) -> bool:
    """Whether a property of Word is on: it is when nothing else is said."""
    return attribute(attributes, "val") not in ("0", "false", "off")


def is_within(archive: zipfile.ZipFile, part: str) -> bool:
    return part in archive.namelist()
