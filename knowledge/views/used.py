"""What the page of an item shows of its use; each part a fragment of its own."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest

from knowledge.enums import Benefit
from knowledge.forms.use import UsefulForm
from knowledge.models import Adaptation, Item
from knowledge.rules import use as rules

MOST_ADAPTATIONS = 60
SHOWN = (
    *("item_id", "purpose", "result", "begun_at", "reported_at", "given_up_at"),
    *(f"organisation__{field}" for field in ("slug", "type", "name_he", "name_ar", "name_en")),
    *(f"organisation__authority__{field}" for field in ("name_he", "name_ar", "name_en", "lat", "lon")),
)


def context_of_used(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Context of the fragments below ``knowledge/_used….html``."""
    if not item.published_id:
        return {}
    rows = adaptations_of(request.user, item)
    return {
        **context_of_use(request, item),
        "travelled": travelled(rows),
        "can_collect": rules.is_collector(request.user),
        "can_adapt": rules.can_adapt_item(request.user, item),
        "own_adaptation": own_adaptation(request.user, rows),
    }


def adaptations_of(user: Any, item: Item) -> list[Adaptation]:
    """Who adapts an item, as far as this person may know; those who told how it went first."""
    rows = Adaptation.objects.visible_to(user).standing().filter(item=item)
    rows = rows.select_related("organisation__authority").only(*SHOWN)
    return list(rows.order_by(F("reported_at").desc(nulls_last=True), "-begun_at", "-pk")[:MOST_ADAPTATIONS])


def travelled(rows: list[Adaptation]) -> dict[str, Any]:
    """Context of ``knowledge/_travelled.html``."""
    towns = [(row, row.organisation.authority) for row in rows]
    points = [
        {"lat": town.lat, "lon": town.lon, "name": town.name, "tone": "leaf" if row.is_reported else "teal"}
        for row, town in towns
        if town and town.lat is not None
    ]
    return {"rows": rows, "points": points}


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
