"""What the network recommends, where it came from, and one recommendation with everything that hangs on it."""

from collections import Counter
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge.models import Item
from members.enums import OrganisationType
from members.models import Organisation
from munistem.commons.text.languages import pick
from munistem.commons.text.pages import page_of
from policy import rules
from policy.enums import EndorsementState, Mandate, Stance, VersionState
from policy.forms import LinkItemForm
from policy.models import (
    Consultation,
    Endorsement,
    EndorsementShare,
    ProgressReport,
    Recommendation,
    RecommendationVersion,
    Roundtable,
)
from policy.models.behind import each_once, with_shares
from policy.views.frame import TONES, crumbs_of, recommendation_of, towns_of
from policy.views.timeline import SHOWN, timeline_of
from policy.views.wording import language_of, wording_of

ENDORSERS_A_PAGE, LATEST_REPORTS, MOST_REPORTS, MOST_ITEMS = 24, 4, 60, 12
MOST_IN_TABLE = 300
#: What the list and the map show of each answer, without making objects of it.
ROW = ("pk", "stance", "mandate", "decided_on", "answered_at", "version__number")
ROW += ("organisation", "organisation__type", "organisation__sort_name")
NAMES = ("organisation__name_he", "organisation__name_ar", "organisation__name_en")
PLACE = ("organisation__authority__lat", "organisation__authority__lon")


@require_safe
def show_policy(request: HttpRequest) -> HttpResponse:
    """The recommendations, how many endorsed each, and what the reader's municipality answered."""
    user = request.user
    known = Recommendation.objects.visible_to(user).in_force()
    rows = list(known.with_endorsed_count().without_index().in_order())
    towns = towns_of(user)
    answers = own_answers(towns[0]) if towns else {}
    for row in rows:
        row.own = answers.get(row.pk)
    context = {
        "recommendations": rows,
        "roundtables": Roundtable.objects.visible_to(user).latest_first(),
        "town": towns[0] if towns else None,
        "consultations": open_consultations(user),
        "member_count": Organisation.objects.members().filter(type=OrganisationType.MUNICIPALITY).count(),
    }
    return render(request, "policy/policy.html", context)


def open_consultations(user: Any) -> Any:
    """Drafts that the reader may comment on now."""
    rows = Consultation.objects.visible_to(user).open().select_related("version")
    return list(rows.closing_first())


def own_answers(town: Organisation) -> dict[int, dict[str, Any]]:
    """What a municipality answered last to each recommendation: recommendation → badge."""
    shares = EndorsementShare.objects.standing_of(town).select_related("endorsement")
    joint = {row.endorsement.recommendation_id: badge_of_share(row) for row in shares}
    rows = Endorsement.objects.of(town).standing().order_by("submitted_at", "pk")
    own = {row.recommendation_id: (row.stance, badge_of(row)) for row in rows}
    covered = {pk for pk, (stance, _badge) in own.items() if stance != Stance.ENDORSES and pk in joint}
    return joint | {pk: badge for pk, (_stance, badge) in own.items() if pk not in covered}


def badge_of_share(row: EndorsementShare) -> dict[str, Any]:
    if row.is_waiting:
        return {
            "url": row.get_absolute_url(),
            "label": _("With our cluster?"),
            "tone": "sun",
            "icon": "clock",
        }
    url = row.endorsement.get_absolute_url()
    return {"url": url, "label": _("With its cluster"), "tone": "leaf", "icon": "stamp"}


def badge_of(row: Endorsement) -> dict[str, Any]:
    state = EndorsementState(row.state)
    is_confirmed = state == EndorsementState.CONFIRMED
    return {
        "url": row.get_absolute_url(),
        "label": row.stance_kind.label if is_confirmed else state.label,
        "tone": TONES[state],
        "icon": row.stance_kind.sign if is_confirmed else "clock",
    }


