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


def clean(html: str) -> str:
    """Keep only what our editor offers; scripts, styles, handlers and odd links go."""
    return CLEANER.clean(html).strip()


def plain(html: str) -> str:
    """The words of rich text, a line for each block."""
    text = STRIPPER.clean(BLOCKS.sub("\n", html))
    return re.sub(r"\n\s*\n+", "\n", entities.unescape(text)).strip()


def is_empty(html: str) -> bool:
    return not plain(html).strip()
