"""Calls for proposals as one reader sees them: how each fits their municipality, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from knowledge.models import Item
from knowledge.models.details import codes_in
from knowledge.models.item import CARD
from members.models import LocalAuthority, RegionalCluster
from munistem.commons.enums import Language, LifeStage, Setting
from policy.enums import Gap
from policy.enums.call import CallWish, Fit
from policy.models import CallChoice
from policy.models.calls import deadline_of, work_of
from policy.models.fitting import Town, checks_of, fit_of, said, town_of
from policy.rules.call import town_of_reader
from policy.views.picture import look_at

SHOWN = (*CARD, "published__details", "published__settings")
#: Days before its end from which a call is marked as urgent.
URGENT = 14
MOST_GAPS = 3
#: Gaps that a programme could close; what is not known is asked of the municipality itself.
CLOSABLE = (Gap.EMPTY, Gap.GIRLS, Gap.REACH)


@dataclass(frozen=True)
class GapHere:
    """A gap in the reader's picture: its cell, what is missing, where one goes on."""

    stage: LifeStage
    setting: Setting
    gaps: list[Gap]
    url: str

    @property
    def words(self) -> str:
        return f"{self.stage.label} · {self.setting.label}"


@dataclass
class Side:
    """A municipality with its facts and gaps; names: of regional clusters."""

    name: str
    town: Town
    gaps: list[GapHere]
    names: Mapping[str, str]


@dataclass
class Call:
    """A call with all that is said of it to one reader."""

    item: Item
    deadline: date | None
    days: int | None
    wish: str = ""
    fit: Fit | None = None
    reasons: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    gaps: list[GapHere] = field(default_factory=list)

    @property
    def is_urgent(self) -> bool:
        return self.days is not None and self.days <= URGENT

    @property
    def is_followed(self) -> bool:
        return self.wish == CallWish.FOLLOW

    @property
    def is_aside(self) -> bool:
        return self.wish == CallWish.NOT_FOR_US


def side_of(request: HttpRequest) -> Side | None:
    """The municipality that the reader acts for, with the gaps of its picture; six queries, none for other readers."""
    organisation = town_of_reader(request.user)
    if organisation is None:
        return None
    rows = LocalAuthority.objects.select_related("cluster").defer("search_vector", "search_title")
    authority = rows.get(pk=organisation.authority_id)
    picture = look_at(request, authority).picture
    gaps = [
        GapHere(row.stage, part.setting, known, part.gap_url)
        for row in picture.stages
        for part in row.parts
        if (known := [gap for gap in part.gaps if gap in CLOSABLE])
    ]
    names = {row.slug: row.name for row in RegionalCluster.objects.all()}
    return Side(organisation.name, town_of(authority, authority.cluster), gaps, names)


def side_in_cell(authority: LocalAuthority, calls: list[Item]) -> Side:
    """A municipality whose cluster was not fetched, beside these calls; clusters are read only if a call asks for them."""
    asks = any(codes_in(item.published.details, "clusters") for item in calls if item.published)
    clusters = list(RegionalCluster.objects.all()) if asks else []
    own = next((row for row in clusters if row.pk == authority.cluster_id), None)
    return Side(authority.name, town_of(authority, own), [], {row.slug: row.name for row in clusters})


def as_shown(items: Any) -> Any:
    """Each work once, in the reader's language where there is such an edition, with what lists of calls show."""
    rows = items.one_per_work(get_language() or Language.HE)
    return rows.select_related("published", "organisation").only(*SHOWN)


def fitted(items: Iterable[Item], side: Side | None, wishes: Mapping[int, str]) -> list[Call]:
    """The calls as this reader is told of them. wishes: key of the work → what the reader said of it."""
    today = timezone.localdate()
    calls = []
    for item in items:
        deadline = deadline_of(item)
        call = Call(
            item, deadline, (deadline - today).days if deadline else None, wishes.get(work_of(item), "")
        )
        if side:
            fit_in(call, side)
        calls.append(call)
    return calls


def fit_in(call: Call, side: Side) -> None:
    """Write down how a call fits, each reason as a fact."""
    assert call.item.published
    checks = checks_of(call.item.published.details, side.town)
    call.fit = fit_of(checks)
    for check in checks:
        words = said(check, side.names)
        place = call.unknown if check.fits is None else call.reasons if check.fits else call.lacks
        place.append(words)
    if call.fit != Fit.NOT:
        call.gaps = gaps_met(call.item.published, side.gaps)[:MOST_GAPS]


def gaps_met(revision: Any, gaps: list[GapHere]) -> list[GapHere]:
    """Gaps in the cells that a call names; a call without a life stage names none, one without a setting all of a stage."""
    settings = revision.settings or Setting.values
    return [gap for gap in gaps if gap.stage in revision.life_stages and gap.setting in settings]


def wishes_of(user: Any, items: Iterable[Item]) -> dict[int, str]:
    """What the reader said of these calls, by key of the work; one query."""
    works = [work_of(item) for item in items]
    rows = CallChoice.objects.visible_to(user).filter(item__in=works)
    return dict(rows.values_list("item_id", "wish")) if works and user.is_authenticated else {}
