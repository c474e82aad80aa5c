"""Rich text as people write it: what is kept, and how it reads as plain text."""

import html as entities
import re

import nh3

TAGS = {"p", "br", "strong", "em", "u", "s", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "code", "pre", "hr", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
BLOCKS = re.compile(r"</(?:p|li|h2|h3|h4|blockquote|tr|pre)>|<br ?/?>|<hr ?/?>")
EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Strike": True,
    "HardBreak": True,
    "Heading": {"levels": [2, 3]},
    "Blockquote": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "HorizontalRule": True,
    "Link": {"protocols": ["http", "https", "mailto"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "History": True,
}


CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={
        "a": {"href", "title"},
        "th": {"colspan", "rowspan"},
        "td": {"colspan", "rowspan"},
        "ol": {"start"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener nofollow ugc",
    strip_comments=True,
)
STRIPPER = nh3.Cleaner(tags=set())
#: nh3 takes time by the square of what is nested: 0.2 s for so many, minutes for as many as a form takes.
MOST_TAGS = 5_000
ANY_TAG = re.compile(r"<[^<>]*>")


def bounded(html: str) -> str:
    """Rich text as it is or, with more tags than anybody writes, its words alone: a paragraph for each line."""
    if html.count("<") <= MOST_TAGS:
        return html
    words = ANY_TAG.sub("", BLOCKS.sub("\n", html)).replace("<", "&lt;")
    return "".join(f"<p>{line}</p>" for line in words.splitlines() if line.strip())


def clean(html: str) -> str:
    """Keep only what our editor offers; scripts, styles, handlers and odd links go."""
    return CLEANER.clean(bounded(html)).strip()


def plain(html: str) -> str:
    """The words of rich text, a line for each block."""
    text = STRIPPER.clean(BLOCKS.sub("\n", bounded(html)))
    return re.sub(r"\n\s*\n+", "\n", entities.unescape(text)).strip()


def is_empty(html: str) -> bool:
    return not plain(html).strip()
