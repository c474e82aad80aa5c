"""The words of an HTML mail as plain text, in one pass: a hostile page may be large and nested without end."""

import re
from html import unescape

from munistem.commons.mail.quoting import CUT

LONGEST_PAGE = 600_000
LONGEST_TAG = 3_000
BLOCKS = re.compile(
    r"p|div|tr|li|[uo]l|table|blockquote|hr|pre|h[1-6]|section|article|header|footer|center|body|address|d[dt]"
)
SILENT = frozenset({"style", "script", "head", "title", "xml", "noscript", "template"})
#: Names that mail programs give to the mail that is answered, and to signatures.
MARKS = re.compile(
    r"(?:class|id|type|name)\s*=\s*[\"']?[^\"'<>]*?(?:gmail_quote|gmail_attr|gmail_extra|gmail_signature|yahoo_quoted|divrplyfwdmsg|"
    r"appendonsend|moz-cite-prefix|moz-signature|outlookmessageheader|protonmail_quote|protonmail_signature|"
    r"ms-outlook-mobile-signature|ms-outlook-mobile-reference|quoted-?text|applemailsignature)|type\s*=\s*[\"']?cite|\bid\s*=\s*[\"']?signature\b",
    re.IGNORECASE,
)
LINK = re.compile(r"href\s*=\s*[\"']?(https?://[^\"'\s<>]{1,500})", re.IGNORECASE)
NAME = re.compile(r"/?\s*([a-z][a-z0-9:]*)", re.IGNORECASE)


class Reader:
    """Lines as tags come by: blocks begin a new one, as browsers show it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.silent = ""
        self.link = ""
        self.since = 0

    def tag(self, inside: str) -> None:
        found = NAME.match(inside)
        if found is None:
            return
        name, is_end = found[1].lower(), inside.startswith("/")
        if self.silent:
            if is_end and name == self.silent:
                self.silent = ""
            return
        if name in SILENT:
            self.silent = "" if is_end or inside.endswith("/") else name
        elif name == "a":
            self.anchor(inside, is_end=is_end)
        elif name in {"td", "th"}:
            self.line.append(" ")
        elif name == "br":
            self.end_line()
        elif BLOCKS.fullmatch(name):
            self.block(name, inside, is_end=is_end)
        if not is_end and MARKS.search(inside):
            self.end_block()
            self.lines.append(CUT)

    def block(self, name: str, inside: str, *, is_end: bool) -> None:
        self.end_block()
        if name == "p" and not is_end and self.lines and self.lines[-1] and "MsoNormal" not in inside:
            self.lines.append("")
        if name == "li" and not is_end:
            self.line.append("• ")

    def anchor(self, inside: str, *, is_end: bool) -> None:
        if not is_end:
            found = LINK.search(inside)
            self.link, self.since = unescape(found[1]) if found else "", len(self.line)
        elif self.link:
            said = "".join(self.line[self.since :]).strip()
            if said and said.rstrip("/") not in self.link:
                self.line.append(f" ({self.link})")
            self.link = ""

    def text(self, words: str) -> None:
        if not self.silent and words:
            self.line.append(re.sub(r"\s+", " ", unescape(words)))

    def end_block(self) -> None:
        if "".join(self.line).strip():
            self.end_line()
        self.line = []

    def end_line(self) -> None:
        self.lines.append("".join(self.line).strip())
        self.line = []


def text_of_html(page: str) -> str:
    """The words of a page, a line for each block; ``quoting.CUT`` in a line of its own where a mark says that more is not the answer."""
    reader, in_comment = Reader(), False
    first, *rest = page[:LONGEST_PAGE].split("<")
    reader.text(first)
    for piece in rest:
        if in_comment or piece.startswith("!--"):
            in_comment = "-->" not in piece
            inside, words = "", piece.partition("-->")[2]
        else:
            inside, _end, words = piece.partition(">")
        if inside:
            reader.tag(inside[:LONGEST_TAG])
        reader.text(words)
    reader.end_block()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(reader.lines)).strip()


def unfolded(text: str, *, drops_space: bool) -> str:
    """Paragraphs of a text whose lines were folded for the way (RFC 3676, format=flowed)."""
    made: list[str] = []
    goes_on = False
    for line in text.splitlines():
        is_soft = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if goes_on and not line.startswith(">"):
            made[-1] += line.removeprefix(" ")
        else:
            made.append(line.removeprefix(" ") if line.startswith(" ") else line)
        goes_on = is_soft
        if is_soft and drops_space:
            made[-1] = made[-1][:-1]
    return "\n".join(made)
