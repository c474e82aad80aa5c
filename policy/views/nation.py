"""The overall picture of many municipalities: of the whole country, a district, a regional cluster."""

import pickle
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.enums import District
from members.models import LocalAuthority, RegionalCluster
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.versions import drawn_once, printed
from policy.enums import Gap
from policy.models.gaps import sum_gaps_of
from policy.models.honest import Honest
from policy.models.nation import NOTHING, Many, Running, Told, running_in, told_by_year
from policy.models.picture import Cell
from policy.views.drawing import people_words
from policy.views.frame import crumbs_of
from policy.views.picture import MOST_YEARS, Year, asked_year, picture_url
from policy.views.programme import list_url

KEPT = 600  # seconds


@dataclass(frozen=True)
class Scope:
    """Of whom a picture is drawn: ``cluster`` or ``district``, or the whole country."""

    cluster: RegionalCluster | None = None
    district: str = ""

    @property
    def name(self) -> str:
        if self.cluster:
            return self.cluster.name
        return str(District(self.district).label) if self.district else _("The whole country")

    @property
    def authorities(self) -> QuerySet:
        rows = LocalAuthority.objects.all()
        if self.cluster:
            return rows.filter(cluster=self.cluster)
        return rows.filter(district=self.district) if self.district else rows

    @property
    def is_nation(self) -> bool:
        return not self.cluster and not self.district

    def url(self, year: int, file: str = "") -> str:
        """file: of its cells, to take along; else its page."""
        asked = {"district": self.district} if self.district else {}
        cluster = self.cluster and reverse("show_cluster_picture", args=[self.cluster.slug])
        return f"{cluster or reverse('show_national_picture')}{file}?{urlencode(asked | {'year': year})}"


@dataclass
class Part:
    """A cell of many municipalities."""

    setting: Setting
    running: Running
    many: Many
    gaps: list[Gap]
    url: str


@dataclass
class Stage:
    """A life stage of many municipalities; ``rest`` is told of it without a setting."""

    stage: LifeStage
    place: int
    running: Running
    many: Many
    rest: Many | None
    parts: list[Part]


@dataclass
class Looked:
    """A picture of many municipalities in one school year. towns: how many they are."""

    scope: Scope
    year: int
    towns: int
    sums: dict[int, Told]
    running: dict[Cell, Running]

    @property
    def told(self) -> Told:
        return self.sums.get(self.year, NOTHING)

    @property
    def is_empty(self) -> bool:
        return not self.all_running.programmes and not self.told.cells

    @property
    def all_running(self) -> Running:
        return self.running.get(Cell("", ""), Running())

    @property
    def stages(self) -> list[Stage]:
        return [self._stage(stage, place) for place, stage in enumerate(LifeStage, 1)]

    def _stage(self, stage: LifeStage, place: int) -> Stage:
        many, rest = self.told.stages.get(stage, Many()), self.told.cells.get(Cell(stage, ""))
        parts = [self._part(Cell(stage, setting)) for setting in Setting]
        return Stage(stage, place, self.running.get(Cell(stage, ""), Running()), many, rest, parts)

    def _part(self, place: Cell) -> Part:
        running, many = self.running.get(place, Running()), self.told.cells.get(place, Many())
        gaps = [] if self.is_empty else sum_gaps_of(running.programmes, many.told)
        cell = {"stage": place.stage, "setting": place.setting, "year": self.year}
        url = list_url(**cell) if self.scope.is_nation else ""
        return Part(Setting(place.setting), running, many, gaps, url)


@require_safe
def show_national_picture(request: HttpRequest) -> HttpResponse:
    """What all municipalities tell together (``?year=``), or those of a district (``?district=``)."""
    return show(request, nation_of(request))


@require_safe
def show_cluster_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """What the municipalities of a regional cluster tell together (``?year=``)."""
    return show(request, cluster_of(slug))


def nation_of(request: HttpRequest) -> Scope:
    district = request.GET.get("district", "")
    return Scope(district=district if district in District.values else "")


def cluster_of(slug: str) -> Scope:
    return Scope(cluster=get_object_or_404(RegionalCluster, slug=slug[:80]))


def look_at(request: HttpRequest, scope: Scope, towns: int) -> Looked:
    """What was added up in the last ten minutes: every reader is told the same."""
    year, sums, running = pickle.loads(added_up(request, scope)[1])  # noqa: S301 - of our own making
    return Looked(scope, year, towns, sums, running)


