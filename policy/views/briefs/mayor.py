"""The brief of one recommendation for a mayor, on one or two pages: what, why, by which steps, who is behind it, what next."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members.enums import District, OrganisationType
from members.models import Organisation
from munistem.commons import pdf
from munistem.commons.guards.limits import limited
from munistem.commons.text.languages import pick
from munistem.commons.text.names import listed
from policy.enums import Mandate, Progress
from policy.models import (
    Endorsement,
    EndorsementShare,
    ProgressReport,
    Recommendation,
    RecommendationVersion,
)
from policy.views.adoption import Names
from policy.views.briefs.paper import (
    as_of,
    brief,
    language,
    link,
    number,
    of_all,
    serve_brief,
    stages_of,
)
from policy.views.frame import recommendation_of
from policy.views.wording import sections_of

MOST_NAMES = 60
NAMES = {f"name_{code}": F(f"organisation__name_{code}") for code in ("he", "ar", "en")}
PLACE = {"district": F("organisation__authority__district"), "kind": F("organisation__type")}
BEHIND = (Progress.DONE, Progress.UNDER_WAY)


@limited("pdf", 120, 3600, methods=("GET",))
@require_safe
def serve_recommendation_brief(request: HttpRequest, slug: str) -> HttpResponse:
    """A recommendation as a brief in the reader's language; it tells everyone the same, so that it may be handed on."""
    recommendation = recommendation_of(request, slug)
    version = recommendation.current_version
    if version is None:
        raise Http404
    version.recommendation = recommendation
    told = brief_of(recommendation, version)
    return serve_brief(
        request, told, of=f"recommendation-{recommendation.pk}", name=f"{slug}-{version.number}-{language()}"
    )


def brief_of(recommendation: Recommendation, version: RecommendationVersion) -> dict[str, Any]:
    said = {section["key"]: section for section in sections_of(version, language())}
    behind = behind_of(recommendation)
    return brief(
        title=version.title,
        path=recommendation.get_absolute_url(),
        kind=_("For the mayor · recommendation %(number)s of the network, version %(version)s")
        % {"number": recommendation.number, "version": version.number},
        summary=version.summary,
        stages=stages_of(version.life_stages),
        scale=1.08,
        mark="" if version.is_in_force else _("Withdrawn"),
        body=pdf.root(
            outdated(version),
            pdf.tiles(tiles_of(behind)),
            pdf.small(_("Source: answers confirmed by the network and public reports.") + f" {as_of()}."),
            *words_of(said, has_done=bool(behind.towns)),
            *who_of(behind),
            next_of(recommendation),
        ),
    )


def outdated(version: RecommendationVersion) -> dict[str, Any] | None:
    if not version.is_outdated(language()):
        return None
    told = _("This translation follows an earlier Hebrew text. Where they differ, the Hebrew counts.")
    return pdf.box(pdf.paragraph(told), tone="clay")


# What it says --------------------------------------------------------------------------------------------


def words_of(said: dict[str, dict[str, Any]], *, has_done: bool) -> list[Any]:
    """Reasons, what they rest on, steps, cost and effort, each under its heading; has_done: whether one can be asked."""
    nodes: list[Any] = []
    for key in ("rationale", "evidence", "actions"):
        if section := said.get(key):
            texts = [row.text for row in section["paragraphs"]]
            nodes.append(pdf.heading(str(section["heading"])))
            nodes += [pdf.lists(texts)] if section["is_steps"] else [pdf.of_text("\n\n".join(texts))]
    told = (
        "\n\n".join(row.text for row in said["cost"]["paragraphs"]) if "cost" in said else unwritten(has_done)
    )
    nodes.append(pdf.box(pdf.heading(_("Cost and effort"), 3), pdf.of_text(told)))
    return nodes


def unwritten(has_done: bool) -> str:
    if has_done:
        return _("Not written in this version: ask a municipality below that has done it.")
    return _("Not written in this version.")


# Who is behind it ----------------------------------------------------------------------------------------


@dataclass
class Behind:
    """Municipalities and clusters that endorse: names and districts, mandates, how the work goes; members by district."""

    towns: list[tuple[str, str]] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    mandates: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    members: Counter[str] = field(default_factory=Counter)

    @property
    def answers(self) -> int:
        return self.mandates.total()


