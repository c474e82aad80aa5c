"""The recommendations of the network with the standing of one municipality, as a brief on one or two pages."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from members.models import Organisation
from munistem.commons import pdf
from munistem.commons.guards.limits import limited
from policy import rules
from policy.enums import Progress
from policy.views.briefs.commitments import (
    Commitment,
    answer_words,
    commitments_of,
    evidence_of,
    next_words,
    status_words,
    target_words,
)
from policy.views.briefs.paper import as_of, brief, language, link, number, serve_brief
from policy.views.organisation import organisation_of

LONGEST = 420  # of a report, in letters


@limited("pdf", 120, 3600, methods=("GET",))
@require_safe
def serve_standing_brief(request: HttpRequest, slug: str) -> HttpResponse:
    """All recommendations in force with the organisation's answers, as far as the reader may know of them."""
    organisation = organisation_of(request, slug)
    if organisation.type not in rules.ANSWERING:
        raise Http404
    rows = commitments_of(request.user, Organisation.objects.filter(pk=organisation.pk), with_steps=True)
    told = standing_of(organisation, rows)
    return serve_brief(request, told, of=f"organisation-{organisation.pk}", name=f"{slug}-{language()}")


def standing_of(organisation: Organisation, rows: list[Commitment]) -> dict[str, Any]:
    return brief(
        title=_("%(name)s and the recommendations of the network") % {"name": organisation.name},
        path=organisation.get_absolute_url(),
        kind=as_of(),
        summary=_("What was endorsed, how the work goes, and what comes next."),
        body=pdf.root(
            pdf.tiles(tiles_of(rows)),
            pdf.small(_("Source: answers confirmed by the network, and the reports of the municipality.")),
            pdf.heading(_("At a glance")),
            table_of(rows),
            *details_of(rows),
        ),
    )


def tiles_of(rows: list[Commitment]) -> list[pdf.Tile]:
    all_, endorsed = number(len(rows)), [row for row in rows if row.is_endorsed]
    of_endorsed = ngettext("of one endorsed", "of %(count)s endorsed", len(endorsed))
    of_endorsed %= {"count": number(len(endorsed))}
    done = [row for row in endorsed if row.status == Progress.DONE]
    silent = [row for row in endorsed if not row.status]
    return [
        pdf.Tile(
            pgettext("in a brief", "Endorsed"),
            number(len(endorsed)),
            _("of %(count)s recommendations") % {"count": all_},
        ),
        pdf.Tile(
            pgettext("in a brief", "Not answered"),
            number(sum(row.answer is None for row in rows)),
            _("of %(count)s recommendations") % {"count": all_},
        ),
        pdf.Tile(pgettext("in a brief", "Done"), number(len(done)), of_endorsed),
        pdf.Tile(_("Nobody reported yet"), number(len(silent)), of_endorsed),
    ]


def table_of(rows: list[Commitment]) -> dict[str, Any] | None:
    head = [_("Recommendation"), _("Answer"), _("How it goes"), _("Target date"), _("Next step")]
    told = [
        [named(row), answer_words(row), status_words(row), target_words(row), next_words(row)] for row in rows
    ]
    return pdf.grid(head, told, widths=[26, 28, 20, 15, 24])


def named(row: Commitment) -> str:
    return f"{row.recommendation.number}. {row.recommendation.title}"


def details_of(rows: list[Commitment]) -> list[Any]:
    """What was reported on each, with its evidence and the address of the answer."""
    nodes: list[Any] = []
    for row in rows:
        if row.report and row.answer:
            nodes += [pdf.heading(named(row), 3)]
            if row.report.body:
                nodes.append(pdf.of_text(Truncator(row.report.body).chars(LONGEST)))
            if seen := evidence_of(row):
                nodes.append(pdf.paragraph(_("Evidence") + ": ", *evidence_nodes(seen)))
            nodes.append(pdf.small(link(row.answer.get_absolute_url())))
    return [pdf.heading(_("What was reported")), *nodes] if nodes else []


def evidence_nodes(seen: list[tuple[str, str]]) -> list[Any]:
    nodes: list[Any] = []
    for words, url in seen:
        nodes += ["; "] if nodes else []
        if url.startswith("/"):
            nodes.append(link(url, words))
        else:
            nodes.append({"t": "a", "href": url, "c": [words]} if url else words)
    return nodes