@require_safe
def show_roundtable(request: HttpRequest, slug: str) -> HttpResponse:
    """Question, background, who took part, and what came out."""
    roundtable = get_object_or_404(Roundtable.objects.visible_to(request.user), slug=slug)
    rows = Recommendation.objects.visible_to(request.user).once_adopted().filter(roundtable=roundtable)
    context = {
        "roundtable": roundtable,
        "recommendations": rows.with_endorsed_count().without_index().in_order(),
        "keeps": rules.can_keep_roundtable(request.user, roundtable),
        "crumbs": crumbs_of(),
    }
    return render(request, "policy/roundtable.html", context)


@require_safe
def show_recommendation(request: HttpRequest, slug: str) -> HttpResponse:
    """Why, what to do, what helps, who endorsed, how it goes; and the one step of the reader's municipality."""
    user, recommendation = request.user, recommendation_of(request, slug)
    items, reports = list(items_beside(user, recommendation)), list(latest_reports(user, recommendation))
    answers = answers_to(request, recommendation)
    rows, now = answers.pop("rows"), read_now(request, recommendation)
    versions = RecommendationVersion.objects.visible_to(user).filter(recommendation=recommendation)
    context = {
        "recommendation": recommendation,
        "crumbs": crumbs_of(),
        "items": items,
        "reports": newest_of_each(reports)[:LATEST_REPORTS],
        "siblings": siblings_of(user, recommendation),
        "versions": list(versions.latest_first()),
        "timeline": timeline_of(user, recommendation, rows, reports, items, keeps=now["keeps"]),
        "timeline_shown": SHOWN,
        "answers_table": rows[:MOST_IN_TABLE],
        **linking(user, recommendation),
        **answers,
        **own_standing(user, recommendation),
        **now,
    }
    return render(request, "policy/recommendation.html", context)


def read_now(request: HttpRequest, recommendation: Recommendation) -> dict[str, Any]:
    """The words in force; before the first is adopted, those of the latest version, for who keeps it."""
    version = recommendation.current_version or recommendation.versions.latest_first()[0]
    version.recommendation = recommendation
    withdrawn = (
        version.steps.filter(state=VersionState.WITHDRAWN).first() if not version.is_in_force else None
    )
    brief = reverse("serve_recommendation_brief", args=[recommendation.slug])
    return {
        **wording_of(version, language_of(request), with_summary=False),
        "brief_url": brief if recommendation.current_version else "",
        "withdrawn": withdrawn,
        "keeps": rules.is_admin(request.user) or recommendation.is_convened,
    }


def siblings_of(user: Any, recommendation: Recommendation) -> Any:
    rows = Recommendation.objects.visible_to(user).once_adopted()
    rows = rows.filter(roundtable=recommendation.roundtable)
    return rows.without_index().in_order()


def linking(user: Any, recommendation: Recommendation) -> dict[str, Any]:
    """The form that puts an item beside it, for who may."""
    find, can_link = reverse("find_item", args=[recommendation.slug]), rules.can_link_items(user)
    return {
        "can_link": can_link,
        "link_form": LinkItemForm(user=user, picker=f"{find}?q=") if can_link else None,
    }


def items_beside(user: Any, recommendation: Recommendation) -> Any:
    """Items of the library that help to carry it out, as far as the reader may see them."""
    items = Item.objects.visible_to(user).published()
    linked = items.filter(recommendation_links__recommendation=recommendation).as_cards()
    linked = linked.annotate(linked_at=F("recommendation_links__linked_at"))
    return linked.order_by("recommendation_links__position", "recommendation_links__pk")[:MOST_ITEMS]


def latest_reports(user: Any, recommendation: Recommendation) -> Any:
    """What municipalities reported last on answers in force."""
    reports = ProgressReport.objects.visible_to(user)
    reports = reports.filter(endorsement__recommendation=recommendation, endorsement__state="confirmed")
    reports = reports.select_related("endorsement__organisation")
    reports = reports.defer("endorsement__organisation__search_vector").latest_first()[:MOST_REPORTS]
    return [report.as_told_to(user) for report in reports]


def newest_of_each(reports: list[ProgressReport]) -> list[ProgressReport]:
    """One report of each answer. reports: the latest first."""
    newest: dict[int, ProgressReport] = {}
    for report in reports:
        newest.setdefault(report.endorsement_id, report)
    return list(newest.values())


