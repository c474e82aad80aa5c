"""Taking an item along: as a page on paper, as a citation for reference managers."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.encoding import uri_to_iri
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from knowledge.actions import citations
from knowledge.actions.keep import papers_of
from knowledge.enums import UseKind
from knowledge.models import Item, Revision
from knowledge.models.details import DATE
from knowledge.views.item import item_of, page_of_revision, shown_revision
from knowledge.views.used import count_use
from munistem.commons import pdf
from munistem.commons.downloads import as_file
from munistem.commons.enums import LifeStage
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import listed

#: On paper these signs keep an address in its own direction, as elements do on a page (Unicode isolates).
LTR, END = "\u2066", "\u2069"


@require_safe
def serve_citation(request: HttpRequest, slug: str, style: str) -> HttpResponse:
    """A citation as a file for reference managers: ``bib`` or ``ris``."""
    item = item_of(request, slug)
    if style not in citations.FILES or not item.published_id:
        raise Http404
    revision = Revision.objects.prefetch_related("tags").get(pk=item.published_id)
    with translation.override(revision.language):
        work = citations.work_of(item, revision, tuple(term.label for term in revision.tags.all()))
    response = HttpResponse(citations.STYLES[style](work), content_type=citations.FILES[style])
    return as_file(response, f"{item.slug}.{style}")


# On paper ------------------------------------------------------------------------------------------------


@limited("pdf", 120, 3600, methods=("GET",))
@require_safe
def serve_item_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """What an item says, as PDF in its own language."""
    item = item_of(request, slug)
    revision = shown_revision(item, is_keeper=False)
    with translation.override(revision.language):
        told = paper_of(request, item, revision)
    try:
        made = pdf.document(told, of=papers_of(item))
    except pdf.Failed:
        return render(request, "knowledge/no_paper.html", {"item": item, "crumbs": []}, status=503)
    count_use(request, item, UseKind.DOWNLOAD)
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    return as_file(response, f"{item.slug}.pdf")


def paper_of(request: HttpRequest, item: Item, revision: Revision) -> dict[str, Any]:
    """The document of a revision, in the active language; what the reader may not know of is not in it."""
    known = page_of_revision(request, item, revision)
    return pdf.page(
        language=revision.language,
        title=revision.title,
        url=uri_to_iri(settings.BASE_URL + item.get_absolute_url()),
        body=pdf.tree(revision.body),
        author=[item.organisation.name if item.organisation else citations.PUBLISHER],
        keywords=[str(tag["label"]) for tag in known["tags"]],
        kind=str(revision.get_kind_display()),
        summary=revision.summary,
        stages=[{"is_on": code in revision.life_stages} for code in LifeStage.values]
        if revision.life_stages
        else [],
        facts=facts_of(item, revision, known),
        sections=sections_of(item, revision, known),
    )


def facts_of(item: Item, revision: Revision, known: dict[str, Any]) -> list[tuple[str, str]]:
    place = revision.authority.name if revision.authority else revision.get_region_display()
    return [
        (_("Life stages"), listed(map(str, known["stage_labels"]))),
        (_("Settings"), listed(map(str, known["setting_labels"]))),
        (_("Organisation"), item.organisation.name if item.organisation else ""),
        (_("Municipality") if revision.authority else _("Region"), str(place or "")),
        (_("Year it tells of"), str(revision.year or "")),
        (_("Who is to use it"), listed(map(str, known["audience_labels"]))),
        (_("Tags"), listed(str(tag["label"]) for tag in known["tags"])),
        *(said_detail(detail) for detail in known["facts"]),
        (_("Whom to ask"), revision.contact),
        (_("How others may use it"), str(revision.get_licence_display())),
        (_("Published"), said_day(item.published_at)),
        (_("Valid until"), said_day(known["valid_until"])),
    ]


def sections_of(item: Item, revision: Revision, known: dict[str, Any]) -> list[dict[str, Any]]:
    """After the text: the longer fields of its kind, voices, files and links, how to cite it."""
    sections = [pdf.section(*said_detail(detail)) for detail in known["details"]]
    voices = known["voices"]
    if voices["quoted"]:
        quotes = [f"{voice['quote']}\n– {voice['byline']}" for voice in voices["quoted"]]
        sections.append(pdf.section(_("In the words of colleagues"), "\n\n".join(quotes)))
    if voices["named"]:
        sections.append(
            pdf.section(_("Took part in it"), "\n".join(voice["byline"] for voice in voices["named"]))
        )
    for title, rows in ((_("Files"), known["files"]), (_("Links"), known["links"])):
        if rows:
            pairs = [(row.get("title") or row["name"], whole(row["url"])) for row in rows]
            sections.append(pdf.section(title, pdf.links(pairs)))
    if item.published_id == revision.pk:
        sections.append(pdf.section(_("To cite"), cited(item, revision)))
    return sections


def said_detail(detail: dict[str, Any]) -> tuple[str, str]:
    """Label and value of a field that its kind has of its own."""
    value = said_day(detail["value"]) if detail["form"] == DATE else str(detail["value"])
    return str(detail["label"]), value


def cited(item: Item, revision: Revision) -> dict[str, Any]:
    words = citations.apa(citations.work_of(item, revision))
    words = words.replace('<bdi dir="ltr">', LTR).replace("</bdi>", END)
    return pdf.tree(f"<p>{words}</p>")


def said_day(value: Any) -> str:
    """A day with its year, on paper."""
    # Translators: a Django date format, as above, with the year.
    return date_format(value, pgettext("date format", "j F Y")) if value else ""


def whole(url: str) -> str:
    return settings.BASE_URL + url if url.startswith("/") else url
