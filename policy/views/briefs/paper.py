"""What all briefs on paper have in common: how figures are said, and how a document is given to its reader."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.encoding import uri_to_iri
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.views.out import END, LTR, said_day
from munistem.commons import pdf
from munistem.commons.downloads import as_file
from munistem.commons.enums import LifeStage

#: Arabic vowel marks: drawn over letters, they come out of a PDF in another order than they were put in.
MARKS = re.compile("[\u064b-\u0652\u0670]")


def language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]


def address(path: str) -> str:
    """An address of the portal as it is printed, readable in every language."""
    return uri_to_iri(settings.BASE_URL + path)


def link(path: str, words: str = "") -> dict[str, Any]:
    """A link on paper: its words, else the whole address in its own direction."""
    url = address(path)
    return {"t": "a", "href": url, "c": [words or f"{LTR}{url}{END}"]}


def number(value: float, *, is_rough: bool = False) -> str:
    """A number with its thousands apart; an estimate has a sign of about before it, in every script."""
    told = number_format(value, 0, force_grouping=True)
    return f"{LTR}~{told}{END}" if is_rough else told


def of_all(part: float, whole: float) -> str:
    return _("%(part)s of %(whole)s") % {"part": number(part), "whole": number(whole)}


def percent(value: float) -> str:
    return f"{round(value)}%"


def as_of() -> str:
    """The day on which a paper says what it says."""
    return _("As of %(day)s") % {"day": said_day(timezone.localdate())}


def stages_of(codes: list[str]) -> list[dict[str, bool]]:
    return [{"is_on": code in codes} for code in LifeStage.values] if codes else []


def brief(*, title: str, path: str, body: dict[str, Any], **told: Any) -> dict[str, Any]:
    """A document that is read at a glance, in the reader's language."""
    return unmarked(
        pdf.page(
            language=language(),
            title=title,
            url=address(path),
            body=body,
            author=["muni:STEM"],
            form="brief",
            **told,
        )
    )


def unmarked(told: Any) -> Any:
    """The same without vowel marks, so that what is copied out of the PDF is found again."""
    if isinstance(told, str):
        return MARKS.sub("", told)
    if isinstance(told, list):
        return [unmarked(one) for one in told]
    return {name: unmarked(one) for name, one in told.items()} if isinstance(told, dict) else told


def serve_brief(request: HttpRequest, told: dict[str, Any], *, of: str, name: str) -> HttpResponse:
    """The document as PDF; of: of which thing it is, as ``pdf.document`` knows it; name: of the file."""
    try:
        made = pdf.document(told, of=of)
    except pdf.Failed:
        return render(request, "policy/no_paper.html", {"crumbs": []}, status=503)
    return as_pdf(made, name)


def as_pdf(made: bytes, name: str) -> HttpResponse:
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    return as_file(response, f"{name}.pdf")
