"""How an item is cited: APA, Chicago, BibTeX and RIS, in the item's own language. Pure functions.

APA: Publication Manual, 7th edition, 10.16 (webpages). Chicago: Manual of Style, 17th edition, 15.50–15.51 (author-date).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.encoding import uri_to_iri
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from knowledge.enums import ItemKind
from knowledge.models import Item, Revision
from knowledge.models.dublin_core import PUBLISHER

LATIN = re.compile(r"^[A-Za-z\u00c0-\u024f.'’\- ]+$")
#: Kinds in the words of RIS; all else is a page of the web.
RIS_TYPES = {ItemKind.VIDEO: "VIDEO", ItemKind.RESEARCH: "RPRT", ItemKind.CASE_STUDY: "RPRT"}
TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


@dataclass(frozen=True)
class Work:
    """What citing needs: a body or a person as author, and where and when it was published."""

    key: str
    author: str
    is_body: bool
    title: str
    published_on: date
    url: str
    language: str
    kind: str
    summary: str = ""
    keywords: tuple[str, ...] = ()


def work_of(item: Item, revision: Revision, keywords: tuple[str, ...] = ()) -> Work:
    """A published item as something to cite, by its organisation, else by the network: citations travel, names do not."""
    assert item.published_at
    with translation.override(revision.language):
        author = item.organisation.name if item.organisation else PUBLISHER
    return Work(
        key=f"munistem{item.pk}",
        author=author,
        is_body=True,
        title=revision.title,
        published_on=timezone.localtime(item.published_at).date(),
        url=settings.BASE_URL + item.get_absolute_url(),
        language=revision.language,
        kind=revision.kind,
        summary=revision.summary,
        keywords=keywords,
    )


def inverted(name: str) -> tuple[str, str]:
    """Surname and the rest of a name in Latin letters; names in other letters stay as their owners write them."""
    first, _space, last = name.rpartition(" ")
    return (last, first) if first and LATIN.match(name) else (name, "")


def apa(work: Work) -> SafeString:
    """``Author. (2026, November 26). *Title*. muni:STEM. address``; an author that is the publisher is named once."""
    last, first = ("", "") if work.is_body else inverted(work.author)
    initials = " ".join(f"{part[0]}." for part in re.split(r"[ \-]+", first) if part)
    author = f"{last}, {initials}" if initials else work.author
    with translation.override(work.language):
        # Translators: a Django date format of citations in APA style: "2026, November 26".
        day = date_format(work.published_on, pgettext("date format of APA", "Y, F j"))
    site = "" if work.author == PUBLISHER else format_html("<bdi>{}</bdi>. ", PUBLISHER)
    return format_html(
        "{} ({}). <cite>{}</cite> {}{}", ended(author), day, ended(work.title), site, address(work)
    )


def chicago(work: Work) -> SafeString:
    """``Author. 2026. “Title.” muni:STEM. November 26, 2026. address``"""
    last, first = ("", "") if work.is_body else inverted(work.author)
    author = f"{last}, {first}" if first else work.author
    with translation.override(work.language):
        # Translators: a Django date format of citations in Chicago style: "November 26, 2026".
        day = date_format(work.published_on, pgettext("date format of Chicago", "F j, Y"))
    quoted = f"“{ended(work.title)}”" if work.language == "en" else f"”{work.title}”."
    if work.language == "ar":
        quoted = f"«{work.title}»."
    return format_html(
        "{} {}. {} <bdi>{}</bdi>. {}. {}",
        ended(author),
        work.published_on.year,
        quoted,
        PUBLISHER,
        day,
        address(work),
    )


def address(work: Work) -> SafeString:
    """Where it stands, in the letters of its own language and in the direction of addresses."""
    return format_html('<bdi dir="ltr">{}</bdi>', uri_to_iri(work.url))


def ended(text: str) -> str:
    """With a full stop, unless it ends with a mark of its own."""
    return text if text.endswith((".", "?", "!", "؟")) else f"{text}."


def bibtex(work: Work) -> str:
    """An ``@online`` entry of BibLaTeX that BibTeX reads too; the name of a body stands in braces of its own."""
    author = f"{{{tex(work.author)}}}" if work.is_body or " " not in work.author else tex(work.author)
    fields = {
        "author": author,
        "title": f"{{{tex(work.title)}}}",
        "year": str(work.published_on.year),
        "month": str(work.published_on.month),
        "date": work.published_on.isoformat(),
        "organization": tex(PUBLISHER),
        "url": work.url.replace("%", "\\%").replace("{", "").replace("}", ""),
        "langid": {"he": "hebrew", "ar": "arabic", "en": "english"}[work.language],
        "abstract": tex(work.summary),
        "keywords": tex(", ".join(word.replace(",", " ") for word in work.keywords)),
    }
    told = "".join(f"  {name:<12} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@online{{{work.key},\n{told}}}\n"


def tex(text: str) -> str:
    """Words that TeX prints as they are."""
    return "".join(TEX.get(sign, sign) for sign in " ".join(text.split()))


def ris(work: Work) -> str:
    """A record of RIS, its lines ended as the format asks."""
    last, first = (work.author, "") if work.is_body else inverted(work.author)
    rows: list[tuple[str, str]] = [
        ("TY", RIS_TYPES.get(ItemKind(work.kind), "ELEC")),
        ("AU", f"{last}, {first}" if first else work.author),
        ("TI", work.title),
        ("AB", work.summary),
        *(("KW", word) for word in work.keywords),
        ("PB", PUBLISHER),
        ("PY", str(work.published_on.year)),
        ("DA", work.published_on.strftime("%Y/%m/%d")),
        ("LA", work.language),
        ("UR", work.url),
        ("ID", work.key),
    ]
    told = "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in rows if value.strip())
    return f"{told}ER  - \r\n"


#: Style → words, extension and content type of those that are files.
STYLES: dict[str, Callable[[Work], Any]] = {"apa": apa, "chicago": chicago, "bib": bibtex, "ris": ris}
FILES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
}