def answers_to(request: HttpRequest, recommendation: Recommendation) -> dict[str, Any]:
    """All answers in force: counts, a page of the endorsers, the others by name, points for the map; one query."""
    rows = [row_of(values) for values in behind(request.user, recommendation)]
    counts = Counter(row["stance"] for row in rows)
    towns = [row for row in rows if row["type"] == OrganisationType.MUNICIPALITY]
    others = [(stance, [row for row in rows if row["stance"] == stance]) for stance in list(Stance)[1:]]
    return {
        "rows": rows,
        "page": page_of(request, [row for row in rows if row["stance"] == Stance.ENDORSES], ENDORSERS_A_PAGE),
        "town_count": sum(row["stance"] == Stance.ENDORSES for row in towns),
        "others": [
            {"stance": stance, "icon": stance.sign, "rows": found, "count": counts[stance]}
            for stance, found in others
            if found
        ],
        "points": [
            {"lat": row["lat"], "lon": row["lon"], "name": row["name"], "tone": POINTS.get(row["stance"], "")}
            for row in rows
            if row["lat"] is not None
        ],
    }


def behind(user: Any, recommendation: Recommendation) -> list[dict[str, Any]]:
    """Answers in force and what municipalities endorse with their cluster, each municipality once, by name."""
    own = Endorsement.objects.visible_to(user).in_force().filter(recommendation=recommendation)
    shares = EndorsementShare.objects.visible_to(user).counted()
    shares = shares.filter(endorsement__recommendation=recommendation)
    told = with_shares(own, shares, *(column for columns in (ROW, NAMES, PLACE) for column in columns))
    rows = each_once([dict(zip((*ROW, *NAMES, *PLACE, "is_joint"), row, strict=True)) for row in told])
    return sorted(rows, key=lambda row: (row["organisation__sort_name"], row["organisation"]))


POINTS = {Stance.ENDORSES: "teal", Stance.ALREADY_DOING: "sun"}


class Names:
    """Names of an organisation as a query gives them."""

    def __init__(self, values: dict[str, Any]):
        self.name_he, self.name_ar, self.name_en = (values[name] for name in NAMES)


def row_of(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": reverse("show_endorsement", args=[values["pk"]]),
        "name": pick(Names(values), "name"),
        "type": values["organisation__type"],
        "stance": values["stance"],
        "mandate": mandate_in(values),
        "decided_on": values["decided_on"],
        "answered_at": values["answered_at"],
        "number": values["version__number"],
        "said": Stance(values["stance"]).label,
        "lat": values[PLACE[0]],
        "lon": values[PLACE[1]],
    }


def mandate_in(values: dict[str, Any]) -> str:
    """On whose decision it answers."""
    if values["is_joint"]:
        return _("With its cluster")
    return str(Mandate(values["mandate"]).label) if values["mandate"] else ""


def own_standing(user: Any, recommendation: Recommendation) -> dict[str, Any]:
    """How the reader's municipality stands to it: the answer in force, the one on its way, what came back."""
    towns = towns_of(user)
    if not towns:
        return {"town": None, **dict.fromkeys(("own", "waiting", "returned", "share", "can_report_own"))}
    rows = Endorsement.objects.of(towns[0]).filter(recommendation=recommendation)
    latest = list(rows.latest_first()[:10])
    in_state = {state: next((row for row in latest if row.state == state), None) for state in TONES}
    returned = in_state[EndorsementState.RETURNED]
    own, waiting = in_state[EndorsementState.CONFIRMED], in_state[EndorsementState.WAITING]
    return {
        "town": towns[0],
        "own": own,
        "waiting": waiting,
        "returned": returned if returned and returned is latest[0] else None,
        "share": None if own and own.stance == Stance.ENDORSES else share_of(towns[0], recommendation),
        "can_report_own": bool(own and rules.can_report_progress(user, own)),
    }


def share_of(town: Organisation, recommendation: Recommendation) -> EndorsementShare | None:
    """The town's part in the joint endorsement of its cluster, that it confirmed or is asked about."""
    shares = EndorsementShare.objects.standing_of(town).filter(endorsement__recommendation=recommendation)
    return shares.select_related("endorsement__organisation").first()
