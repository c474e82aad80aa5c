"""What the page of an item shows of its use; each part a fragment of its own."""

import re
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from knowledge.actions.counting import TALLY, Use
from knowledge.enums import Benefit, UseKind
from knowledge.forms.use import UsefulForm
from knowledge.models import Adaptation, Item
from knowledge.models.citation import Cited, cited
from knowledge.rules import is_own, is_reviewer
from knowledge.rules import use as rules
from munistem.commons.ready import Reader, ready

MACHINE = re.compile(
    r"bot|crawl|spider|slurp|preview|monitor|scan|fetch|curl|wget|python|java/|go-http|libwww|headless|facebookexternal|whatsapp|embed",
    re.IGNORECASE,
)
MOST_ADAPTATIONS = 60
SHOWN = (
    *("item_id", "purpose", "result", "begun_at", "reported_at", "given_up_at"),
    *(f"organisation__{field}" for field in ("slug", "type", "name_he", "name_ar", "name_en")),
    *(f"organisation__authority__{field}" for field in ("name_he", "name_ar", "name_en", "lat", "lon")),
)


def context_of_used(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Context of the fragments that tell how a published item is used; that it is looked at now is counted."""
    if not item.published_id:
        return {}
    count_use(request, item, UseKind.VIEW)
    rows = adaptations_of(request.user, item)
    return {
        **context_of_use(request, item),
        "travelled": travelled(rows),
        "cited": [told(row) for row in cited(request.user, item)],
        "can_see_use": rules.can_see_use(request.user, item),
        "can_collect": rules.is_collector(request.user),
        "can_adapt": rules.can_adapt_item(request.user, item),
        "own_adaptation": own_adaptation(request.user, rows),
    }


def count_use(request: HttpRequest, item: Item, kind: UseKind) -> None:
    """Count that a published item was looked at or downloaded: by people, and not by those who keep it."""
    user = request.user
    if not item.published_id or is_machine(request) or is_own(user, item) or is_reviewer(user):
        return
    acting: Any = user.acting_for if user.is_authenticated else None
    month = timezone.localdate().replace(day=1)
    kind_of_body, authority = (acting.type, acting.authority_id or 0) if acting else ("", 0)
    TALLY.add(Use(item.pk, month, kind.value, kind_of_body, authority))


def is_machine(request: HttpRequest) -> bool:
    """Whether nobody looks: search engines, previews of links, pages fetched ahead, later parts of a recording."""
    agent = request.headers.get("User-Agent", "")
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    is_later_part = not request.headers.get("Range", "bytes=0-").startswith("bytes=0-")
    return (
        request.method != "GET"
        or not agent
        or bool(MACHINE.search(agent))
        or "prefetch" in ahead
        or is_later_part
    )


def adaptations_of(user: Any, item: Item) -> list[Adaptation]:
    """Who adapts an item, as far as this person may know; those who told how it went first."""
    return adaptations_to_show(user, item.pk)


@ready
def adaptations_to_show(reader: Reader, item: int) -> QuerySet[Adaptation]:
    rows = Adaptation.objects.visible_to(reader).standing().filter(item=item)
    rows = rows.select_related("organisation__authority").only(*SHOWN)
    return rows.order_by(F("reported_at").desc(nulls_last=True), "-begun_at", "-pk")[:MOST_ADAPTATIONS]


def travelled(rows: list[Adaptation]) -> dict[str, Any]:
    """Context of ``knowledge/_travelled.html``."""
    towns = [(row, row.organisation.authority) for row in rows]
    points = [
        {"lat": town.lat, "lon": town.lon, "name": town.name, "tone": "leaf" if row.is_reported else "teal"}
        for row, town in towns
        if town and town.lat is not None
    ]
    return {"rows": rows, "points": points}


#: Sort of place → the name of its address.
PLACES = {"topic": "show_topic", "collection": "show_collection", "recommendation": "show_recommendation"}


def told(place: Cited) -> dict[str, str]:
    """A place that speaks of the item, with its address."""
    return {**place._asdict(), "url": reverse(PLACES[place.sort], args=[place.key])}


def own_adaptation(user: Any, rows: list[Adaptation]) -> Adaptation | None:
    """That of the organisation this person acts for, which is never left out of what they see."""
    acting = user.acting_for if user.is_authenticated else None
    return next((row for row in rows if acting and row.organisation_id == acting.pk), None)


def context_of_use(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Context of ``knowledge/_use.html``: what the reader marked (an item fetched ``with_marks_of`` them), and what they may."""
    user = request.user
    mark = item.my_mark  # type: ignore[attr-defined]
    return {
        "can_mark": rules.can_mark_item(user, item),
        "can_call_useful": rules.can_call_useful(user, item),
        "mark": mark,
        "benefit": Benefit(mark["benefit"]).label if mark and mark["benefit"] else "",
        "useful_form": UsefulForm(initial=mark) if mark else None,
        "is_saved": item.is_saved,  # type: ignore[attr-defined]
    }