def behind_of(recommendation: Recommendation) -> Behind:
    """As everyone is told it; four queries. A municipality counts once, by itself or with its cluster."""
    found, everyone = Behind(), AnonymousUser()
    answers = Endorsement.objects.visible_to(everyone).endorsing().filter(recommendation=recommendation)
    for row in answers.by_organisation().values("mandate", **NAMES, **PLACE):
        found.mandates[row["mandate"]] += 1
        if row["kind"] == OrganisationType.MUNICIPALITY:
            found.towns.append((pick(Names(row), "name"), row["district"] or ""))
        else:
            found.clusters.append(pick(Names(row), "name"))
    shares = EndorsementShare.objects.visible_to(everyone).counted()
    shares = shares.filter(endorsement__recommendation=recommendation).order_by("organisation__sort_name")
    for row in shares.values(**NAMES, **PLACE):
        found.towns.append((pick(Names(row), "name"), row["district"] or ""))
    reports = ProgressReport.objects.visible_to(everyone).latest_of_each()
    reports = reports.filter(endorsement__in=answers.values("pk")).order_by()
    found.states.update(reports.values_list("status", flat=True))
    found.members.update(members_by_district())
    return found


def members_by_district() -> dict[str, int]:
    members = Organisation.objects.members().filter(type=OrganisationType.MUNICIPALITY).order_by()
    counted = members.values_list("authority__district").annotate(count=Count("pk"))
    return {district or "": count for district, count in counted}


def tiles_of(behind: Behind) -> list[pdf.Tile]:
    members, answers = behind.members.total(), behind.answers
    endorsed = pdf.Tile(
        _("Municipalities that endorse it"),
        number(len(behind.towns)),
        _("of %(count)s in the network") % {"count": number(members)},
    )
    if not answers:
        return [endorsed]
    counts = [
        (_("By a decision of the council"), behind.mandates[Mandate.COUNCIL]),
        (_("Under way or done"), sum(behind.states[state] for state in BEHIND)),
        (_("No public report yet"), answers - behind.states.total()),
    ]
    return [endorsed, *(pdf.Tile(label, number(count), of_answers(answers)) for label, count in counts)]


def of_answers(count: int) -> str:
    told = ngettext("of one endorsement", "of %(count)s endorsements", count)
    return told % {"count": number(count)}


def who_of(behind: Behind) -> list[Any]:
    """Endorsers of each district out of the members there, and their names."""
    if not behind.towns and not behind.clusters:
        return [
            pdf.heading(_("Who endorsed it")),
            pdf.paragraph(_("No municipality has endorsed it yet. Yours can be the first.")),
        ]
    here = Counter(district for _name, district in behind.towns)
    rows = [
        pdf.Bar(label, here[code] / behind.members[code], of_all(here[code], behind.members[code]))
        for code, label in [*((one.value, str(one.label)) for one in District), ("", _("District not known"))]
        if behind.members[code]
    ]
    told = "; ".join(f"{row.label}: {row.shown}" for row in rows)
    chart = pdf.bars(
        rows,
        alt=_("Municipalities that endorse it, of the members in each district: %(told)s") % {"told": told},
        caption=_("Municipalities that endorse it, of the members in each district. Source: the network.")
        + f" {as_of()}.",
        whole=1,
    )
    return [pdf.heading(_("Who endorsed it")), pdf.beside(chart, names_of(behind), widths=[3, 2])]


def names_of(behind: Behind) -> dict[str, Any]:
    names = [name for name, _district in behind.towns]
    told = listed(names[:MOST_NAMES])
    if more := len(names) - MOST_NAMES:
        told += _(" and %(count)s more") % {"count": number(more)} if more > 0 else ""
    clusters = listed(behind.clusters)
    joint = _("Regional clusters: %(names)s") % {"names": clusters} if clusters else ""
    return pdf.root(
        pdf.paragraph(pdf.strong(_("By name:")), " ", told), pdf.paragraph(joint) if joint else None
    )


def next_of(recommendation: Recommendation) -> dict[str, Any]:
    """What a mayor does now, with the addresses as they are typed."""
    answer = reverse("endorse_recommendation", args=[recommendation.slug])
    steps = [
        _("Decide: by your declaration, by the council, or in the work plan of a department."),
        _("Name who is responsible, the first actions and a day by which they are done."),
        pdf.root(_("Your representative sends the signed page here:") + " ", link(answer)),
        pdf.root(_("Not in the network yet? Joining costs nothing:") + " ", link("/join/")),
        _("Twice a year one question follows: how does it go? One word is an answer."),
    ]
    return pdf.box(
        pdf.heading(_("What a mayor does next"), 3), pdf.lists(steps, is_numbered=True), tone="leaf"
    )
