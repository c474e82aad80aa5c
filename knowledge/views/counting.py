"""How an item is used, in numbers that follow nobody, for those who wrote it."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge.enums import Benefit, UseKind
from knowledge.models import Item, ItemUse, Useful
from knowledge.rules.use import can_see_use
from knowledge.views.item import item_of
from members.enums import District, OrganisationType

#: Numbers below this could point at a person, and are not shown.
LEAST = 3
MONTHS = 12
MOST_NOTES = 50


@login_required
@require_safe
def show_use(request: HttpRequest, slug: str) -> HttpResponse:
    """How an item is used: by month, and over whole months by kind of organisation and district; what readers said."""
    item = item_of(request, slug)
    if not can_see_use(request.user, item):
        raise PermissionDenied
    today = timezone.localdate()
    first = months_before(today.replace(day=1), MONTHS)
    rows = list(ItemUse.objects.filter(item=item, month__gte=first))
    over = [row for row in rows if row.month < today.replace(day=1)]
    context = {
        "item": item,
        "months": by_month(rows),
        "types": groups(over, lambda row: row.organisation_type, OrganisationType, _("Visitors")),
        "districts": groups(over, lambda row: row.district, District, _("Unknown or none")),
        "benefits": benefits_of(item),
        "notes": notes_of(item),
        "least": LEAST,
        "crumbs": [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), str(item))],
    }
    return render(request, "knowledge/use.html", context)


def months_before(month: date, number: int) -> date:
    year, place = divmod(month.year * 12 + month.month - 1 - number, 12)
    return date(year, place + 1, 1)


def by_month(rows: Iterable[ItemUse]) -> list[dict[str, Any]]:
    """Month, views and downloads, the latest first; None for what is too small to be shown."""
    found: dict[date, Counter[str]] = {}
    for row in rows:
        found.setdefault(row.month, Counter())[row.kind] += row.number
    return [
        {
            "month": month,
            "views": shown(found[month][UseKind.VIEW.value]),
            "downloads": shown(found[month][UseKind.DOWNLOAD.value]),
        }
        for month in sorted(found, reverse=True)
    ]


def shown(number: int) -> int | None:
    """The number, unless it is so small that it could point at a person; nought points at nobody."""
    return number if number == 0 or number >= LEAST else None


def groups(
    rows: Iterable[ItemUse], group_of: Callable[[ItemUse], str], words: Any, rest: str
) -> list[dict[str, Any]]:
    """What each group makes up, the largest first; small numbers are left out and cannot be told from a total."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(group_of(row), Counter())[row.kind] += row.number
    told = [
        {
            "label": words(code).label if code else rest,
            "views": shown(numbers[UseKind.VIEW.value]),
            "downloads": shown(numbers[UseKind.DOWNLOAD.value]),
        }
        for code, numbers in found.items()
    ]
    kept = [row for row in told if row["views"] or row["downloads"]]
    return sorted(kept, key=lambda row: -(row["views"] or 0))


def benefits_of(item: Item) -> list[tuple[str, int]]:
    """How it was useful, and to how many."""
    said = Counter(item.useful_marks.exclude(benefit="").values_list("benefit", flat=True))
    return [(str(Benefit(code).label), number) for code, number in said.most_common()]


def notes_of(item: Item) -> list[Useful]:
    """Lines to who wrote it, the latest first."""
    notes = item.useful_marks.exclude(note="").select_related("person").defer("person__search_vector")
    return list(notes.order_by("-marked_at", "-pk")[:MOST_NOTES])