def added_up(request: HttpRequest, scope: Scope) -> tuple[str, bytes]:
    """A mark of its own for what was added up, and that in one piece: a page that is drawn already needs the mark only."""
    now, asked = current_school_year(), request.GET.get("year", "")
    years = range(now - MOST_YEARS + 1, now + 1)
    whose = f"cluster-{scope.cluster.pk}" if scope.cluster else f"district-{scope.district}"
    key = f"picture:{whose}:{now}:{asked if asked in map(str, years) else ''}"
    if (known := cache.get(key)) is None:
        sums = told_by_year(scope.authorities, years)
        year = asked_year(request, sums)
        known = uuid4().hex, pickle.dumps((year, sums, running_in(scope.authorities, year)))
        cache.set(key, known, KEPT)
    return known


def show(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The page, drawn once in each process and language for what was added up."""
    key = ("nation", added_up(request, scope)[0], get_language())
    body = drawn_once(key, lambda: print_body(request, scope))
    return render(request, "policy/nation.html", {"scope": scope, "body": body})


def print_body(request: HttpRequest, scope: Scope) -> SafeString:
    places = list(scope.authorities.only("name_he", "name_ar", "name_en", "district", "cluster"))
    looked = look_at(request, scope, len(places))
    stages, year = looked.stages, looked.year
    said = {
        "scope": scope,
        "picture": looked,
        "stages": stages,
        "counts": {row.stage: row.running.programmes for row in stages},
        "missing": [] if looked.is_empty else [row.stage for row in stages if not row.running.programmes],
        "details": {
            row.stage: people_words(row.many.told.participants) for row in stages if row.many.told.is_known
        },
        "unplaced": looked.told.stages.get(""),
        "year_name": school_year_name(year),
        "years": years_of(looked),
        "municipalities": [] if scope.is_nation else places_of(looked, places),
        "groups": groups_of(looked, places) if scope.is_nation else [],
        "unknowns": unknowns_of(looked),
        "csv_url": scope.url(year, "table.csv"),
        "json_url": scope.url(year, "list.json"),
        "crumbs": crumbs_of() if scope.is_nation else [*crumbs_of(), nation_crumb(year)],
    }
    return printed("policy/_nation.html", said)


def nation_crumb(year: int) -> tuple[str, str]:
    return Scope().url(year), _("The overall picture of the country")


def years_of(looked: Looked) -> list[Year]:
    """The years that are told and the one that is shown, the latest first."""
    return [
        Year(school_year_name(year), looked.scope.url(year), told.whole.told, year == looked.year, told.whole.towns)
        for year in sorted({*looked.sums, looked.year}, reverse=True)
        for told in [looked.sums.get(year, NOTHING)]
    ]  # fmt: skip


def places_of(looked: Looked, places: list[LocalAuthority]) -> list[dict[str, Any]]:
    """The municipalities by name, each with its picture and whether it tells participants."""
    rows = [
        {"name": row.name, "url": picture_url(row, year=looked.year), "tells": row.pk in looked.told.codes}
        for row in places
    ]
    return sorted(rows, key=lambda row: row["name"].casefold())


def groups_of(looked: Looked, places: list[LocalAuthority]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Districts and regional clusters, each with how many of its municipalities tell participants."""
    clusters = sorted(RegionalCluster.objects.all(), key=lambda row: row.name.casefold())
    told = looked.told.codes
    districts = [
        (Scope(district=code), [row.pk in told for row in places if row.district == code])
        for code in District.values
    ]
    regions = [
        (Scope(cluster=one), [row.pk in told for row in places if row.cluster_id == one.pk])
        for one in clusters
    ]
    return [
        (title, [group_of(scope, tell, looked.year) for scope, tell in rows if tell])
        for title, rows in ((_("By district"), districts), (_("By regional cluster"), regions))
    ]


def group_of(scope: Scope, tell: list[bool], year: int) -> dict[str, Any]:
    return {"name": scope.name, "url": scope.url(year), "telling": sum(tell), "all": len(tell)}


def unknowns_of(looked: Looked) -> list[str]:
    """What we do not know, each in a sentence."""
    whole, silent = looked.told.whole, looked.towns - looked.told.whole.towns
    text = ngettext(
        "One municipality tells nothing of participants.",
        "%(count)s municipalities tell nothing of participants.",
        silent,
    )
    return [text % {"count": silent}] * bool(silent) + left_out(whole.told)


def left_out(told: Honest) -> list[str]:
    """Groups that are not told because they are small, and participants that nobody knows."""
    small = ngettext(
        "One small group is left out of the figures.",
        "%(count)s small groups are left out of the figures.",
        told.small,
    )
    veiled = ngettext(
        "One group tells its participants and nothing of girls: too few.",
        "%(count)s groups tell their participants and nothing of girls: too few.",
        told.veiled,
    )
    untold = ngettext(
        "Participants of one part of a programme are not known.",
        "Participants of %(count)s parts of programmes are not known.",
        told.untold,
    )
    counted = ((small, told.small), (veiled, told.veiled), (untold, told.untold))
    return [text % {"count": count} for text, count in counted if count]
