"""From a gap onward: what the network recommends, what others like this one did, who pays for it and whom to ask."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, Q, TextField, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge.enums import ItemKind
from knowledge.models import Item
from members.models import LocalAuthority, Organisation
from munistem.commons.days.school import school_year_name
from munistem.commons.enums import LifeStage, Setting
from policy.enums import Gap, Indicator
from policy.models import Programme, ProgrammeFunder, Recommendation
from policy.models.calls import calls_open
from policy.models.family import family_of
from policy.views.calls.fitted import as_shown
from policy.views.calls.pages import calls_for_cell
from policy.views.drawing import Part, Picture
from policy.views.frame import crumbs_of
from policy.views.picture import look_at, picture_url
from policy.views.programme import authority_of, list_url

#: What a recommendation should move so that it answers a gap.
MOVES = {
    Gap.EMPTY: Indicator.EMPTY_CELLS,
    Gap.GIRLS: Indicator.GIRLS_SHARE,
    Gap.REACH: Indicator.COVERAGE,
    Gap.UNKNOWN: Indicator.UNKNOWN,
}
CASES = (ItemKind.CASE_STUDY, ItemKind.LOCAL_MODEL)
MOST = 6


@require_safe
def show_gap(request: HttpRequest, code: int, stage: str, setting: str) -> HttpResponse:
    """A cell of the picture and the ways on from it (``?year=``)."""
    if stage not in LifeStage.values or setting not in Setting.values:
        raise Http404
    authority = authority_of(code)
    looked = look_at(request, authority)
    picture = looked.picture
    part = part_of(picture, stage, setting)
    family, user = family_of(authority), request.user
    context = {
        "authority": authority,
        "stage": LifeStage(stage),
        "part": part,
        "plan_url": plan_url(part) if looked.keeps else "",
        "year_name": school_year_name(picture.year),
        **recommended_for(user, part.gaps, stage),
        "cases_url": f"{reverse('list_items')}?{urlencode({'stage': stage, 'kind': ItemKind.CASE_STUDY.value})}",
        **items_for(user, authority, family, stage, setting),
        **people_of(user, family, picture.year, stage, setting),
        "crumbs": crumbs_to(authority, picture.year),
    }
    return render(request, "policy/gap.html", context)


def crumbs_to(authority: LocalAuthority, year: int) -> list[tuple[str, str]]:
    """The way to a picture and what hangs on it."""
    picture = (picture_url(authority, year=year), _("The overall picture"))
    return [*crumbs_of(), (authority.get_absolute_url(), authority.name), picture]


def plan_url(part: Part) -> str:
    """Where a gap is added to the plan, in the same school year."""
    page, year = part.gap_url.split("?")
    return f"{page}plan/?{year}"


def part_of(picture: Picture, stage: str, setting: str) -> Part:
    parts = next(row.parts for row in picture.stages if row.stage == stage)
    return next(part for part in parts if part.setting == setting)


def recommended_for(user: Any, gaps: list[Gap], stage: str) -> dict[str, list[Recommendation]]:
    """What the network recommends that moves just this, and besides what it recommends for the life stage; one query."""
    moves = [MOVES[gap].value for gap in gaps]
    same = Q(current_version__indicators__overlap=moves) if moves else Q(pk__in=[])
    rows = Recommendation.objects.visible_to(user).in_force().without_index()
    rows = rows.filter(same | Q(life_stages__contains=[stage])).with_endorsed_count()
    rows = rows.annotate(moves_it=Case(When(same, then=Value(True)), default=Value(False)))
    found = list(rows.order_by("-moves_it", "roundtable", "number")[:MOST])
    first, rest = [row for row in found if row.moves_it], [row for row in found if not row.moves_it]
    return {"recommendations": first or rest, "for_stage": rest if first else []}


def items_for(
    user: Any, authority: LocalAuthority, family: list[LocalAuthority], stage: str, setting: str
) -> dict[str, list[Any]]:
    """What those alike told of what they did for the life stage, and open calls for the cell; both read at once."""
    rows = Item.objects.visible_to(user).published()
    cases = rows.filter(published__kind__in=CASES, organisation__authority__in=family)
    cases = cases.filter(published__life_stages__contains=[stage])
    asked = Q(pk__in=cases.values("pk")) | Q(pk__in=calls_open(user).having({"stage": stage}).values("pk"))
    found = list(as_shown(rows.filter(asked)).latest_first())
    calls = [item for item in found if item.published.kind == ItemKind.CALL]
    return {
        "cases": [item for item in found if item not in calls][:MOST],
        "calls": calls_for_cell(calls, authority, setting)[:MOST],
    }


def people_of(
    user: Any, family: list[LocalAuthority], year: int, stage: str, setting: str
) -> dict[str, list[Any]]:
    """Members that pay for programmes of the cell, and municipalities that are alike and run some, in their order."""
    programmes = Programme.objects.visible_to(user).at(stage=stage, setting=setting).order_by()
    paid = ProgrammeFunder.objects.filter(programme__in=programmes.values("pk"), organisation__isnull=False)
    run = programmes.filter(authority__in=family).in_year(year)
    counted = list(count_by(paid.order_by(), "organisation").union(count_by(run, "authority"), all=True))
    payers, running = ({key: count for sort, key, count in counted if sort == by} for by in COUNTED_BY)
    asked = Q(pk__in=payers) | Q(authority__in=running)
    members = Organisation.objects.visible_to(user).members().filter(asked)
    pages = list(members.defer("search_vector", "search_title"))
    return {
        "funders": funders_of(pages, payers),
        "peers": peers_of(pages, family, running, {"stage": stage, "setting": setting, "year": year}),
    }


COUNTED_BY = ("organisation", "authority")


def count_by(rows: Any, name: str) -> Any:
    """How many rows there are of each, under the name by which they are counted."""
    counted = rows.values(name).annotate(by=Value(name, TextField()), count=Count("pk"))
    return counted.values_list("by", name, "count")


def funders_of(pages: list[Organisation], payers: dict[int, int]) -> list[Organisation]:
    """Those of most programmes first."""
    found = sorted((row for row in pages if row.pk in payers), key=lambda row: (-payers[row.pk], row.pk))
    for row in found:
        row.paid_count = payers[row.pk]
    return found[:MOST]


def peers_of(
    pages: list[Organisation], family: list[LocalAuthority], running: dict[int, int], cell: dict[str, Any]
) -> list[LocalAuthority]:
    """The most alike first, each with its page in the network, if it has one."""
    page_of = {row.authority_id: row for row in pages}
    peers = [row for row in family if row.pk in running]
    for row in peers:
        row.running, row.page, row.running_url = running[row.pk], page_of.get(row.pk), list_url(row, **cell)
    return peers[:MOST]
